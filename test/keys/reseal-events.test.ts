import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { resealEvents } from '../../src/compliance/archive/log/reseal-events.ts'
import { openRuns } from '../../src/compliance/job-runs.ts'
import { type ForAll, together } from '../../src/core/for-all.ts'
import type { UserId } from '../../src/core/ids.ts'
import type { SealedEvent } from '../../src/core/sealed-event.ts'
import { holdText, openErasureSeals } from '../../src/crypto/erasure-seal.ts'
import { checkSeal, createSealEvent } from '../../src/crypto/event-seal.ts'
import { dailyJobs } from '../../src/jobs/daily-jobs.ts'
import { dailyKeyJobs } from '../../src/jobs/key-jobs.ts'
import { requestedJobs } from '../../src/jobs/requested-jobs.ts'
import { runJob } from '../../src/jobs/run-job.ts'
import { getKeyProgress } from '../../src/keys/get-key-progress.ts'
import { noteRootKeys } from '../../src/keys/note-root-keys.ts'
import { call, get, newPerson as newPersonOf, PASSWORD, type Person, post } from '../support/api.ts'
import { alarmNames, readLog } from '../support/archive.ts'
import { event, record } from '../support/audit-events.ts'
import { listenToConsole } from '../support/console.ts'
import { jobContext } from '../support/job-context.ts'
import { bundleAll, DAY_MS, giveOldEvents } from '../support/old-events.ts'
import { plainApp as app } from '../support/passwords.ts'
import { recordQueries } from '../support/query-plans.ts'
import { envWithKeys } from '../support/root-keys.ts'
import { deliver, runCron, unarchivedEvents } from '../support/service.ts'
import { SIZES } from '../support/sizes.ts'
import { change, row, rows } from '../support/stores.ts'

const HOUR_MS = 3_600_000

beforeEach(() => {
  listenToConsole()
})

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const newPerson = () => newPersonOf({}, { app })
const both = envWithKeys([2, 1])
const alone = envWithKeys([2])
const contextOf = (using: Env) => jobContext(Date.now(), using)
const passMs = (ms: number) => vi.setSystemTime(Date.now() + ms)

/** What `latchkey keys rotate` requests, and what each run of the cron does about root keys. */
async function rotate(using = both): Promise<void> {
  const jobs = [...dailyKeyJobs, ...dailyJobs.filter(({ name }) => name === 'check-seals')]
  await openRuns(
    await contextOf(using),
    jobs.map(({ name }) => name),
  )
  for (const job of jobs) await runJob(await contextOf(using), job)
  await noteRootKeys(await contextOf(using))
}

const usageOf = async (version: number, using = both) =>
  (await getKeyProgress(await contextOf(using))).versions.find((usage) => usage.version === version)

/** Rotates again once no isolate can write under root key 1 any more. */
async function finish(using = both): Promise<void> {
  passMs(HOUR_MS)
  await rotate(using)
}

const sealOf = async (id: string | undefined) =>
  String((await row('SELECT seal FROM audit_events WHERE id = ?', id)).seal)
const lastCounts = async () =>
  JSON.parse(String((await rows("SELECT counts FROM job_runs WHERE job = 'reseal-events' ORDER BY id")).at(-1)?.counts))

const deleteAccount = ({ accessToken: token }: Person) => call('/api/v1/users/me', { method: 'DELETE', token })

async function hold({ id }: Person): Promise<void> {
  const seals = await openErasureSeals((await jobContext()).ring)
  const seal = seals.seal(holdText({ user_id: id as UserId, reason: 'case', placed_at: 1 }))
  await change("INSERT INTO legal_holds (user_id, reason, placed_at, seal) VALUES (?, 'case', 1, ?)", id, seal)
}

