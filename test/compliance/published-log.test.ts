import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { chooseLog } from '../../src/compliance/archive/checkpoint/choose-log.ts'
import { readPublication, writePublication } from '../../src/compliance/archive/checkpoint/publication.ts'
import { publishCheckpoint } from '../../src/compliance/archive/checkpoint/publish-checkpoint.ts'
import { signWithAll } from '../../src/compliance/archive/checkpoint/sign-with-all.ts'
import { signEndorsement } from '../../src/compliance/archive/keys/key-endorsement.ts'
import { originOf } from '../../src/compliance/archive/keys/log-keys.ts'
import { projectArchive } from '../../src/compliance/archive/tree/project-archive.ts'
import { parseTreeHead } from '../../src/tlog/checkpoint.ts'
import {
  cosignBody,
  createNoteSigner,
  formatSignature,
  parseNote,
  parseNoteKey,
  verifyNote,
} from '../../src/tlog/note.ts'
import { call, newPerson } from '../support/api.ts'
import { alarmNames } from '../support/archive.ts'
import { faultyEnv, killedAt } from '../support/faulty-env.ts'
import { jobContext } from '../support/job-context.ts'
import { makeTree, publishTree } from '../support/log.ts'
import { newAdmin } from '../support/operators.ts'
import { envWithKeys } from '../support/root-keys.ts'
import { deliver, keysIn, rows, runCron, unarchivedEvents } from '../support/service.ts'
import { SIZES } from '../support/sizes.ts'

beforeEach(() => {
  // Otherwise the published checkpoint stays the same for a minute.
  vi.spyOn(caches, 'open').mockRejectedValue(new Error('no cache'))
})

afterEach(() => {
  vi.restoreAllMocks()
})

const distrusting = (versions: readonly number[], distrusted: string): Env =>
  ({ ...envWithKeys(versions), DISTRUSTED_ROOT_KEYS: distrusted }) as Env

const published = async (using: Env = env) => (await call('/.well-known/audit-checkpoint', { env: using })).body
const logKeys = async (using: Env) => (await published(using)).log_keys as string[]
const keyOf = async (version: number) => (await logKeys(envWithKeys([version])))[0] ?? ''
const minutely = (using: Env) => runCron(using, '*/5 * * * *')

async function archive(): Promise<void> {
  await newPerson()
  expect(await deliver(await unarchivedEvents())).toBe(true)
}

/** The versions of the root keys whose signatures a note has. */
async function signersOf(note: string, versions: readonly number[]): Promise<number[]> {
  const parsed = parseNote(note)
  const found: number[] = []
  for (const version of versions) {
    const key = parseNoteKey(await keyOf(version))
    const verified = parsed && key && (await verifyNote(parsed, [key]))
    if (verified?.length === 1) found.push(version)
  }
  return found
}

describe('K13 the keys of the log', () => {
  test('are published with those that the newest key endorsed while both were there', async () => {
    const [first, second] = [await keyOf(1), await keyOf(2)]
    expect(await logKeys(envWithKeys([2, 1]))).toEqual([second, first])
    expect(await logKeys(envWithKeys([2]))).toEqual([second])
    await minutely(envWithKeys([2, 1]))
    expect(await logKeys(envWithKeys([2]))).toEqual([second, first])
    await minutely(envWithKeys([3, 2]))
    expect(await logKeys(envWithKeys([3]))).toEqual([await keyOf(3), second, first])
  })

  test('of a distrusted version are not published, with or without its root key', async () => {
    await minutely(envWithKeys([2, 1]))
    await minutely(envWithKeys([3, 2]))
    const third = await keyOf(3)
    expect(await logKeys(distrusting([3, 2], '2'))).toEqual([third])
    expect(await logKeys(distrusting([3], '2'))).toEqual([third])
    expect(await logKeys(distrusting([3], '2@5'))).toEqual([third])
  })

  test('are endorsed once more where version 0.2.0 endorsed the other key alone', async () => {
    const { receipts } = await jobContext(Date.now(), envWithKeys([2, 1]))
    const [, old] = receipts.derived
    if (old === undefined) throw new Error('there is one key')
    const endorsement = await signEndorsement(receipts, old, Date.now())
    await env.ARCHIVE.put(endorsement.path, endorsement.text)
    expect(await logKeys(envWithKeys([2]))).toHaveLength(1)
    for (let run = 0; run < 2; run++) await minutely(envWithKeys([2, 1]))
    expect(await logKeys(envWithKeys([2]))).toHaveLength(2)
    expect(await keysIn(env.ARCHIVE, 'key-endorsements/')).toHaveLength(2)
  })
})

