import { env } from 'cloudflare:workers'
import { describe, expect, test } from 'vitest'
import { endorseKeys } from '../../src/compliance/archive/checkpoint/endorse-keys.ts'
import { readEndorsement } from '../../src/compliance/archive/keys/key-endorsement.ts'
import { createSegmentSource } from '../../src/compliance/archive/verify/archive-source.ts'
import { type SoundChain, verifyChain } from '../../src/compliance/archive/verify/verify-chain.ts'
import { together } from '../../src/core/for-all.ts'
import type { SealedEvent } from '../../src/core/sealed-event.ts'
import { createSealEvent } from '../../src/crypto/event-seal.ts'
import { runtimeFor } from '../../src/runtime/runtime.ts'
import { call } from '../support/api.ts'
import { alarmNames, headSequence, keyLinesIn, readLog, segmentPaths } from '../support/archive.ts'
import { record, unsealed } from '../support/audit-events.ts'
import { faultyEnv, killedAt } from '../support/faulty-env.ts'
import { jobContext } from '../support/job-context.ts'
import { envWithKeys } from '../support/root-keys.ts'
import { deliver, keysIn, rows } from '../support/service.ts'
import { SIZES } from '../support/sizes.ts'

const events = new Map<number, SealedEvent>()
const event = (n: number): SealedEvent => {
  const known = events.get(n) ?? unsealed(n)
  events.set(n, known)
  return known
}

const distrusting = (versions: readonly number[], distrusted: string, inner: Env = env): Env =>
  ({ ...envWithKeys(versions, inner), DISTRUSTED_ROOT_KEYS: distrusted }) as Env

const signerOf = async (...versions: number[]) => (await jobContext(Date.now(), envWithKeys(versions))).receipts
const kidOf = async (version: number) => (await signerOf(version)).publicKey.kid

/** The nth event, as a Worker with these keys records it. */
async function eventOf(n: number, using: Env) {
  const { ring } = await runtimeFor(using)
  return { ...event(n), seal: createSealEvent(ring)(event(n)) }
}

/** Records an event and delivers it. @returns whether it was acknowledged */
async function archive(n: number, using: Env): Promise<boolean> {
  await record([await eventOf(n, using)])
  return await again(n, using)
}

/** Delivers an event again. */
const again = async (n: number, using: Env): Promise<boolean> => await deliver([await eventOf(n, using)], using)

const ids = (...numbers: number[]) => numbers.map((n) => event(n).id)
const idsIn = async () => (await readLog()).map(({ id }) => id)
const checkpoint = async () => (await rows<{ checkpoint: string }>('SELECT checkpoint FROM log_head'))[0]?.checkpoint
const putHead = (jws: string | undefined) =>
  env.DB.prepare('UPDATE log_head SET checkpoint = ?')
    .bind(jws ?? null)
    .run()

/** Verifies the archive as an auditor who knows one key. */
async function verdict(kid: string): Promise<SoundChain> {
  const source = createSegmentSource(
    {
      async *list(prefix) {
        yield* await keysIn(env.ARCHIVE, prefix)
      },
      async read(path) {
        const object = await env.ARCHIVE.get(path)
        return object === null ? undefined : new Uint8Array(await object.arrayBuffer())
      },
    },
    { findAnchor: async (name) => (name === kid ? {} : undefined) },
  )
  const steps = verifyChain(source)
  let step = await steps.next()
  while (!step.done) step = await steps.next()
  expect(step.value).toMatchObject({ ok: true })
  return step.value as SoundChain
}

/** What the cron does while there are both root keys. */
async function moveKeys(): Promise<void> {
  const ctx = await jobContext(Date.now(), envWithKeys([2, 1]))
  await endorseKeys(ctx)
  await ctx.keyRotation.rewrapPage(undefined, 100, together)
}

/** A consumer with root key 1 is cut off after it wrote segment 3. */
async function cutAfterSegment(call: 'DB.batch' | 'VAULT.put'): Promise<void> {
  await archive(1, envWithKeys([1]))
  const cut = faultyEnv(envWithKeys([1]), (name) =>
    name === call && cut.calls.includes('ARCHIVE.put') ? 'fail' : 'none',
  )
  expect(await archive(2, cut.env)).toBe(false)
  expect(await segmentPaths()).toHaveLength(3)
}