test('once the old root key is drained it can be removed: events are archived, shown and bundled, requests purged, holds kept (D4, K22)', async () => {
  const [person, leaving, held] = [await newPerson(), await newPerson(), await newPerson()]
  const old = await giveOldEvents(person, { count: 2, fromMs: Date.now() - 130 * DAY_MS })
  await deleteAccount(leaving)
  await deleteAccount(held)
  await hold(held)
  const pending = await unarchivedEvents()
  expect(pending.length).toBeGreaterThan(0)
  await rotate()
  expect(await usageOf(1)).toMatchObject({ state: 'in_use', sealed_events: pending.length, sealed_requests: 0 })
  expect(await usageOf(2)).toMatchObject({ sealed_events: 2, sealed_requests: 3 })

  expect(await deliver(pending, both)).toBe(true)
  await finish()
  expect(await usageOf(1)).toMatchObject({ state: 'drained', sealed_events: 0, sealed_requests: 0 })
  expect(await rows("SELECT id FROM audit_events WHERE seal NOT LIKE '2.%'")).toEqual([])

  const archived = (await readLog()).map(({ id }) => id)
  expect(archived).toEqual(expect.arrayContaining(pending.map(({ id }) => id)))
  const signedIn = await post('/auth/login', { email: person.email, password: PASSWORD }, { app, env: alone })
  const shown = await get('/users/me/activity?limit=100', signedIn.body.access_token, { app, env: alone })
  expect(shown.body.events.map(({ id }: { id: string }) => id)).toEqual(expect.arrayContaining(old))
  expect(shown.body.events.filter(({ uncertain }: { uncertain: string[] }) => uncertain.includes('event'))).toEqual([])
  expect(await bundleAll(await contextOf(alone))).toBe(2)

  expect(await deliver(await unarchivedEvents(), alone)).toBe(true)
  passMs(31 * DAY_MS)
  await runCron(alone)
  expect(
    await rows('SELECT user_id, completed_at IS NOT NULL AS completed, refused_at FROM erasures ORDER BY completed'),
  ).toEqual([
    { user_id: held.id, completed: 0, refused_at: null },
    { user_id: leaving.id, completed: 1, refused_at: null },
  ])
  expect(await alarmNames()).toEqual([])
})

describe('an event under an older root key', () => {
  test('keeps the names of the parts that only the database knew (D4, K22)', async () => {
    const { ring } = await jobContext()
    const made = { ...event(1), outcome: 'success' } satisfies SealedEvent
    const seal = createSealEvent(ring)(made, ['subject', 'outcome'])
    const stored = { ...made, outcome: 'failure', seal } as const
    await record([stored])
    await change('UPDATE audit_events SET archived_at = 1')
    await rotate()
    expect(await sealOf(made.id)).toMatch(/^2\.so\./)
    expect(checkSeal((await contextOf(alone)).ring, { ...stored, seal: await sealOf(made.id) })).toEqual({
      state: 'sealed',
      fromDatabase: ['subject', 'outcome'],
    })
  })

  test('whose seal does not hold is not sealed anew, raises an alarm, and does not keep the key (D4, K22)', async () => {
    const ids = await giveOldEvents(await newPerson(), { count: 3, fromMs: 1 })
    await change('DELETE FROM audit_events WHERE id NOT IN (SELECT value FROM json_each(?))', JSON.stringify(ids))
    await change("UPDATE audit_events SET outcome = 'failure' WHERE id = ?", ids[0])
    await change("UPDATE audit_events SET seal = '1..' || seal WHERE id = ?", ids[1])
    const before = [await sealOf(ids[0]), await sealOf(ids[1])]
    await rotate()
    expect([await sealOf(ids[0]), await sealOf(ids[1])]).toEqual(before)
    expect(await sealOf(ids[2])).toMatch(/^2\./)
    expect(await lastCounts()).toMatchObject({ resealed: 1, unsealed: 2, version_2: 1 })
    expect(await alarmNames()).toContain('unsealed_row')
    await finish()
    expect(await usageOf(1)).toMatchObject({ state: 'drained', sealed_events: 0 })
  })

  test('that is distrusted is not sealed anew, and does not keep the key (D4)', async () => {
    const [id] = await giveOldEvents(await newPerson(), { count: 1, fromMs: 1 })
    const distrusting = { ...both, DISTRUSTED_ROOT_KEYS: '1' } as unknown as Env
    await rotate(distrusting)
    expect(await sealOf(id)).toMatch(/^1\./)
    expect(await lastCounts()).toMatchObject({ resealed: 0 })
    expect((await lastCounts()).distrusted).toBeGreaterThan(0)
    await finish(distrusting)
    expect(await usageOf(1, distrusting)).toMatchObject({ state: 'drained', sealed_events: 0 })
  })

  test('that ROOT_KEYS lacks is counted under it if it was ever in use (D4)', async () => {
    const [known, unknown] = await giveOldEvents(await newPerson(), { count: 2, fromMs: 1 })
    await change('DELETE FROM audit_events WHERE id NOT IN (?, ?)', known, unknown)
    await change("UPDATE audit_events SET seal = '9' || substr(seal, 2) WHERE id = ?", unknown)
    await noteRootKeys(await contextOf(both))
    await rotate(envWithKeys([3, 2]))
    expect(await lastCounts()).toEqual({
      dead_letters: 0,
      distrusted: 0,
      resealed: 0,
      unknown: 1,
      unsealed: 0,
      version_1: 1,
      version_3: 0,
    })
  })

  test.each(SIZES)('keeps the seal that a concurrent change gave it, with %i runs at once (D4)', async (count) => {
    const [changed, gone, other] = await giveOldEvents(await newPerson(), { count: 3, fromMs: 1 })
    await change('UPDATE audit_events SET archived_at = 1')
    await change('DELETE FROM audit_events WHERE id NOT IN (?, ?, ?)', changed, gone, other)
    const ctx = await contextOf(both)
    const racing: ForAll = async (items, work) => {
      await change("UPDATE audit_events SET seal = '2..another', detail = NULL WHERE id = ?", changed)
      await change('DELETE FROM audit_events WHERE id = ?', gone)
      await work(items)
      return items
    }
    const pages = await Promise.all(Array.from({ length: count }, () => resealEvents(ctx, undefined, racing)))
    expect(await sealOf(changed)).toBe('2..another')
    expect(await rows('SELECT id FROM audit_events WHERE id = ?', gone)).toEqual([])
    expect(await sealOf(other)).toMatch(/^2\./)
    expect(pages.reduce((sum, { counts }) => sum + (counts.resealed ?? 0), 0)).toBe(1)
  })
})