describe('K13 a rotation', () => {
  test('both keys sign, also while the log does not grow; afterwards an old note verifies', async () => {
    await archive()
    const old = await publishTree(await makeTree(3, envWithKeys([1])), { using: envWithKeys([1]) })
    expect(await signersOf(old?.note ?? '', [1, 2])).toEqual([1])
    const during = await publishTree(undefined, { using: envWithKeys([2, 1]) })
    expect(await signersOf(during?.note ?? '', [1, 2])).toEqual([1, 2])
    await minutely(envWithKeys([2, 1]))
    const keys = (await logKeys(envWithKeys([2]))).flatMap((text) => parseNoteKey(text) ?? [])
    const note = parseNote(old?.note ?? '')
    expect(note && (await verifyNote(note, keys))).toHaveLength(1)
  })

  test('cosignatures stay, also those of a witness that has the name of the log', async () => {
    const ctx = await jobContext(Date.now(), envWithKeys([2, 1]))
    const name = originOf(ctx.settings)
    const witness = await createNoteSigner(new Uint8Array(32).fill(7), { name, type: 'witness' })
    const { note } = await makeTree(3, envWithKeys([2, 1]))
    const { body } = parseNote(note) ?? expect.fail()
    const cosigned = note + formatSignature(await cosignBody(body, witness, 1_800_000_000))
    expect(await signWithAll(ctx, cosigned)).toBe(cosigned)
  })

  test('a note that a distrusted key published is not served, nor signed by another one', async () => {
    await archive()
    await publishTree(await makeTree(3, envWithKeys([1])), { using: envWithKeys([1]) })
    expect((await published(envWithKeys([2, 1]))).note).toContain('/audit\n3\n')
    expect((await published(distrusting([2, 1], '1'))).note).toBeNull()
    expect(await publishTree(undefined, { using: distrusting([2, 1], '1') })).toBeUndefined()
  })
})

describe('K31 the published checkpoint of the log', () => {
  test('is read from a publication of before the log, which has none', async () => {
    await archive()
    const ctx = await jobContext()
    const { note, log_keys, ...view } = await published()
    const under = JSON.stringify([ctx.receipts.derived.map(({ key, isTrusted }) => [key.kid, isTrusted]), []])
    const old = await ctx.receipts.sign('latchkey-publication+jws', { under, published_at: ctx.now, view })
    await env.VAULT.put('log/publication', old)
    await archive()
    expect(await published()).toEqual({ ...view, note: null, log_keys: [] })
    await publishCheckpoint(await jobContext(ctx.now + 300_000))
    expect((await published()).log_keys).toEqual(log_keys)
  })

  test('never becomes smaller', async () => {
    await archive()
    await publishTree(await makeTree(300))
    const log = await publishTree(await makeTree(299))
    expect(log && parseTreeHead(parseNote(log.note)?.body ?? '')?.size).toBe(300)
    expect((await published()).note).toBe(log?.note)
  })

  test.each(SIZES)('%i runs at once write one publication, and none replaces a later one', async (runs) => {
    await archive()
    await publishTree(await makeTree(1))
    const contexts = await Promise.all(Array.from({ length: runs }, () => jobContext()))
    const read = await Promise.all(contexts.map(readPublication))
    const logs = await Promise.all(
      contexts.map(async (ctx, i) => chooseLog(ctx, { before: undefined, newest: await makeTree(i + 2) })),
    )
    const etags = new Set(read.map(({ etag }) => etag))
    expect(etags.size).toBe(1)
    for (const [i, ctx] of contexts.entries()) {
      const { publication, etag } = read[i] ?? {}
      if (publication === undefined) throw new Error('nothing is published')
      await writePublication(ctx, { ...publication, log: logs[i] }, etag)
    }
    expect((await published()).note).toBe(logs[0]?.note)
  })

  test('is none that somebody else signed, and a deleted or altered one is published again', async () => {
    await archive()
    await publishTree(await makeTree(3))
    const genuine = (await (await jobContext()).vaultStatements.read('log/publication')) ?? ''
    for (const planted of ['nothing', `${genuine.slice(0, -4)}AAAA`, undefined]) {
      if (planted === undefined) await env.VAULT.delete('log/publication')
      else await env.VAULT.put('log/publication', planted)
      expect((await published()).note).toBeNull()
      await publishCheckpoint(await jobContext())
      expect((await readPublication(await jobContext())).publication).toBeDefined()
    }
  })
})

