import { env } from 'cloudflare:workers'
import { describe, expect, test } from 'vitest'
import { deleteClientDetails } from '../../src/compliance/delete-client-details.ts'
import { openRuns } from '../../src/compliance/job-runs.ts'
import { together } from '../../src/core/for-all.ts'
import { timePrefix, type UserId } from '../../src/core/ids.ts'
import { dailyJobs } from '../../src/jobs/daily-jobs.ts'
import { runJob } from '../../src/jobs/run-job.ts'
import { get, newPerson } from '../support/api.ts'
import { jobContext } from '../support/job-context.ts'
import { act, ask, newAdmin, newUser } from '../support/operators.ts'
import { recordQueries } from '../support/query-plans.ts'
import { deliver, keysIn, unarchivedEvents } from '../support/service.ts'
import { change, countOf, row, rows } from '../support/stores.ts'
import { encryptUnbound } from '../support/unbound.ts'

const DAY_MS = 86_400_000
const NOW = Date.now()

const job = dailyJobs.find(({ name }) => name === 'delete-client-details')

async function runAt(now: number, settings: Record<string, string> = {}): Promise<void> {
  if (job === undefined) throw new Error('no such job')
  const ctx = await jobContext(now, { ...env, ...settings } as Env)
  await openRuns(ctx, [job.name])
  await runJob(ctx, job)
}

/** Events that are so many days old, one each second. */
const insertAged = (days: number, count: number) =>
  change(
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
     INSERT INTO audit_events (id, occurred_at, action, outcome, actor_type, request_id, pii_enc, archived_at)
     SELECT ?2 || '-7000-8000-' || printf('%012d', i), 1, 'user.signed_in', 'success', 'anonymous', 'r', 'v2.x', 1 FROM n`,
    count,
    timePrefix(NOW - days * DAY_MS),
  )

const countWithDetails = async () =>
  Number((await row('SELECT count(*) AS count FROM audit_events WHERE pii_enc IS NOT NULL')).count)

describe('addresses and devices in events', () => {
  test('go after AUDIT_SYSTEM_DAYS, even if AUDIT_HOT_DAYS keeps the events longer (K28)', async () => {
    const person = await newPerson()
    const before = await get('/users/me/activity', person.accessToken)
    expect(before.body.events[0].ip).not.toBeNull()
    await runAt(Date.now() + 89 * DAY_MS, { AUDIT_HOT_DAYS: '3650' })
    expect((await get('/users/me/activity', person.accessToken)).body).toEqual(before.body)
    await runAt(Date.now() + 91 * DAY_MS, { AUDIT_HOT_DAYS: '3650' })
    expect(await countWithDetails()).toBe(0)
    const { body } = await get('/users/me/activity', person.accessToken)
    expect(body.events).toHaveLength(before.body.events.length)
    for (const event of body.events) expect(event).toMatchObject({ ip: null, user_agent: null })
  })

  test('are not archived, neither readable nor encrypted (K28)', async () => {
    await newPerson()
    const sealed = await rows('SELECT pii_enc FROM audit_events WHERE pii_enc IS NOT NULL')
    expect(sealed.length).toBeGreaterThan(0)
    expect(await deliver(await unarchivedEvents())).toBe(true)
    const paths = await keysIn(env.ARCHIVE, 'audit/')
    const archived = (await Promise.all(paths.map(async (path) => (await env.ARCHIVE.get(path))?.text()))).join('')
    expect(archived).toContain('user.signed_in')
    for (const { pii_enc } of sealed) expect(archived).not.toContain(String(pii_enc))
    expect(archived).not.toContain('pii_enc')
  })

  test('go page by page, and a later run begins where the last one ended (K28)', async () => {
    await insertAged(100, 1500)
    await runAt(NOW)
    expect(await countWithDetails()).toBe(0)
    // No event gets an address later. These show that the run does not read what is older.
    await insertAged(95, 3)
    const { next, counts } = await deleteClientDetails(await jobContext(NOW + DAY_MS), undefined, together)
    expect({ next, cleared: counts.cleared }).toEqual({ next: 'done', cleared: 0 })
    // Shorter from now on: what became due in between is found as well.
    await insertAged(50, 2)
    await runAt(NOW, { AUDIT_SYSTEM_DAYS: '30' })
    expect(await countWithDetails()).toBe(3)
  })

  test('are not read again, and a page searches the primary key', async () => {
    await insertAged(100, 3)
    const { env: recording, plans } = recordQueries()
    await deleteClientDetails(await jobContext(NOW, recording), undefined, together)
    const scanned = (await plans()).filter((line) => /^SCAN (audit_events|job_runs)/.test(line))
    expect(scanned).toEqual([])
  })

  test('of messages of 0.2.0 that the queue gave up on go as well (K28)', async () => {
    const bodies = ['{"id":"1","pii_enc":"v1.canary"}', 'no JSON', '{"id":"2","pii_enc":null}', '[1]']
    for (const [i, body] of bodies.entries())
      await change('INSERT INTO dead_letters (id, queue, body, received_at) VALUES (?, ?, ?, ?)', `l${i}`, 'q', body, 1)
    await runAt(NOW)
    expect(JSON.stringify(await rows('SELECT body FROM dead_letters'))).not.toContain('canary')
    expect(await countOf('dead_letters')).toBe(4)
  })

  test('go, and the notes of operators stay, those of 0.2.0 too (K28, K39)', async () => {
    const [admin, person] = [await newAdmin(), await newUser()]
    await act(admin, person, 'suspend', { note: 'Note of now' })
    await act(admin, person, 'reactivate')
    const lookup = await (await jobContext()).vault.find(person.id as UserId)
    if (lookup.kind !== 'found') throw new Error('no key')
    const place = { table: 'audit_events', column: 'pii_enc', owner: person.id }
    await change(
      "UPDATE audit_events SET seal = NULL, pii_enc = ? WHERE action = 'user.reactivated'",
      await encryptUnbound(lookup.key, place, JSON.stringify({ note: 'Note of then' })),
    )
    await runAt(Date.now() + 91 * DAY_MS)
    const { body } = await ask(admin, `/audit?subject=${person.id}&reveal=true&reason=support_case`)
    const notes = body.events.flatMap(({ note }: { note?: string }) => note ?? [])
    expect(notes.sort()).toEqual(['Note of now', 'Note of then'])
    expect(await countWithDetails()).toBe(1)
  })
})