test('a page that is cut off after its write is repeated without effect, and the pages follow the key (D4)', async () => {
  const person = await newPerson()
  await change('DELETE FROM audit_events')
  await giveOldEvents(person, { count: 1200, fromMs: 1 })
  const ctx = await contextOf(both)
  const first = await resealEvents(ctx, undefined, together)
  expect(first.counts).toMatchObject({ resealed: 1000, version_1: 0, version_2: 1000 })
  const cutOff: ForAll = async (items, work) => {
    await work(items)
    throw new Error('cut off')
  }
  await expect(resealEvents(ctx, first.next, cutOff)).rejects.toThrow('cut off')
  const again = await resealEvents(ctx, first.next, together)
  expect(again).toMatchObject({ next: 'letters:', counts: { resealed: 0, version_2: 200 } })
  expect(await resealEvents(ctx, again.next, together)).toEqual({ next: 'done', counts: { dead_letters: 0 } })
  expect(await rows("SELECT id FROM audit_events WHERE seal NOT LIKE '2.%'")).toEqual([])
})

test('a dead letter under the old root key keeps it in use until it is replayed (D4)', async () => {
  const sent = event(1)
  const forged = { ...event(2), outcome: 'failure' }
  for (const [id, body] of [
    ['a', sent],
    ['b', forged],
    ['c', { id: 'mail' }],
  ])
    await change(
      "INSERT INTO dead_letters (id, queue, body, received_at) VALUES (?, 'latchkey-audit', ?, 1)",
      id,
      JSON.stringify(body),
    )
  await change(
    "INSERT INTO dead_letters (id, queue, body, received_at, reason) VALUES ('d', 'latchkey-audit', ?, 1, 'too_old')",
    JSON.stringify(event(3)),
  )
  await giveOldEvents(await newPerson(), { count: 1, fromMs: 1 })
  await change('UPDATE audit_events SET archived_at = 1')
  await rotate()
  expect(await usageOf(1)).toMatchObject({ state: 'in_use', sealed_events: 2 })
  expect(await lastCounts()).toMatchObject({ dead_letters: 2 })

  await openRuns(await contextOf(both), ['replay-dead-letters'])
  const replay = requestedJobs.find(({ name }) => name === 'replay-dead-letters')
  if (replay) await runJob(await contextOf(both), replay)
  await change("UPDATE dead_letters SET replayed_at = 1 WHERE id = 'd'")
  await finish()
  expect(await usageOf(1)).toMatchObject({ state: 'drained', sealed_events: 0 })
})

test('a request that was refused does not keep the old root key, and an open one does (D4)', async () => {
  const leaving = await newPerson()
  await deleteAccount(leaving)
  await change('UPDATE audit_events SET archived_at = 1')
  await change('UPDATE erasures SET due_at = due_at - 1')
  await rotate()
  expect(await usageOf(1)).toMatchObject({ state: 'in_use', sealed_requests: 1 })
  await change('UPDATE erasures SET refused_at = 1')
  await finish()
  expect(await usageOf(1)).toMatchObject({ state: 'drained', sealed_requests: 0 })
})

test('the job reads and writes events by their primary key', async () => {
  const { env: recorded, plans } = recordQueries()
  await giveOldEvents(await newPerson(), { count: 3, fromMs: 1 })
  await resealEvents(await contextOf(envWithKeys([2, 1], recorded)), undefined, together)
  const found = await plans()
  expect(found.filter((line) => line.startsWith('SCAN audit_events'))).toEqual([])
  expect(found.filter((line) => line.startsWith('SEARCH audit_events USING INDEX sqlite_autoindex'))).not.toEqual([])
})
