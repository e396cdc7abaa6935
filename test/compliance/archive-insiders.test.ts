import { env } from 'cloudflare:workers'
import { describe, expect, test } from 'vitest'
import { GENESIS, hashText } from '../../src/compliance/archive/format/chain-head.ts'
import { parseOldSegment } from '../../src/compliance/archive/format/old-segment.ts'
import { parseSegment } from '../../src/compliance/archive/format/segment.ts'
import { checkpointPath, oldSegmentPath } from '../../src/compliance/archive/format/segment-number.ts'
import { followArchive } from '../../src/compliance/archive/log/follow-log.ts'
import { readLogStart } from '../../src/compliance/archive/log/read-head.ts'
import { newTimeOrderedId } from '../../src/core/ids.ts'
import { deriveKeyRing } from '../../src/crypto/key-ring.ts'
import { createReceiptSigner } from '../../src/crypto/receipt-key.ts'
import { call } from '../support/api.ts'
import { alarmNames, headSequence, pathOf, readLog, segmentPaths, textAt } from '../support/archive.ts'
import { event, record, sealed, unsealed } from '../support/audit-events.ts'
import { faultsAt } from '../support/faults-at.ts'
import { faultyEnv, killedAt } from '../support/faulty-env.ts'
import { beforeBatch } from '../support/intercept-stores.ts'
import { jobContext } from '../support/job-context.ts'
import { formatOldSegment, oldHeadPayload, writeOldChain } from '../support/old-archive.ts'
import { envWithKeys } from '../support/root-keys.ts'
import { deliver, keysIn, rows, unarchivedEvents } from '../support/service.ts'
import { SIZES } from '../support/sizes.ts'

const attackerKey = async () =>
  createReceiptSigner(await deriveKeyRing([{ version: 1, secret: crypto.getRandomValues(new Uint8Array(32)) }]))

const serviceKey = async (using: Env = env) => (await jobContext(Date.now(), using)).receipts

/** Records an event and delivers it. @returns whether it was acknowledged */
async function archive(n: number, using: Env = env): Promise<boolean> {
  const one = event(n)
  await record([one])
  return await deliver([one], using)
}

const idsIn = async () => (await readLog()).map(({ id }) => id)
const ids = (...numbers: number[]) => numbers.map((n) => event(n).id)
const change = (sql: string, ...params: unknown[]) =>
  env.DB.prepare(sql)
    .bind(...params)
    .run()
const checkpoint = async () => (await rows<{ checkpoint: string }>('SELECT checkpoint FROM log_head'))[0]?.checkpoint
const mark = async () => (await env.VAULT.get('log/mark'))?.text()

