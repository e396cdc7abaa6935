import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { PUBLICATION } from '../../src/compliance/archive/format/publication-path.ts'
import { deriveLogKeys } from '../../src/compliance/archive/keys/log-keys.ts'
import { findLog } from '../../src/compliance/archive/log/open-log.ts'
import { checkTree } from '../../src/compliance/archive/tree/check-tree.ts'
import { growAfter } from '../../src/compliance/archive/tree/grow-after.ts'
import { signTree } from '../../src/compliance/archive/tree/sign-tree.ts'
import { readTree } from '../../src/compliance/archive/tree/tree-state.ts'
import { HOUR_MS } from '../../src/core/time.ts'
import { deriveKeyRing } from '../../src/crypto/key-ring.ts'
import { appendDigests, type Edge, EMPTY_EDGE, formatEdge } from '../../src/tlog/edge.ts'
import { digestOfLine } from '../../src/tlog/entry.ts'
import { parseNote, verifyNote } from '../../src/tlog/note.ts'
import { alarmNames, headSequence, pathOf } from '../support/archive.ts'
import { event, record } from '../support/audit-events.ts'
import { listenToConsole } from '../support/console.ts'
import { faultsAt } from '../support/faults-at.ts'
import { faultyEnv, killedAt } from '../support/faulty-env.ts'
import { jobContext } from '../support/job-context.ts'
import { envWithKeys } from '../support/root-keys.ts'
import { deliver, rows, runCron } from '../support/service.ts'
import { change } from '../support/stores.ts'
import {
  deleteTiles,
  expectPrefixes,
  expectTree,
  linesUpTo,
  project,
  putTreeRow,
  storedTiles,
  treeRow,
} from '../support/tree.ts'

const FIVE_MINUTES = '*/5 * * * *'
const MINUTE_MS = HOUR_MS / 60

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

let numbered = 0

/** Records and delivers this many events as one batch. */
async function archive(count: number, using: Env = env): Promise<void> {
  const events = Array.from({ length: count }, () => event(++numbered))
  await record(events)
  expect(await deliver(events, using)).toBe(true)
}

const expectWhole = async (using: Env = env) => expectTree(await headSequence(), { using })
const putTile = (path: string, bytes: Uint8Array | string) => env.ARCHIVE.put(`log/tile/${path}`, bytes)

/** A tree over other lines than those of the archive. */
const otherEdge = (size: number): Edge =>
  appendDigests(
    EMPTY_EDGE,
    Array.from({ length: size }, (_, i) => digestOfLine(`other ${i}`)),
  ).edge

/** Publishes a tree that the database had. The signature of the publication is not needed. */
async function publishRow(row: { readonly edge: string; readonly note: string } | undefined): Promise<void> {
  const payload = JSON.stringify({ log: { note: row?.note, edge: row?.edge } })
  await env.VAULT.put(PUBLICATION, `e30.${Buffer.from(payload).toString('base64url')}.x`)
}

/** Publishes a tree that this service has signed. */
async function publish(edge: Edge): Promise<void> {
  const ctx = await jobContext()
  const { note } = await signTree(ctx, 'latchkey.test/audit', edge)
  const log = { note, edge: formatEdge(edge), cosigned_at: 1 }
  await ctx.vaultStatements.replace(
    PUBLICATION,
    await ctx.receipts.sign('latchkey-publication+jws', { log }),
    undefined,
  )
}