describe('K13 a rotation of the root key', () => {
  test('is an event at its position, which the old key endorses', async () => {
    const [first, second] = [await kidOf(1), await kidOf(2)]
    await archive(1, envWithKeys([1]))
    await archive(2, envWithKeys([2, 1]))
    await archive(3, envWithKeys([2, 1]))
    const [change, ...others] = await keyLinesIn()
    expect(others).toEqual([])
    expect(change).toMatchObject({ action: 'log.key_changed', sequence: 3 })
    expect(change?.detail).toMatchObject({ from: first, to: second, version: 2 })
    const { publicKey } = await signerOf(1)
    expect(await readEndorsement(String(change?.detail.endorsement), new Map([[first, publicKey]]))).toMatchObject({
      ...{ key: { kid: second }, version: 2, by: first, sequence: 3 },
    })
    expect(await idsIn()).toEqual(ids(1, 2, 3))
    const { changes, vouched, signedBy } = await verdict(first)
    expect(changes).toEqual({ count: 1, shown: [{ sequence: 3, from: first, to: second, isEndorsed: true }] })
    // Who kept the old key alone can go on verifying.
    expect([...vouched]).toEqual([signedBy])
  })

  test('goes on after the old root key is removed', async () => {
    await archive(1, envWithKeys([1]))
    await moveKeys()
    expect(await archive(2, envWithKeys([2]))).toBe(true)
    expect(await keyLinesIn()).toMatchObject([{ sequence: 3, detail: { version: 2, endorsement: null } }])
    const { changes, vouched } = await verdict(await kidOf(1))
    expect(changes.shown).toMatchObject([{ sequence: 3, isEndorsed: false }])
    expect(vouched.size).toBe(0)
    expect(await alarmNames()).toEqual([])
  })

  test.each(SIZES)(
    'K33 %i consumers with the keys in another order: one chain that names every change',
    async (runs) => {
      await archive(900, envWithKeys([1]))
      const rings = [envWithKeys([1, 2]), envWithKeys([2, 1])]
      const numbers = Array.from({ length: runs }, (_, i) => i + 1)
      const using = (n: number) => rings[n % 2] ?? env
      const outcomes = await Promise.all(numbers.map((n) => archive(n, using(n))))
      for (const [i, isDone] of outcomes.entries()) if (!isDone) expect(await again(i + 1, using(i + 1))).toBe(true)
      expect((await idsIn()).toSorted()).toEqual(ids(...numbers, 900).toSorted())
      const { changes } = await verdict(await kidOf(1))
      expect(changes.shown.every(({ isEndorsed }) => isEndorsed)).toBe(true)
      expect((await keyLinesIn()).map(({ sequence }) => sequence)).toEqual(
        changes.shown.map(({ sequence }) => sequence),
      )
      expect(await alarmNames()).toEqual([])
    },
  )
})

