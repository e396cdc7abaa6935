import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { followArchive } from '../../src/compliance/archive/log/follow-log.ts'
import { newTimeOrderedId } from '../../src/core/ids.ts'
import type { EventWithSeal } from '../../src/core/sealed-event.ts'
import { DAY_MS, HOUR_MS } from '../../src/core/time.ts'
import { createSealEvent } from '../../src/crypto/event-seal.ts'
import { runtimeFor } from '../../src/runtime/runtime.ts'
import { call, newPerson } from '../support/api.ts'
import { alarmNames, readLog } from '../support/archive.ts'
import { event, record, sealed, unsealed } from '../support/audit-events.ts'
import { jobContext } from '../support/job-context.ts'
import { envWithKeys } from '../support/root-keys.ts'
import { deliver, keysIn, rows } from '../support/service.ts'
import { change } from '../support/stores.ts'

afterEach(() => {
  vi.useRealTimers()
})

async function archive(n: number, using: Env = env): Promise<boolean> {
  const one = event(n)
  await record([one])
  return await deliver([one], using)
}

const idsIn = async () => (await readLog()).map(({ id }) => id)
const ids = (...numbers: number[]) => numbers.map((n) => event(n).id)

describe('an insider who can write the database', () => {
  test.each([
    ['log_head', 'UPDATE log_head SET followed = 9223372036854775807'],
    ['log_head negative', 'UPDATE log_head SET followed = -9223372036854775807'],
    ['archive_head', "INSERT INTO archive_head VALUES (1, 9223372036854775807, 'x', 9223372036854775807, 1)"],
    ['archived_in', 'UPDATE audit_events SET archived_in = 9223372036854775807, archived_at = 1'],
    ['archived_at', 'UPDATE audit_events SET archived_at = 9223372036854775807'],
  ])('numbers beyond those of JavaScript: the archive goes on: %s', async (_, sql) => {
    await archive(1)
    await record([event(2)])
    await change(sql)
    expect(await deliver([event(2)])).toBe(true)
    expect(await idsIn()).toEqual(ids(1, 2))
    await followArchive(await jobContext())
  })

  test('K23 sets back how far the archive was followed, again and again: events wait six hours and not for ever', async () => {
    for (let n = 1; n <= 25; n++) await archive(n)
    await change('UPDATE log_head SET followed = 1')
    expect(await archive(26)).toBe(false)
    expect(await alarmNames()).toEqual(['archive_disagreement'])
    const one = event(26)
    vi.setSystemTime(Date.now() + 7 * HOUR_MS)
    await change('UPDATE log_head SET followed = 1')
    expect(await deliver([one])).toBe(true)
    expect(await idsIn()).toContain(one.id)
  })
})