describe('K5 somebody who writes the archive puts other bytes in place of a tile', () => {
  test.each(['0/000', 'entries/000'])('before the tile is full: replaced, with an alarm: %s', async (path) => {
    await archive(100)
    await putTile(path, new Uint8Array(8192))
    await archive(100)
    expect(await alarmNames()).toEqual([])
    await archive(100)
    expect(await alarmNames()).toEqual(['tree_planted'])
    await expectWhole()
  })

  test('a tree that grows again replaces them, also below the published size', async () => {
    await archive(100)
    const earlier = await treeRow()
    for (let n = 0; n < 2; n++) await archive(100)
    const published = await treeRow()
    await publishRow(published)
    await putTile('0/000', 'x'.repeat(8192))
    await putTile('entries/000', 'short')
    await putTreeRow(earlier)
    await project()
    expect(await alarmNames()).toEqual(['tree_planted'])
    expect(await expectWhole()).toBe(published?.note)
  })

  test('the same bytes are no attack', async () => {
    for (let n = 0; n < 3; n++) await archive(100)
    await change('DELETE FROM log_tree')
    await project()
    expect(await alarmNames()).toEqual([])
    await expectWhole()
  })

  test.each([
    ['at its size', 150],
    ['in a tile', 400],
  ])('the segments contradict the published tree %s: nothing is signed, and the archive goes on', async (_, size) => {
    for (let n = 0; n < 3; n++) await archive(100)
    const edge = otherEdge(size)
    await publish(edge)
    const { full } = appendDigests(
      EMPTY_EDGE,
      Array.from({ length: size }, (_, i) => digestOfLine(`other ${i}`)),
    )
    for (const { level, bytes } of full) await putTile(`${level}/000`, bytes)
    await change('DELETE FROM log_tree')
    await expect(project()).rejects.toThrow(expect.objectContaining({ name: 'LogForkError' }))
    expect(await alarmNames()).toEqual(['log_forked'])
    expect(await treeRow()).toBeUndefined()
    for (const { level, bytes } of full) {
      expect(new Uint8Array(await ((await env.ARCHIVE.get(`log/tile/${level}/000`))?.arrayBuffer() ?? []))).toEqual(
        new Uint8Array(bytes),
      )
    }
    await archive(10)
    expect(await treeRow()).toBeUndefined()
    expect(await alarmNames()).toEqual(['log_forked'])
  })

  test('a published tree that this service did not sign changes nothing', async () => {
    await archive(10)
    const foreign = await deriveKeyRing([{ version: 1, secret: new Uint8Array(32).fill(7) }])
    const edge = otherEdge(5)
    const { note } = await signTree({ ring: foreign }, 'latchkey.test/audit', edge)
    const jws = await (await jobContext()).receipts.sign('latchkey-publication+jws', {
      log: { note, edge: formatEdge(edge) },
    })
    await env.VAULT.put(PUBLICATION, jws)
    await change('DELETE FROM log_tree')
    await project()
    await expectWhole()
  })
})

describe('K4 somebody who writes the database', () => {
  type Row = Record<'segment' | 'edge' | 'note', unknown>
  const forged = async ({ segment, edge }: Row): Promise<Row> => {
    const ring = await deriveKeyRing([{ version: 1, secret: new Uint8Array(32).fill(7) }])
    const other = otherEdge(JSON.parse(String(edge)).size)
    return { segment, edge: formatEdge(other), ...(await signTree({ ring }, 'latchkey.test/audit', other)) }
  }
  const attacks: Readonly<Record<string, (row: Row, earlier: Row) => Row | Promise<Row>>> = {
    'the segment before': (row) => ({ ...row, segment: Number(row.segment) - 1 }),
    'the segment after': (row) => ({ ...row, segment: Number(row.segment) + 1 }),
    'no segment': (row) => ({ ...row, segment: 0 }),
    'a segment far ahead': (row) => ({ ...row, segment: 9_007_199_254_740_991 }),
    'a number beyond those of JavaScript': (row) => ({ ...row, segment: 9.3e18 }),
    'an earlier tree': (_, earlier) => earlier,
    'the edge of an earlier tree': (row, { edge }) => ({ ...row, edge }),
    'the note of an earlier tree': (row, { note }) => ({ ...row, note }),
    'the segment of an earlier tree': (row, { segment }) => ({ ...row, segment }),
    'an edge that is none': (row) => ({ ...row, edge: '{}' }),
    'an edge without end': (row) => ({ ...row, edge: 'x'.repeat(300_000) }),
    'an edge with one other bit': (row) => ({
      ...row,
      edge: String(row.edge).replace(/A|B/, (c) => (c === 'A' ? 'B' : 'A')),
    }),
    'a note that is none': (row) => ({ ...row, note: 'x' }),
    'a note without end': (row) => ({ ...row, note: 'x'.repeat(300_000) }),
    'a note with another size': (row) => ({ ...row, note: String(row.note).replace(/\n\d+\n/, '\n99\n') }),
    'bytes for texts': () => ({ segment: 'x', edge: new Uint8Array(3), note: new Uint8Array(3) }),
    'a tree that they signed': forged,
  }

  test('puts other things into the row, or takes it away: the tree is the same in the end', async () => {
    await archive(100)
    const earlier = await treeRow()
    await archive(120)
    await archive(100)
    const genuine = await treeRow()
    await archive(20)
    const whole = { note: await expectWhole(), row: await treeRow(), tiles: await storedTiles() }
    const [ctx, log] = [await jobContext(), await findLog(await jobContext())]
    if (earlier === undefined || genuine === undefined || log === undefined) throw new Error('no tree')
    const notes = [earlier.note, genuine.note, whole.note]
    for (const [name, attack] of [...Object.entries(attacks), ['no row', undefined] as const]) {
      await change('DELETE FROM log_tree')
      const row = await attack?.(genuine, earlier)
      if (row) await change('INSERT INTO log_tree VALUES (1, ?, ?, ?, 1)', row.segment, row.edge, row.note)
      await growAfter(ctx, log, [])
      const believed = await readTree(ctx)
      if (believed) notes.push(believed.note)
      await project()
      expect({ name, row: await treeRow(), tiles: await storedTiles() }).toEqual({
        name,
        row: whole.row,
        tiles: whole.tiles,
      })
    }
    await expectPrefixes(notes, await linesUpTo(await headSequence()))
    expect(await alarmNames()).toEqual([])
  })

  test('K21 puts an earlier tree back under another number: the check finds that the tree is behind', async () => {
    await archive(3)
    const earlier = await treeRow()
    await archive(3)
    await archive(3)
    const genuine = Number(earlier?.segment)
    const numbers = [genuine - 1, genuine, genuine + 1, await headSequence()]
    expect(numbers).toEqual([1, 2, 3, 4])
    for (const segment of numbers) {
      await change('DELETE FROM log_tree')
      await change('INSERT INTO log_tree VALUES (1, ?, ?, ?, 1)', segment, earlier?.edge, earlier?.note)
      // With the genuine number there is no finding, because the segments after it are new.
      expect(await checkTree(await jobContext())).toMatchObject({ tree_behind: segment !== genuine })
    }
  })
})