describe('K23 somebody who writes the archive', () => {
  test('plants segments under a guessed name, also signed by a key of their own: they are in nobody’s way', async () => {
    await archive(1)
    const attacker = await attackerKey()
    const text = await textAt(await pathOf(2))
    await env.ARCHIVE.put('audit/000000000003-0000000000000000.ndjson', text)
    await env.ARCHIVE.put(oldSegmentPath(3), formatOldSegment({ ...GENESIS, sequence: 2 }, [], 1))
    const forged = parseSegment(text)
    const signed = await attacker.sign('latchkey-checkpoint+jws', { sequence: 3, hash: 'f'.repeat(64) })
    await env.ARCHIVE.put(
      'audit/000000000003-ffffffffffffffff.ndjson',
      JSON.stringify({ ...forged, checkpoint: signed }),
    )
    expect(await archive(2)).toBe(true)
    const own = await segmentPaths()
    expect(own).toContain(await pathOf(3))
    for (const path of own)
      if (path.endsWith('0000.ndjson') || path.endsWith('ffff.ndjson')) await env.ARCHIVE.delete(path)
    expect(await idsIn()).toEqual(ids(1, 2))
    expect(await alarmNames()).toEqual([])
  })

  test('deletes or overwrites what there is: the archive goes on after the newest segment', async () => {
    await archive(1)
    await archive(2)
    await env.ARCHIVE.put(await pathOf(3), 'garbage')
    await env.ARCHIVE.delete(await pathOf(2))
    expect(await archive(3)).toBe(true)
    expect(parseSegment(await textAt(await pathOf(4)))?.lines.map(({ id }) => id)).toEqual(ids(3))
    // A redelivered event is not found where its row says, so it is archived again.
    expect(await deliver([event(1)])).toBe(true)
    expect(await alarmNames()).toEqual(['archive_disagreement'])
    expect(parseSegment(await textAt(await pathOf(5)))?.lines.map(({ id }) => id)).toEqual(ids(1))
  })

  test.each([
    ['garbage', async () => 'garbage'],
    ['a segment of their own', async (text: string) => text.replace('success', 'failure')],
  ])(
    'overwrites a segment between its put and the database, with %s: alarm, and nothing is signed',
    async (_, spoil) => {
      await archive(1)
      await record([event(2)])
      // Killed at the batch after the segment was created.
      const cut = faultyEnv(env, (name) => (name === 'DB.batch' && cut.calls.includes('ARCHIVE.put') ? 'fail' : 'none'))
      expect(await deliver([event(2)], cut.env)).toBe(false)
      const path = await pathOf(3)
      const genuine = await textAt(path)
      await env.ARCHIVE.put(path, await spoil(genuine))
      expect(await deliver([event(2)])).toBe(false)
      expect(await alarmNames()).toEqual(['squatted_name'])
      expect(await headSequence()).toBe(2)
      await env.ARCHIVE.put(path, genuine)
      expect(await deliver([event(2)])).toBe(true)
      expect(await idsIn()).toEqual(ids(1, 2))
    },
  )
})

describe('K23 somebody who writes the database', () => {
  test('resets the head: the mark gives it back, and no event is archived twice', async () => {
    await archive(1)
    await archive(2)
    await change('DELETE FROM log_head')
    await change('UPDATE audit_events SET archived_in = NULL, archived_at = NULL')
    await record([event(3)])
    expect(await deliver([1, 2, 3].map(event))).toBe(true)
    expect(await idsIn()).toEqual(ids(1, 2, 3))
    expect(await alarmNames()).toEqual(['archive_disagreement'])
    expect(await rows('SELECT DISTINCT archived_in FROM audit_events ORDER BY 1')).toEqual(
      [2, 3, 4].map((archived_in) => ({ archived_in })),
    )
  })

  test('rolls the head back to an earlier signed one, or restores the whole database', async () => {
    await archive(1)
    const earlier = await checkpoint()
    await archive(2)
    await archive(3)
    await change('UPDATE log_head SET checkpoint = ?, followed = 2', earlier)
    await change('DELETE FROM audit_events WHERE id > ?', event(1).id)
    await record([event(4)])
    expect(await deliver([4, 2].map(event))).toBe(true)
    expect(await idsIn()).toEqual(ids(1, 2, 3, 4))
    expect(await alarmNames()).toEqual(['archive_disagreement'])
  })

  test.each([
    ['garbage', async () => 'garbage'],
    ['a head that they signed', async () => (await attackerKey()).sign('latchkey-checkpoint+jws', forgedHead)],
    ['a receipt of the service', async () => (await serviceKey()).sign('latchkey-erasure+jws', forgedHead)],
    ['a checkpoint of format 1', async () => (await serviceKey()).sign('latchkey-checkpoint+jws', unstarted)],
  ])('puts %s into the head: it is not believed', async (_, make) => {
    await archive(1)
    await change('UPDATE log_head SET checkpoint = ?', await make())
    expect(await archive(2)).toBe(true)
    expect(await idsIn()).toEqual(ids(1, 2))
    expect(await alarmNames()).toEqual(['archive_disagreement'])
    expect(await headSequence()).toBe(3)
  })

  const unstarted = { sequence: 9, hash: 'f'.repeat(64), event_count: 9, created_at: '2026-12-01T00:00:00.000Z' }
  const forgedHead = { ...unstarted, started: { sequence: 1, at: '2026-12-01T00:00:00.000Z' } }

  test('gives the columns other types: the archive goes on', async () => {
    await archive(1)
    await change("UPDATE log_head SET checkpoint = x'ff', followed = 'x'")
    await change("UPDATE audit_events SET archived_in = x'ff', archived_at = 'x'")
    expect(await archive(2)).toBe(true)
    expect(await headSequence()).toBe(3)
    expect(await idsIn()).toEqual(ids(1, 2))
  })

  test.each([
    ['a segment that does not contain it', 'archived_in = 2, archived_at = 1'],
    ['a segment that does not exist', 'archived_in = 900, archived_at = 1'],
    ['no segment, as format 1 did', `archived_at = ${Date.now() + 1e9}`],
    ['that it was refused', 'archived_in = 0, archived_at = 1'],
  ])('K22 marks an event as archived, with %s: it is archived', async (_, marks) => {
    await archive(1)
    const one = { ...event(2), occurred_at: Date.now() + 1000 }
    await record([event(2)])
    await change(`UPDATE audit_events SET ${marks} WHERE id = ?`, one.id)
    expect(await deliver([event(2)])).toBe(true)
    expect(await idsIn()).toEqual(ids(1, 2))
    expect(await rows('SELECT archived_in FROM audit_events WHERE id = ?', one.id)).toEqual([{ archived_in: 3 }])
  })

  test('deletes the row of an event before it is archived', async () => {
    await archive(1)
    await record([event(2)])
    await change('DELETE FROM audit_events')
    expect(await deliver([event(2)])).toBe(true)
    expect(await idsIn()).toEqual(ids(1, 2))
    expect(await rows('SELECT id, archived_in FROM audit_events')).toEqual([{ id: event(2).id, archived_in: 3 }])
  })
})