describe('an insider who can write the queue', () => {
  test('K22 root key becomes distrusted: an event without a seal is not archived', async () => {
    await archive(1)
    vi.setSystemTime(Date.now() + 20 * DAY_MS)
    const after = { ...envWithKeys([2, 1]), DISTRUSTED_ROOT_KEYS: '1' } as Env
    const forged = { ...unsealed(2), id: newTimeOrderedId(Date.now()), seal: null }
    await deliver([forged], after)
    expect(await rows('SELECT reason FROM dead_letters')).toEqual([{ reason: 'unsealed' }])
    expect(await idsIn()).not.toContain(forged.id)
  })

  const unreadable = { self: undefined as unknown }
  unreadable.self = unreadable
  test.each([
    ['null', [null]],
    ['undefined', [undefined]],
    ['big', [12n]],
    ['circular', [unreadable]],
    ['bytes', [new Uint8Array(9).buffer]],
    ['large', Array.from({ length: 60 }, () => 'x'.repeat(127_000))],
  ])('K23 sends a message that cannot be kept as JSON: it hinders no other: %s', async (_, bodies) => {
    await archive(1)
    await record([event(2)])
    expect(await deliver([...bodies, event(2)])).toBe(true)
    expect(await idsIn()).toEqual(ids(1, 2))
    expect(await rows("SELECT count(*) AS n FROM dead_letters WHERE reason = 'malformed'")).toEqual([
      { n: bodies.length },
    ])
    expect(await deliver(bodies, env, 'latchkey-audit-dead')).toBe(true)
  })

  test('K32 unsealed event with a detail nested without end: hinders no other', async () => {
    await archive(1)
    await record([event(2)])
    const poison = { ...unsealed(3), detail: `{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`, seal: null }
    expect(await deliver([poison, event(2)])).toBe(true)
    expect(await idsIn()).toEqual(expect.arrayContaining(ids(2)))
  })

  test('K32 unsealed events of great size: hinder no other', async () => {
    await archive(1)
    await record([event(2)])
    const poison = Array.from({ length: 40 }, (_, n) => ({
      ...unsealed(30 + n),
      detail: JSON.stringify({ a: 'x'.repeat(120_000) }),
      seal: null,
    }))
    expect(await deliver([...poison, event(2)])).toBe(true)
    expect(await idsIn()).toEqual(expect.arrayContaining(ids(2)))
  })

  test('K22 sealed event whose detail only the database knew, nested without end', async () => {
    await archive(1)
    const { ring } = await runtimeFor(env)
    const known = { ...unsealed(3), detail: `{"a":${'['.repeat(30_000)}${']'.repeat(30_000)}}` }
    const poison = { ...known, seal: createSealEvent(ring)(known, ['detail']) }
    await record([event(2)])
    expect(await deliver([poison, event(2)])).toBe(true)
    expect(await idsIn()).toEqual(expect.arrayContaining(ids(2)))
  })

  test('K32 an unsealed copy does not displace the sealed event', async () => {
    await archive(1)
    const genuine = event(2)
    await record([genuine])
    const { seal: _, ...known } = genuine
    const forged: EventWithSeal = { ...known, action: 'user.signed_out', seal: null }
    await deliver([genuine, forged])
    expect((await readLog()).filter(({ id }) => id === genuine.id).map(({ action }) => action)).toEqual([
      'user.signed_in',
    ])
  })

  test('K32 an unsealed event has the time in its id', async () => {
    await archive(1)
    const { id: subject } = await newPerson()
    const forged = { ...unsealed(5), action: 'user.restored', subject_id: subject, occurred_at: 8.64e15, seal: null }
    await deliver([forged])
    expect(await idsIn()).not.toContain(forged.id)
    expect(await keysIn(env.VAULT, 'restored/')).toEqual([])
    expect(sealed(unsealed(5)).id).toBe(forged.id)
  })
})

describe('an insider who can write a bucket', () => {
  /** The bucket, with an object of five gigabytes at each path that begins so. */
  const withHuge = (bucket: R2Bucket, prefix: string): R2Bucket =>
    new Proxy(bucket, {
      get(target, name) {
        if (name !== 'get') return Reflect.get(target, name).bind(target)
        return async (path: string) => (path.startsWith(prefix) ? huge : target.get(path))
      },
    })
  const exhaust = async () => {
    throw new RangeError('out of memory')
  }
  const huge = { size: 5e9, etag: 'x', body: { cancel: async () => undefined }, text: exhaust, arrayBuffer: exhaust }

  test('K23 puts an object in place of the mark that no isolate can hold: it is not read', async () => {
    await archive(1)
    expect(await archive(2, { ...env, VAULT: withHuge(env.VAULT, 'log/mark') })).toBe(true)
    expect(await idsIn()).toEqual(ids(1, 2))
    expect(await alarmNames()).toEqual(['archive_disagreement'])
  })

  test.each([
    ['VAULT', 'log/publication'],
    ['ARCHIVE', 'key-endorsements/'],
  ] as const)('K23 puts such an object into %s/%s: checkpoint and keys are answered', async (name, prefix) => {
    await archive(1)
    await env[name].put(`${prefix}0`, 'x')
    const using = { ...env, [name]: withHuge(env[name], prefix) }
    const { status, body } = await call('/.well-known/audit-checkpoint', { env: using })
    expect({ status, body }).toMatchObject({ status: 200, body: { event_count: 2 } })
  })
})