test('K4 the row is lost: the published tree goes on, and is not built again', async () => {
  for (let n = 0; n < 3; n++) await archive(100)
  await publishRow(await treeRow())
  for (let n = 0; n < 12; n++) await archive(1)
  const whole = { row: await treeRow(), tiles: await storedTiles() }
  await change('DELETE FROM log_tree')
  await deleteTiles()
  await archive(1)
  expect(await treeRow()).toBeUndefined()
  await project()
  expect((await treeRow())?.segment).toBe(await headSequence())
  expect(await storedTiles()).toEqual({})
  await change('DELETE FROM log_tree')
  await env.VAULT.delete(PUBLICATION)
  await project()
  await expectWhole()
  expect(await storedTiles()).toEqual(whole.tiles)
})

describe('K4 the stores refuse, or a run is cut off', () => {
  const refusing = (prefix: string): Env => ({
    ...env,
    ARCHIVE: new Proxy(env.ARCHIVE, {
      get(target, name) {
        if (name !== 'put') return Reflect.get(target, name).bind(target)
        return async (path: string, ...rest: [never]) => {
          if (path.startsWith(prefix)) throw new Error('R2 is down')
          return await target.put(path, ...rest)
        }
      },
    }),
  })

  test('the bucket refuses tiles: events are archived, and the cron makes up for it', async () => {
    await archive(200)
    const before = await treeRow()
    const written = listenToConsole()
    await archive(100, refusing('log/'))
    expect(written.lines('tree_not_grown')).toHaveLength(1)
    expect(await treeRow()).toEqual(before)
    await archive(5, refusing('log/'))
    await expect(project(refusing('log/'))).rejects.toThrow()
    await project()
    await expectWhole()
  })

  test('the database refuses the row: events are archived, and an alarm begins and ends', async () => {
    await archive(5)
    await change("CREATE TRIGGER refuse BEFORE INSERT ON log_tree BEGIN SELECT RAISE(ABORT, 'no'); END")
    await archive(5)
    vi.setSystemTime(Date.now() + 14 * MINUTE_MS)
    await runCron(env, FIVE_MINUTES)
    expect(await alarmNames()).toEqual(['schema_changed'])
    vi.setSystemTime(Date.now() + 2 * MINUTE_MS)
    await runCron(env, FIVE_MINUTES)
    expect(await alarmNames()).toEqual(['schema_changed', 'tree_behind'])
    await change('DROP TRIGGER refuse')
    await runCron(env, FIVE_MINUTES)
    expect(await alarmNames()).toEqual([])
    await expectWhole()
  })

  test('a segment is destroyed before it is in the tree: an alarm at once, and the archive goes on', async () => {
    await archive(5)
    await archive(5, refusing('log/'))
    await change('DELETE FROM log_tree')
    const path = await pathOf(2)
    const segment = await (await env.ARCHIVE.get(path))?.text()
    await env.ARCHIVE.delete(path)
    await archive(5)
    const written = listenToConsole()
    await runCron(env, FIVE_MINUTES)
    expect(written.lines('alarm').map(({ name }) => name)).toEqual(['tree_behind'])
    await env.ARCHIVE.put(path, segment ?? '')
    await runCron(env, FIVE_MINUTES)
    expect(await alarmNames()).toEqual([])
    await expectWhole()
  })

  test('a run is cut off at each call: every note is about the same tree', async () => {
    await archive(200)
    const before = await treeRow()
    await archive(100)
    await expectWhole()
    const whole = { row: await treeRow(), tiles: await storedTiles() }
    const notes: string[] = []
    for (let at = 0, isDone = false; !isDone; at++) {
      for (const fault of faultsAt(at)) {
        await putTreeRow(before)
        await deleteTiles()
        const cut = faultyEnv(env, killedAt(at, fault))
        const ctx = await jobContext(Date.now(), cut.env)
        const log = await findLog(await jobContext())
        if (log) await growAfter(ctx, log, [])
        isDone = cut.calls.length <= at
        notes.push((await treeRow())?.note ?? '')
        await project()
        expect({ row: await treeRow(), tiles: await storedTiles() }).toEqual(whole)
      }
    }
    expect(notes.length).toBeGreaterThan(6)
    await expectPrefixes(notes, await linesUpTo(await headSequence()))
  })
})