describe('the tree of the archive', () => {
  const sizeOf = (note: string) => parseTreeHead(parseNote(note)?.body ?? '')?.size
  const PERIOD_MS = 300_000
  const START = Math.ceil(Date.now() / PERIOD_MS) * PERIOD_MS

  test('K31 is published with the head, moves with it, and at most once in a period', async () => {
    await archive()
    await publishCheckpoint(await jobContext(START))
    const first = await published()
    expect(sizeOf(first.note)).toBe(first.event_count)
    const keys = first.log_keys.flatMap((text: string) => parseNoteKey(text) ?? [])
    const note = parseNote(first.note)
    expect(note && (await verifyNote(note, keys))).toHaveLength(1)
    await archive()
    await publishCheckpoint(await jobContext(START + PERIOD_MS - 1))
    expect(await published()).toEqual(first)
    await publishCheckpoint(await jobContext(START + PERIOD_MS))
    const next = await published()
    expect(sizeOf(next.note)).toBe(next.event_count)
    expect(next.event_count).toBeGreaterThan(first.event_count)
  })

  test.each([
    ['an earlier tree is put back', 'UPDATE log_tree SET segment = ?, edge = ?, note = ?'],
    ['the tree is lost', 'DELETE FROM log_tree WHERE coalesce(?, ?, ?) IS NOT NULL'],
  ])('somebody who writes the database withholds it, and the published one stays: %s', async (_, statement) => {
    await archive()
    const [tree] = await rows<{ segment: number; edge: string; note: string }>('SELECT * FROM log_tree')
    await archive()
    await publishCheckpoint(await jobContext(START))
    const before = await published()
    await env.DB.prepare(statement).bind(tree?.segment, tree?.edge, tree?.note).run()
    await publishCheckpoint(await jobContext(START + PERIOD_MS))
    expect((await published()).note).toBe(before.note)
    // The cron makes up for it.
    await projectArchive(await jobContext(START + PERIOD_MS))
    await archive()
    await publishCheckpoint(await jobContext(START + 2 * PERIOD_MS))
    expect(sizeOf((await published()).note)).toBe((await published()).event_count)
    expect(await alarmNames()).toEqual([])
  })

  test('with another root at the published size is an alarm, and the published one stays', async () => {
    await archive()
    const log = await publishTree(await makeTree(9))
    const other = await makeTree(9, env, 'other')
    expect((await publishTree(other))?.note).toBe(log?.note)
    expect(await alarmNames()).toEqual(['log_forked'])
  })

  test('keeps its name and the names of its keys when the setting changes', async () => {
    await minutely(envWithKeys([2, 1]))
    await archive()
    await publishCheckpoint(await jobContext(START))
    const before = await published()
    const renamed = { ...env, AUDIT_LOG_ORIGIN: 'elsewhere.example/log' } as Env
    await archive()
    await publishCheckpoint(await jobContext(START + PERIOD_MS, renamed))
    const after = await published(renamed)
    expect(after.log_keys).toEqual(before.log_keys)
    expect(after.note).toMatch(/^latchkey\.test\/audit\n/)
  })

  test('is served while its vault puts an earlier publication back, until the cron publishes again', async () => {
    await archive()
    await publishCheckpoint(await jobContext(START))
    const earlier = (await (await jobContext()).vaultStatements.read('log/publication')) ?? ''
    const shown = await published()
    await archive()
    await publishCheckpoint(await jobContext(START + PERIOD_MS))
    const newest = await published()
    await env.VAULT.put('log/publication', earlier)
    expect((await published()).note).toBe(shown.note)
    await publishCheckpoint(await jobContext(START + 2 * PERIOD_MS))
    expect(await published()).toEqual(newest)
  })

  test('is shown to operators with its size and its time', async () => {
    const { accessToken: token } = await newAdmin()
    const audit = async () => (await call('/api/v1/admin/stats', { token })).body.audit
    expect(await audit()).toMatchObject({ published_events: 0, published_at: null })
    await archive()
    await publishCheckpoint(await jobContext(START))
    const { event_count } = await published()
    const shown = { published_events: event_count, published_at: new Date(START).toISOString() }
    expect(await audit()).toMatchObject(shown)
    const { env: faulty } = faultyEnv(env, (name) => (name.startsWith('VAULT') ? 'fail' : 'none'))
    const without = await call('/api/v1/admin/stats', { token, env: faulty })
    expect(without.body.audit).toMatchObject({ archived_events: event_count, published_at: null })
  })

  test.each(SIZES)('%i runs of the cron at once publish one checkpoint', async (runs) => {
    await archive()
    await Promise.all(Array.from({ length: runs }, async () => publishCheckpoint(await jobContext(START))))
    const first = await published()
    expect(sizeOf(first.note)).toBe(first.event_count)
    await archive()
    await Promise.all(Array.from({ length: runs }, async () => publishCheckpoint(await jobContext(START + PERIOD_MS))))
    const next = await published()
    expect(sizeOf(next.note)).toBe(next.event_count)
    expect(next.event_count).toBeGreaterThan(first.event_count)
  })

  test.each(['fail', 'lose-reply'] as const)(
    'is whole wherever a run is cut off, and published by the next: %s',
    async (fault) => {
      await archive()
      await publishCheckpoint(await jobContext(START))
      const first = await published()
      await archive()
      let wasCut = true
      for (let n = 0; wasCut; n++) {
        const faulty = faultyEnv(env, killedAt(n, fault))
        const run = publishCheckpoint(await jobContext(START + PERIOD_MS, faulty.env))
        wasCut = await run.then(
          () => false,
          () => true,
        )
        const { note, event_count } = await published()
        expect(sizeOf(note)).toBe(event_count)
      }
      expect((await published()).event_count).toBeGreaterThan(first.event_count)
    },
  )
})
