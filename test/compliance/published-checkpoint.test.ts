import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { publishCheckpoint } from '../../src/compliance/archive/checkpoint/publish-checkpoint.ts'
import { deriveKeyRing } from '../../src/crypto/key-ring.ts'
import { createReceiptSigner } from '../../src/crypto/receipt-key.ts'
import { burst, call, newPerson } from '../support/api.ts'
import { headSequence } from '../support/archive.ts'
import { countCalls } from '../support/intercept-stores.ts'
import { jobContext } from '../support/job-context.ts'
import { envWithKeys } from '../support/root-keys.ts'
import { deliver, unarchivedEvents } from '../support/service.ts'

const MINUTE_MS = 60_000
/** The start of a period of five minutes. */
const START = Math.ceil(Date.now() / (5 * MINUTE_MS)) * 5 * MINUTE_MS

afterEach(() => {
  vi.useRealTimers()
})

const at = (ms: number) => vi.useFakeTimers({ now: START + ms, toFake: ['Date'] })
const read = async (using: Env = env) => (await call('/.well-known/audit-checkpoint', { env: using })).body
const publishAt = async (ms: number, using: Env = env) => publishCheckpoint(await jobContext(START + ms, using))

/** Archives the events of one more person. @returns the sequence of their segment */
async function archive(): Promise<number> {
  await newPerson()
  expect(await deliver(await unarchivedEvents())).toBe(true)
  return headSequence()
}

describe('the published checkpoint', () => {
  test('K31 moves once in five minutes, however many events there are', async () => {
    at(0)
    const sequence = await archive()
    await publishAt(0)
    const first = await read()
    expect(first.sequence).toBe(sequence)
    await archive()
    for (const ms of [1, 2 * MINUTE_MS, 5 * MINUTE_MS - 1]) {
      await publishAt(ms)
      at(ms + 2 * MINUTE_MS)
      expect(await read()).toEqual(first)
    }
    await publishAt(5 * MINUTE_MS)
    at(8 * MINUTE_MS)
    expect((await read()).sequence).toBe(sequence + 1)
  })

  test('K31 moves as seldom as LOG_PUBLISH_SECONDS says', async () => {
    const slow = { ...env, LOG_PUBLISH_SECONDS: '86400' } as unknown as Env
    const day = Math.floor(START / 86_400_000) * 86_400_000 - START
    const sequence = await archive()
    await publishAt(day, slow)
    await archive()
    await publishAt(day + 86_399_999, slow)
    at(0)
    expect((await read(slow)).sequence).toBe(sequence)
    await publishAt(day + 86_400_000, slow)
    at(2 * MINUTE_MS)
    expect((await read(slow)).sequence).toBe(sequence + 1)
  })

  test('is the newest one until the cron has published one, and after the keys have changed', async () => {
    const sequence = await archive()
    expect((await read()).sequence).toBe(sequence)
    await publishAt(0)
    const next = await archive()
    const rotated = envWithKeys([2, 1])
    const after = await read(rotated)
    expect(after).toMatchObject({ sequence: next })
    expect(after.keys).toHaveLength(2)
  })

  test('is not taken from a statement that somebody else signed, or that is none', async () => {
    const stranger = await createReceiptSigner(
      await deriveKeyRing([{ version: 1, secret: crypto.getRandomValues(new Uint8Array(32)) }]),
    )
    await archive()
    await publishAt(0)
    const genuine = await (await jobContext()).vaultStatements.read('log/publication')
    const [, payload = ''] = genuine?.split('.') ?? []
    const forged = await stranger.sign('latchkey-publication+jws', JSON.parse(atob(payload)))
    const sequence = await archive()
    for (const [minute, statement] of [forged, 'nothing', `${genuine?.slice(0, -4)}AAAA`].entries()) {
      await env.VAULT.put('log/publication', statement)
      at(minute * 2 * MINUTE_MS)
      expect((await read()).sequence).toBe(sequence)
    }
  })
})

describe('the route of the checkpoint', () => {
  test.each([false, true])(
    'K40 reads one object for a thousand requests in a minute, published: %s',
    async (published) => {
      await archive()
      if (published) await publishAt(0)
      const { env: counting, calls } = countCalls()
      const answers = [await call('/.well-known/audit-checkpoint', { env: counting })]
      calls.length = 0
      answers.push(...(await burst(999, () => call('/.well-known/audit-checkpoint', { env: counting }))))
      expect(calls).toEqual([])
      expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1)
      expect(answers[0]?.headers.get('cache-control')).toBe('public, max-age=60')
    },
  )

  test('K40 costs at most one D1 and two R2 reads', async () => {
    await archive()
    await publishAt(0)
    const { env: counting, calls } = countCalls()
    await call('/.well-known/audit-checkpoint', { env: counting })
    expect(calls).toEqual(['VAULT.get', 'VAULT.get.text'])
  })

  test('K40 one of many requests renews the answer after a minute, and the others get the old one', async () => {
    at(0)
    await archive()
    await read()
    at(MINUTE_MS)
    const { env: counting, calls } = countCalls()
    await call('/.well-known/audit-checkpoint', { env: counting })
    const before = calls.length
    await burst(100, () => call('/.well-known/audit-checkpoint', { env: counting }))
    expect(before).toBeGreaterThan(0)
    expect(calls).toHaveLength(before)
  })

  test('answers without a cache, from the stores', async () => {
    vi.spyOn(caches, 'open').mockRejectedValue(new Error('no cache'))
    const sequence = await archive()
    expect((await read()).sequence).toBe(sequence)
    vi.restoreAllMocks()
  })
})