describe('K23 somebody who writes the vault', () => {
  test.each([
    ['garbage', async () => 'garbage'],
    ['an earlier mark', async () => earlier],
    ['no mark', async () => undefined],
  ])('leaves %s: the database is believed, and the mark is written again', async (what, make) => {
    await archive(1)
    earlier = await mark()
    await archive(2)
    const planted = await make()
    if (planted === undefined) await env.VAULT.delete('log/mark')
    else await env.VAULT.put('log/mark', planted)
    expect(await archive(3)).toBe(true)
    expect(await idsIn()).toEqual(ids(1, 2, 3))
    expect(await mark()).toBe(await checkpoint())
    expect(await alarmNames()).toEqual(what === 'garbage' ? ['archive_disagreement'] : [])
  })

  let earlier: string | undefined

  test('takes the key of the names away: loudly, nothing is archived until it is back', async () => {
    await archive(1)
    const key = await (await env.VAULT.get('keys/log'))?.text()
    await env.VAULT.delete('keys/log')
    expect(await archive(2)).toBe(false)
    expect(await alarmNames()).toEqual(['archive_disagreement'])
    await env.VAULT.put('keys/log', key ?? '')
    expect(await deliver([event(2)])).toBe(true)
    expect(await idsIn()).toEqual(ids(1, 2))
  })

  test('a signed segment with the number of the head and another hash stops the archive', async () => {
    await archive(1)
    const receipts = await serviceKey()
    const other = { sequence: 2, hash: 'e'.repeat(64), event_count: 2, created_at: '2026-12-01T00:00:00.000Z' }
    const started = { sequence: 1, at: '2026-12-01T00:00:00.000Z' }
    await env.VAULT.put('log/mark', await receipts.sign('latchkey-checkpoint+jws', { ...other, started }))
    expect(await archive(2)).toBe(false)
    expect(await alarmNames()).toEqual(['archive_forked'])
    expect(await segmentPaths()).toHaveLength(2)
  })
})