describe('K13 a leaked root key', () => {
  test('is recorded once, without a position at the newest segment, and endorses nothing', async () => {
    const [first, second] = [await kidOf(1), await kidOf(2)]
    await archive(1, envWithKeys([1]))
    const using = distrusting([2, 1], '1')
    await archive(2, using)
    await archive(3, using)
    await archive(4, distrusting([2], '1'))
    expect(await keyLinesIn()).toEqual(
      [
        {
          action: 'log.key_changed',
          sequence: 3,
          detail: { from: first, to: second, version: 2, endorsement: null },
        },
        { action: 'log.key_distrusted', sequence: 3, detail: { kid: first, version: 1, above: 2 } },
      ].map((line) => expect.objectContaining(line)),
    )
    expect(await verdict(second)).toMatchObject({ distrusted: [{ kid: first, version: 1, above: 2 }] })
    expect(await alarmNames()).toEqual([])
  })

  test('is recorded again with a position that the operator finds out later', async () => {
    await archive(1, envWithKeys([1]))
    await archive(2, distrusting([2, 1], '1'))
    await archive(3, distrusting([2, 1], '1@1'))
    await archive(4, distrusting([2, 1], '1@1'))
    expect((await keyLinesIn()).map(({ action, detail }) => [action, detail.above])).toEqual([
      ['log.key_changed', undefined],
      ['log.key_distrusted', 2],
      ['log.key_distrusted', 1],
    ])
    // A segment above the position is no longer one of the service.
    const { body } = await call('/.well-known/audit-checkpoint', { env: distrusting([2, 1], '1@1') })
    expect(body.keys).toHaveLength(1)
  })

  test('is recorded with its thumbprint also after it was removed', async () => {
    await archive(1, envWithKeys([1]))
    await moveKeys()
    await archive(2, envWithKeys([2, 1]))
    expect(await archive(3, distrusting([2], '1@2,7'))).toBe(true)
    expect((await keyLinesIn()).slice(1)).toMatchObject([
      { sequence: 4, detail: { kid: await kidOf(1), version: 1, above: 2 } },
      { sequence: 4, detail: { kid: null, version: 7, above: 3 } },
    ])
  })

  test.each(['1', '1@2'])('makes no head that is believed ahead of the service: %s', async (distrusted) => {
    await archive(1, envWithKeys([1]))
    const forged = { sequence: 9, hash: 'f'.repeat(64), event_count: 9, created_at: '2026-12-01T00:00:00.000Z' }
    const started = { sequence: 1, at: '2026-12-01T00:00:00.000Z' }
    const using = distrusting([2, 1], distrusted)
    await archive(2, using)
    await putHead(await (await signerOf(1)).sign('latchkey-checkpoint+jws', { ...forged, started }))
    expect(await archive(3, using)).toBe(true)
    expect(await headSequence()).toBe(4)
    expect(await idsIn()).toEqual(ids(1, 2, 3))
    expect(await alarmNames()).toEqual(['archive_disagreement'])
  })

  test.each([
    ['the segment', 'DB.batch', 'squatted_name'],
    ['the database', 'VAULT.put', 'archive_disagreement'],
  ] as const)('counts up to its position where a run was cut off after %s', async (_, cut, alarm) => {
    await cutAfterSegment(cut)
    // Without a position, nothing tells whether the service wrote segment 3. The same with an earlier one.
    expect(await archive(3, distrusting([2, 1], '1'))).toBe(false)
    expect(await alarmNames()).toEqual([alarm])
    expect(await again(3, distrusting([2, 1], '1@2'))).toBe(false)
    expect(await alarmNames()).toContain('squatted_name')
    expect(await segmentPaths()).toHaveLength(3)
    expect(await again(3, distrusting([2, 1], '1@3'))).toBe(true)
    expect(await idsIn()).toEqual(ids(1, 2, 3))
  })

  test('with a position before the segment that both stores name, nothing is signed until the operator decides', async () => {
    await archive(1, envWithKeys([1]))
    await archive(2, envWithKeys([1]))
    expect(await archive(3, distrusting([2, 1], '1@2'))).toBe(false)
    expect(await alarmNames()).toEqual(['archive_disagreement'])
    expect(await segmentPaths()).toHaveLength(3)
    expect(await again(3, distrusting([2, 1], '1@3'))).toBe(true)
    expect(await idsIn()).toEqual(ids(1, 2, 3))
  })

  test('an isolate that still signs with it leaves the batch to others', async () => {
    await archive(1, envWithKeys([1]))
    await archive(2, distrusting([2, 1], '1'))
    const before = await checkpoint()
    expect(await archive(3, envWithKeys([1, 2]))).toBe(false)
    expect(await checkpoint()).toBe(before)
    expect(await again(3, distrusting([2, 1], '1'))).toBe(true)
    expect(await idsIn()).toEqual(ids(1, 2, 3))
    expect(await alarmNames()).toEqual([])
  })

  test('is recorded once when the run is cut off at any call', async () => {
    await archive(1, envWithKeys([1]))
    for (const fault of ['fail', 'lose-reply'] as const) {
      let [wasKilled, version] = [true, 7]
      for (let at = 0; wasKilled; at++, version++) {
        const n = version + (fault === 'fail' ? 100 : 200)
        const distrusted = `1@${version}`
        const using = distrusting([2, 1], distrusted)
        await record([await eventOf(n, using)])
        const faulty = faultyEnv(using, killedAt(at, fault))
        const isDone = await again(n, faulty.env)
        wasKilled = faulty.calls.length > at
        if (!isDone) expect([at, fault, await again(n, using)]).toEqual([at, fault, true])
      }
      const positions = (await keyLinesIn()).flatMap(({ detail }) => detail.above ?? [])
      expect(positions.length).toBe(new Set(positions).size)
    }
    expect((await keyLinesIn()).filter(({ action }) => action === 'log.key_changed')).toHaveLength(1)
    expect(await alarmNames()).toEqual([])
  }, 60_000)
})
