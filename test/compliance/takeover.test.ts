import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { checkpointPath } from '../../src/compliance/archive/format/segment-number.ts'
import { readKeptHead } from '../../src/compliance/archive/format/signed-head.ts'
import { createSegmentSource } from '../../src/compliance/archive/verify/archive-source.ts'
import type { WalkedEvent } from '../../src/compliance/archive/verify/chain-walk.ts'
import { type SoundChain, verifyChain } from '../../src/compliance/archive/verify/verify-chain.ts'
import type { UserId } from '../../src/core/ids.ts'
import { HOUR_MS } from '../../src/core/time.ts'
import { get, newPerson, post } from '../support/api.ts'
import { alarmNames, textAt } from '../support/archive.ts'
import { event, record } from '../support/audit-events.ts'
import { interceptStores } from '../support/intercept-stores.ts'
import { jobContext } from '../support/job-context.ts'
import { deliverOld, type OldStep, oldEvent, recordOld } from '../support/old-worker.ts'
import { plainApp } from '../support/passwords.ts'
import { deliver, keysIn, rows, runCron } from '../support/service.ts'
import { change } from '../support/stores.ts'
import { encryptUnbound } from '../support/unbound.ts'

/**
 * `npm run test:deep -- --project takeover` takes over as many events as a large deployment may have waiting.
 */
const { TAKEOVER } = env as Env & { TAKEOVER: string }
const IS_DEEP = TAKEOVER === 'all'
const [UNSENT, QUEUED] = IS_DEEP ? [5000, 500] : [400, 300]

const MINUTE_MS = 60_000
const FIVE_MINUTES = '*/5 * * * *'
const BATCH = 100

afterEach(() => {
  vi.useRealTimers()
})

const pass = (ms: number) => vi.setSystemTime(Date.now() + ms)

/** A queue of events, and the environment of a Worker that sends to it. */
function newQueue() {
  const messages: unknown[] = []
  const AUDIT_QUEUE = {
    sendBatch: async (batch: Iterable<{ body: unknown }>) => {
      messages.push(...[...batch].map(({ body }) => body))
    },
    metrics: async () => ({ backlogCount: messages.length }),
  }
  return { messages, env: { ...env, AUDIT_QUEUE } as unknown as Env }
}

type Queue = ReturnType<typeof newQueue>

/** Delivers the messages of a queue, and returns those to it that are not acknowledged. */
async function drain({ messages }: Queue, consume: (batch: unknown[]) => Promise<boolean> = deliver): Promise<void> {
  const waiting = messages.splice(0)
  for (let from = 0; from < waiting.length; from += BATCH) {
    const batch = waiting.slice(from, from + BATCH)
    if (!(await consume(batch))) messages.push(...batch)
  }
}

/** Lets time pass, runs the cron of this version, and delivers what it sends. */
async function runCronAfter(minutes: number, queue: Queue): Promise<void> {
  pass(minutes * MINUTE_MS)
  await runCron(queue.env, FIVE_MINUTES)
  await drain(queue)
}

const bucket = {
  async *list(prefix: string) {
    let cursor: string | undefined
    do {
      const page = await env.ARCHIVE.list({ prefix, ...(cursor !== undefined && { cursor }) })
      for (const { key } of page.objects) yield key
      cursor = page.truncated ? page.cursor : undefined
    } while (cursor !== undefined)
  },
  read: async (path: string) => (await env.ARCHIVE.get(path))?.bytes(),
}

/** Reads the whole archive as `latchkey audit verify` does. @returns its events, and the verdict */
async function readArchive(keptJws?: string): Promise<{ events: WalkedEvent[]; verdict: SoundChain }> {
  const { receipts } = await jobContext()
  const findKey = async (kid: string) => (kid === receipts.publicKey.kid ? receipts.publicKey : undefined)
  const kept = keptJws === undefined ? undefined : await readKeptHead(keptJws, findKey)
  expect(kept?.isSigned).toBe(keptJws === undefined ? undefined : true)
  const events: WalkedEvent[] = []
  const walk = verifyChain(createSegmentSource(bucket, { findKey }), { kept, onEvent: (one) => events.push(one) })
  let step = await walk.next()
  while (!step.done) step = await walk.next()
  if (!step.value.ok) throw new Error(JSON.stringify(step.value.finding))
  return { events, verdict: step.value }
}