test('K23 somebody who writes the database and the archive does not get a second segment for a number', async () => {
  await archive(1)
  const earlier = await checkpoint()
  await archive(2)
  await change('UPDATE log_head SET checkpoint = ?, followed = 2', earlier)
  await env.ARCHIVE.delete(await pathOf(3))
  expect(await archive(3)).toBe(true)
  expect(await textAt(await pathOf(3))).toBe('')
  expect(parseSegment(await textAt(await pathOf(4)))?.lines.map(({ id }) => id)).toEqual(ids(3))
  expect(await alarmNames()).toEqual(['archive_disagreement'])
})

test('K23 with head and mark lost, the segments themselves are found by their names', async () => {
  for (let n = 1; n <= 6; n++) await archive(n)
  await change('DELETE FROM log_head')
  await env.VAULT.delete('log/mark')
  expect(await archive(7)).toBe(true)
  expect(await idsIn()).toEqual(ids(1, 2, 3, 4, 5, 6, 7))
  expect(await alarmNames()).toEqual(['archive_disagreement'])
})

test('K23 without key, head and mark, segments that the service signed are not begun anew', async () => {
  await archive(1)
  await change('DELETE FROM log_head')
  await env.VAULT.delete(['log/mark', 'keys/log'])
  expect(await archive(2)).toBe(false)
  expect(await keysIn(env.VAULT, 'keys/log')).toEqual([])
  expect(await segmentPaths()).toHaveLength(2)
})

test('U3 a restored database is followed by the cron where segments are many, and no event is archived twice', async () => {
  await archive(1)
  const earlier = await checkpoint()
  for (let n = 2; n <= 30; n++) await archive(n)
  await change('UPDATE log_head SET checkpoint = ?, followed = 2', earlier)
  await change('UPDATE audit_events SET archived_in = NULL, archived_at = NULL WHERE id > ?', event(1).id)
  // The segments after the twentieth are not followed yet, so what may be in them waits.
  expect(await deliver([30, 5].map(event))).toBe(false)
  await followArchive(await jobContext())
  expect(await unarchivedEvents()).toEqual([])
  expect(await deliver([30, 5].map(event))).toBe(true)
  expect(await archive(31)).toBe(true)
  expect(await readLog()).toHaveLength(31)
})