describe('K13 the keys that sign the tree', () => {
  const signersOf = async (note: string, using: Env): Promise<number[]> => {
    const { derived } = await deriveLogKeys(await jobContext(Date.now(), using), 'latchkey.test/audit')
    const parsed = parseNote(note)
    const verified =
      parsed &&
      (await verifyNote(
        parsed,
        derived.map(({ key }) => key),
      ))
    return derived.filter(({ key }) => verified?.some((one) => one.key === key)).map(({ version }) => version)
  }
  const both = envWithKeys([2, 1])

  test('all trusted root keys sign, also while nothing is archived, and afterwards the new one is enough', async () => {
    await archive(5)
    await project(both)
    const note = (await treeRow())?.note ?? ''
    expect(await signersOf(note, both)).toEqual([2, 1])
    await project(both)
    expect((await treeRow())?.note).toBe(note)
    await archive(5, both)
    const later = await expectWhole(both)
    expect(await signersOf(later, both)).toEqual([2, 1])
    expect(await expectWhole(envWithKeys([2]))).toBe(later)
  })

  test('a tree that a distrusted root key alone has signed is built again', async () => {
    await archive(5)
    const distrusting = { ...both, DISTRUSTED_ROOT_KEYS: '1' } as Env
    const forged = otherEdge(6)
    const signed = await signTree(await jobContext(), 'latchkey.test/audit', forged)
    await change('UPDATE log_tree SET edge = ?, note = ?', formatEdge(forged), signed.note)
    await project(distrusting)
    expect(await signersOf(await expectWhole(distrusting), both)).toEqual([2])
  })
})

test('a setting that names another log: an alarm, and the log keeps its name', async () => {
  await archive(5)
  const renamed = { ...env, AUDIT_LOG_ORIGIN: 'another.example/log' } as Env
  await runCron(renamed, FIVE_MINUTES)
  expect(await rows('SELECT name FROM alarms')).toEqual([{ name: 'log_origin_changed' }])
  await archive(5, renamed)
  expect((await expectWhole()).split('\n')[0]).toBe('latchkey.test/audit')
  await runCron(env, FIVE_MINUTES)
  expect(await alarmNames()).toEqual([])
})