/** Checks that each of these events is in the chain once, and that no other is, besides `log.started`. */
async function expectOnce(all: readonly { readonly id: string }[], keptJws?: string): Promise<WalkedEvent[]> {
  const { events, verdict } = await readArchive(keptJws)
  const own = events.filter(({ action }) => action !== 'log.started')
  expect(own.map(({ id }) => id).sort()).toEqual(all.map(({ id }) => id).sort())
  expect(verdict).toMatchObject({ unsignedTail: false, repeated: 0 })
  expect(await rows('SELECT id FROM dead_letters')).toEqual([])
  expect(await rows('SELECT id FROM audit_events WHERE archived_at IS NULL')).toEqual([])
  expect(await alarmNames()).toEqual([])
  return own
}

const isNew = (one: WalkedEvent) => 'nonce' in one
const newOldEvents = (count: number, fromMs: number) => Array.from({ length: count }, (_, n) => oldEvent(fromMs + n))

test('K16 K32 events that wait, and a Worker of the version before that still writes: each is archived once', async () => {
  const startMs = Date.now() - 3 * HOUR_MS
  const archived = newOldEvents(BATCH, startMs)
  const unsent = newOldEvents(UNSENT, startMs + HOUR_MS)
  const queued = newOldEvents(QUEUED, startMs + 2 * HOUR_MS)
  await recordOld([...archived, ...unsent, ...queued])
  await change('UPDATE audit_events SET sent_at = ? WHERE id >= ?', Date.now(), queued[0]?.id)
  expect(await deliverOld(archived)).toBe(true)
  const kept = await textAt(checkpointPath(1))
  const queue = newQueue()
  queue.messages.push(...queued)

  // The consumers take turns. After the first run of this version the one before has its batches returned.
  let turn = 0
  const seen: boolean[] = []
  await drain(queue, async (batch) => {
    const isOld = turn++ % 2 === 0
    const acknowledged = await (isOld ? deliverOld(batch) : deliver(batch))
    if (isOld) seen.push(acknowledged)
    return acknowledged
  })
  expect(seen[0]).toBe(true)

  // For an hour, requests of both versions record and send events, or are cut off before they send them.
  const written: { id: string }[] = []
  let n = 0
  for (let minutes = 0; minutes < 55; minutes += 11) {
    const [sent, lost] = [oldEvent(Date.now()), oldEvent(Date.now())]
    const [own, misread] = [event(++n), event(++n)]
    await recordOld([sent, lost])
    await record([own, misread])
    written.push(sent, lost, own, misread)
    queue.messages.push(sent, own)
    expect(await deliverOld([sent])).toBe(false)
    // The version before cannot read events with a seal.
    expect(await deliverOld([misread])).toBe(true)
    expect(await rows('SELECT id FROM dead_letters')).toHaveLength(1)
    await runCronAfter(11, queue)
  }
  await runCronAfter(70, queue)
  expect(queue.messages).toEqual([])

  const events = await expectOnce([...archived, ...unsent, ...queued, ...written], kept)
  const sealedIds = new Set(Array.from({ length: n }, (_, i) => event(i + 1).id))
  for (const one of events.filter(isNew)) expect('unsealed' in one).toBe(!sealedIds.has(one.id))
  expect(events.filter((one) => !isNew(one)).length).toBeGreaterThanOrEqual(2 * BATCH)
  const inNew = new Set(events.filter(isNew).map(({ id }) => id))
  for (const { id, archived_in } of await rows('SELECT id, archived_in FROM audit_events'))
    expect([id, archived_in !== null]).toEqual([id, inNew.has(String(id))])
}, 600_000)