describe('K32 the first segment after format 1', () => {
  const old = (n: number) => {
    const {
      seal: _,
      note_enc: __,
      ...rest
    } = event(n) as ReturnType<typeof event> & Record<'seal' | 'note_enc', unknown>
    return {
      ...rest,
      pii_enc: null,
      id: newTimeOrderedId(Date.now() - 60_000 + n),
      occurred_at: Date.now() - 60_000 + n,
    }
  }

  /** What version 0.2.0 left: a chain, its head, and rows that are marked without a segment. */
  async function leaveOldChain(signer = serviceKey()) {
    const segments = [[old(1), old(2)], [old(3)], [old(4)]]
    const put = (path: string, text: string) => env.ARCHIVE.put(path, text)
    const head = await writeOldChain({ signer: await signer, segments, startMs: Date.now() - 50_000, put })
    await change('INSERT INTO archive_head VALUES (1, ?, ?, ?, 1)', head.sequence, head.hash, head.eventCount)
    return { head, events: segments.flat() }
  }

  test('continues its last signed one, begins with log.started, and is anchored in its hash', async () => {
    const { head } = await leaveOldChain()
    expect(await readLogStart(await jobContext())).toBeUndefined()
    expect(await archive(9)).toBe(true)
    expect((await readLog(head)).map(({ id }) => id)).toEqual(ids(9))
    const first = parseSegment(await textAt(await pathOf(4)))
    expect(JSON.parse(first?.lines[0]?.detail ?? '')).toEqual({ unarchived_rows: 1, last_segment: 3 })
    expect(await readLogStart(await jobContext())).toBe(first?.header.created_at)
    expect((await call('/.well-known/audit-checkpoint')).body).toMatchObject({ sequence: 5, event_count: 6 })
    expect(await rows('SELECT sequence FROM archive_head')).toEqual([{ sequence: 3 }])
    expect(await alarmNames()).toEqual([])
  })

  test('K16 is written once when it is cut off at any call', async () => {
    for (let at = 0, wasKilled = true; wasKilled; at++) {
      for (const fault of faultsAt(at)) {
        const { head } = await leaveOldChain()
        await record([event(9)])
        const faulty = faultyEnv(env, killedAt(at, fault))
        const acknowledged = await deliver([event(9)], faulty.env)
        wasKilled = faulty.calls.length > at
        if (!acknowledged) expect([at, fault, await deliver([event(9)])]).toEqual([at, fault, true])
        expect((await readLog(head)).map(({ id }) => id)).toEqual(ids(9))
        expect(await alarmNames()).toEqual([])
        const paths = await keysIn(env.ARCHIVE, '')
        await Promise.all([env.ARCHIVE.delete(paths), env.VAULT.delete(['keys/log', 'log/mark'])])
        for (const table of ['log_head', 'archive_head', 'audit_events']) await change(`DELETE FROM ${table}`)
      }
    }
  }, 60_000)

  test('adopts no planted old segment, signed by another key or by none', async () => {
    const { head } = await leaveOldChain()
    const attacker = await attackerKey()
    const planted = formatOldSegment(head, [old(66)], 1)
    const after = { sequence: 4, hash: await hashText(planted), eventCount: 5 }
    await env.ARCHIVE.put(oldSegmentPath(4), planted)
    await env.ARCHIVE.put(checkpointPath(4), await attacker.sign('latchkey-checkpoint+jws', oldHeadPayload(after, 1)))
    await env.ARCHIVE.put(`receipt-keys/${attacker.publicKey.kid}.json`, JSON.stringify(attacker.publicKey))
    expect(await archive(9)).toBe(true)
    expect((await readLog(head)).map(({ id }) => id)).toEqual(ids(9))
  })

  test.each([
    ['reset', 'DELETE FROM archive_head'],
    ['rolled back', "UPDATE archive_head SET sequence = 1, event_count = 2, hash = 'x'"],
    ['moved forward', "UPDATE archive_head SET sequence = 900, event_count = 2, hash = 'x'"],
  ])('finds the end of format 1 although the database was %s', async (_, sql) => {
    const { head } = await leaveOldChain()
    await change(sql)
    expect(await archive(9)).toBe(true)
    expect((await readLog(head)).map(({ id }) => id)).toEqual(ids(9))
  })

  test('takes over a segment that the old Worker signed and did not record, without archiving it twice', async () => {
    const { head, events } = await leaveOldChain()
    await change('UPDATE archive_head SET sequence = 2, hash = ?, event_count = 3', 'x')
    const [last] = events.slice(-1)
    if (last === undefined) throw new Error('no event')
    await change(
      `INSERT INTO audit_events (id, occurred_at, action, outcome, actor_type, request_id) VALUES (?, ?, ?, 'success', 'anonymous', 'r')`,
      ...[last.id, last.occurred_at, last.action],
    )
    expect(await archive(9)).toBe(true)
    expect(await unarchivedEvents()).toEqual([])
    expect((await readLog(head)).map(({ id }) => id)).toEqual(ids(9))
  })

  test('an old Worker that still runs cannot continue format 1', async () => {
    const { head } = await leaveOldChain()
    await archive(9)
    // Version 0.2.0 creates the next name, and if it is taken, reads it as a segment.
    const next = await env.ARCHIVE.put(oldSegmentPath(4), 'x', { onlyIf: { etagDoesNotMatch: '*' } })
    expect(next).toBeNull()
    expect(parseOldSegment(await textAt(oldSegmentPath(4)))).toBeUndefined()
    expect(await readLog(head)).toHaveLength(1)
  })

  test('nor after a segment that it wrote and did not sign, which it would adopt', async () => {
    const { head } = await leaveOldChain()
    const cut = formatOldSegment(head, [old(5)], 1)
    await env.ARCHIVE.put(oldSegmentPath(4), cut)
    await archive(9)
    expect(parseOldSegment(await textAt(oldSegmentPath(5)))).toBeUndefined()
    expect(await textAt(oldSegmentPath(5))).toContain('latchkey-audit/closed')
    expect((await readLog(head)).map(({ id }) => id)).toEqual(ids(9))
  })

  test('K22 a row that format 1 archived is believed only if all was before the start', async () => {
    const { head } = await leaveOldChain()
    await archive(9)
    const start = Number(await readLogStart(await jobContext()))
    const times = [
      [start - 1, start - 1],
      [start - 1, start + 1],
      [start + 1, start + 1],
    ] as const
    const events = times.map(([occurred_at], i) => sealed({ ...unsealed(20 + i), occurred_at }))
    await record(events)
    for (const [i, [, archived_at]] of times.entries())
      await change('UPDATE audit_events SET archived_at = ? WHERE id = ?', archived_at, event(20 + i).id)
    expect(await deliver(events)).toBe(true)
    expect((await readLog(head)).map(({ id }) => id)).toEqual(ids(9, 21, 22))
  })
})

describe('K33 consumers at once', () => {
  test.each(SIZES)('%i begin one chain and archive each event once', async (runs) => {
    const events = Array.from({ length: runs }, (_, i) => event(i + 1))
    await record(events)
    const outcomes = await Promise.all(events.map((one) => deliver([one, event(1)])))
    for (const [i, acknowledged] of outcomes.entries()) if (!acknowledged) expect(await deliver([events[i]])).toBe(true)
    expect((await idsIn()).toSorted()).toEqual(ids(...events.map((_, i) => i + 1)))
    expect(await headSequence()).toBe((await segmentPaths()).length)
    expect(await alarmNames()).toEqual([])
  })

  test.each(SIZES)('%i with two rings: one chain, one name for a sequence', async (runs) => {
    await archive(900)
    const rings = [envWithKeys([1]), envWithKeys([2, 1])]
    const events = Array.from({ length: runs }, (_, i) => event(i + 1))
    await record(events)
    const outcomes = await Promise.all(events.map((one, i) => deliver([one], rings[i % 2])))
    const newest = envWithKeys([2, 1])
    for (const [i, acknowledged] of outcomes.entries())
      if (!acknowledged) expect(await deliver([events[i]], newest)).toBe(true)
    expect((await idsIn()).toSorted()).toEqual(ids(...events.map((_, i) => i + 1), 900).toSorted())
    const sequences = (await segmentPaths()).map((path) => path.slice(0, 18))
    expect(new Set(sequences).size).toBe(sequences.length)
    expect(await alarmNames()).not.toContain('squatted_name')
  })

  test('an isolate without the newest root key leaves the batch to one that has it', async () => {
    await archive(1, envWithKeys([2, 1]))
    expect(await archive(2, envWithKeys([1]))).toBe(false)
    expect(await alarmNames()).toEqual([])
    expect(await deliver([event(2)], envWithKeys([2, 1]))).toBe(true)
    expect(await idsIn()).toEqual(ids(1, 2))
  })

  test('a run that is overtaken between its read and its write archives nothing twice', async () => {
    await archive(1)
    await record([event(2), event(3)])
    const overtaken = beforeBatch(1, () => deliver([event(2)]))
    expect(await deliver([event(2), event(3)], overtaken)).toBe(true)
    expect((await idsIn()).toSorted()).toEqual(ids(1, 2, 3))
    expect(await alarmNames()).toEqual([])
  })
})