test('K32 what is stored of a person: events in old segments, fields, devices, and an export that is ready', async () => {
  const person = await newPerson({}, { app: plainApp })
  const old = Array.from({ length: 5 }, (_, n) => oldEvent(Date.now() - (200 - n * 20) * 24 * HOUR_MS, person.id))
  await recordOld(old)
  for (const one of old) expect(await deliverOld([one])).toBe(true)
  await change('DELETE FROM audit_events WHERE archived_at IS NOT NULL')
  const lookup = await (await jobContext()).vault.find(person.id as UserId)
  if (lookup.kind !== 'found') throw new Error('no key')
  const seal = (table: string, column: string, text: string) =>
    encryptUnbound(lookup.key, { table, column, owner: person.id }, text)
  await change('UPDATE users SET email_enc = ?', await seal('users', 'email_enc', person.email))
  await change('UPDATE user_profiles SET full_name_enc = ?', await seal('user_profiles', 'full_name_enc', 'Ada'))
  await change('UPDATE sessions SET device_enc = ?', await seal('sessions', 'device_enc', '{"user_agent":"old-agent"}'))

  await record([event(1)])
  expect(await deliver([event(1)])).toBe(true)
  const token = person.accessToken
  expect((await get('/users/me', token)).body).toMatchObject({ email: person.email, profile: { full_name: 'Ada' } })
  expect((await get('/users/me/sessions', token)).body.sessions[0].user_agent).toBe('old-agent')
  const download = async (id: string) => (await get(`/users/me/export/${id}/download`, token)).body
  const ids = old.map(({ id }) => id)
  const idsIn = (body: Awaited<ReturnType<typeof download>>) => {
    expect(body.data.unreadable_archive_segments).toEqual([])
    return body.data.events.map(({ id }: { id: string }) => id).filter((id: string) => ids.includes(id))
  }
  const { id } = (await post('/users/me/export', {}, { token })).body
  const before = await download(id)
  expect(idsIn(before)).toEqual(ids)
  // The same bundle, as the version before encrypted it.
  await env.VAULT.put(`exports/${person.id}/${id}`, await seal('exports', `bundle/${id}`, JSON.stringify(before)))
  expect(await download(id)).toEqual(before)

  expect(await rows('SELECT * FROM archive_places')).toHaveLength(ids.length)
  await runCron()
  expect(await rows('SELECT * FROM archive_places')).toEqual([])
  await change('DELETE FROM exports')
  expect(idsIn(await download((await post('/users/me/export', {}, { token })).body.id))).toEqual(ids)
  expect((await get('/users/me', token)).body).toMatchObject({ email: person.email, profile: { full_name: 'Ada' } })
})

describe('a batch of the consumer before, and the first batch of this one', () => {
  interface Interleaving {
    /** The call of this version's first run before which the one before runs. */
    readonly call: number
    /** The consumer before stops after this step, until the first run of this version has ended. */
    readonly pausedAfter: OldStep | undefined
  }

  /** @returns how many calls the first run of this version made */
  async function interleave({ call, pausedAfter }: Interleaving): Promise<number> {
    const hourAgo = Date.now() - HOUR_MS
    const [first, ofOld, ofNew] = [
      newOldEvents(2, hourAgo),
      newOldEvents(2, hourAgo + 10),
      newOldEvents(2, hourAgo + 20),
    ]
    await recordOld([...first, ...ofOld, ...ofNew])
    await deliverOld(first)
    const kept = await textAt(checkpointPath(1))
    const { promise: runEnded, resolve: endRun } = Promise.withResolvers<void>()
    let old: Promise<boolean> | undefined
    const startOld = async () => {
      const { promise: isPaused, resolve: pause } = Promise.withResolvers<void>()
      old = deliverOld(ofOld, async (step) => {
        if (step !== pausedAfter) return
        pause()
        await runEnded
      })
      await Promise.race([old, isPaused])
    }
    let calls = 0
    const using = interceptStores(async (_, run) => {
      if (calls++ === call) await startOld()
      return run()
    })
    const queue = newQueue()
    if (!(await deliver(ofNew, using))) queue.messages.push(...ofNew)
    endRun()
    // The messages of a batch that is not acknowledged come again, here and there.
    if (old && !(await old)) queue.messages.push(...ofOld)
    else if (!old) queue.messages.push(...ofOld)
    await drain(queue)
    await drain(queue)
    await runCronAfter(70, queue)
    await expectOnce([...first, ...ofOld, ...ofNew], kept)
    return calls
  }

  async function empty(): Promise<void> {
    for (const bucketOf of [env.ARCHIVE, env.VAULT]) await bucketOf.delete(await keysIn(bucketOf, ''))
    for (const table of ['log_head', 'archive_head', 'audit_events', 'archive_places', 'job_runs']) {
      await change(`DELETE FROM ${table}`)
    }
    vi.useRealTimers()
  }

  const PAUSES = [undefined, 'read', 'segment', 'checkpoint', 'database'] as const

  /** `npm test` interrupts every third call, each of them at another pause. */
  const STEP = IS_DEEP ? 1 : 3

  test.each(PAUSES)(
    'K16 K32 in every order, with the one before paused after: %s',
    async (pausedAfter) => {
      let calls = Number.POSITIVE_INFINITY
      for (let call = PAUSES.indexOf(pausedAfter) % STEP; call <= calls; call += STEP) {
        calls = await interleave({ call, pausedAfter }).catch((error: unknown) => {
          throw new Error(`before call ${call}`, { cause: error })
        })
        await empty()
      }
    },
    600_000,
  )
})
