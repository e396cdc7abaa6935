import { env } from 'cloudflare:workers'
import { describe, expect, it, test } from 'vitest'
import scaling from '../../docs/scaling.md?raw'
import { bundleActivity } from '../../src/compliance/activity/bundle-activity.ts'
import { bundledBefore } from '../../src/compliance/activity/bundle-period.ts'
import { bundlePlaces } from '../../src/compliance/activity/bundle-places.ts'
import { deleteOrphanActivity } from '../../src/compliance/activity/delete-orphan-activity.ts'
import { createJudge } from '../../src/compliance/activity/judge-row.ts'
import { GENESIS } from '../../src/compliance/archive/format/chain-head.ts'
import type { ArchivedEvent } from '../../src/compliance/archive/format/old-segment.ts'
import { oldSegmentPath } from '../../src/compliance/archive/format/segment-number.ts'
import { deleteExpiredRows } from '../../src/compliance/delete-expired-rows.ts'
import { purgeDueUsers } from '../../src/compliance/erasure/purge-due-users.ts'
import type { Context } from '../../src/context.ts'
import { together } from '../../src/core/for-all.ts'
import type { UserId } from '../../src/core/ids.ts'
import type { DatabasePart } from '../../src/core/sealed-event.ts'
import { createSealEvent } from '../../src/crypto/event-seal.ts'
import type { KeyRing } from '../../src/crypto/key-ring.ts'
import { type Answer, call, get, newPerson as newPersonOf, type Person } from '../support/api.ts'
import { requestErasure } from '../support/erasures.ts'
import { faultsAt } from '../support/faults-at.ts'
import { faultyEnv, killedAt } from '../support/faulty-env.ts'
import { countCalls } from '../support/intercept-stores.ts'
import { jobContext } from '../support/job-context.ts'
import { ringOf } from '../support/keys.ts'
import { formatOldSegment } from '../support/old-archive.ts'
import { bundleAll, DAY_MS, giveOldEvents } from '../support/old-events.ts'
import { plainApp as app } from '../support/passwords.ts'
import { recordQueries } from '../support/query-plans.ts'
import { deliver, unarchivedEvents } from '../support/service.ts'
import { SIZES } from '../support/sizes.ts'
import { change, row, rows } from '../support/stores.ts'

const NOW = Date.now()
const newPerson = () => newPersonOf({}, { app })
const settings = { AUDIT_HOT_DAYS: 90, AUDIT_BUNDLE_DAYS: 28 }
/** The end of the newest period that is bundled. */
const CUT = bundledBefore(NOW, settings)
const period = (n: number) => CUT - n * 28 * DAY_MS
const nameOf = (startMs: number) => `${new Date(startMs).toISOString().slice(0, 10)}+28`

const EVENT = {
  id: '01a20beb-e3d7-7000-8000-5d1c0f6c2b11',
  action: 'user.signed_in',
  outcome: 'success',
  actor_type: 'system',
  actor_id: null,
  subject_id: null,
  request_id: 'r',
  detail: null,
  note_enc: null,
  pii_enc: null,
} as const

const objects = async () => (await env.VAULT.list({ prefix: 'activity/' })).objects.map(({ key }) => key)
const bundleRows = () => rows('SELECT user_id, period, events FROM activity_bundles ORDER BY user_id, period')
const oldRows = async () => (await rows('SELECT id FROM audit_events WHERE archived_at = 1 ORDER BY id')).map(idOf)
const idOf = ({ id }: { readonly id?: unknown }): string => String(id)

async function exportOf(person: Person, bindings?: Env): Promise<Answer['body']> {
  const token = person.accessToken
  const asked = await call('/api/v1/users/me/export', { method: 'POST', token, ...(bindings && { env: bindings }) })
  return (await get(`/users/me/export/${asked.body.id}/download`, token)).body
}

async function everyPage(person: Person, limit: number): Promise<string[]> {
  const seen: string[] = []
  let cursor = ''
  let pages = 0
  do {
    expect(++pages).toBeLessThan(100)
    const { status, body } = await get(`/users/me/activity?limit=${limit}${cursor}`, person.accessToken)
    expect(status).toBe(200)
    seen.push(...body.events.map(idOf))
    cursor = body.next_cursor === null ? '' : `&cursor=${body.next_cursor}`
  } while (cursor !== '')
  return seen
}

const beginPurge = (userId: string) =>
  change(
    "INSERT INTO erasures (user_id, requested_at, due_at, started_at, basis) VALUES (?, 1, 1, 1, 'user_request') ON CONFLICT DO NOTHING",
    userId,
  )

describe('events whose period lies more than AUDIT_HOT_DAYS back', () => {
  it('leave the database, and are in activity and export as before', async () => {
    const [person, other] = [await newPerson(), await newPerson()]
    const ids = [
      ...(await giveOldEvents(person, { count: 5, fromMs: period(2) })),
      ...(await giveOldEvents(person, { count: 3, fromMs: period(1) + DAY_MS })),
    ]
    const recent = await giveOldEvents(person, { count: 2, fromMs: CUT })
    await giveOldEvents(other, { count: 1, fromMs: period(1) })
    const before = await exportOf(person)
    expect(await bundleAll()).toBe(9)
    expect(await oldRows()).toEqual(recent)
    expect(await bundleRows()).toEqual(
      expect.arrayContaining([
        { user_id: person.id, period: nameOf(period(2)), events: 5 },
        { user_id: person.id, period: nameOf(period(1)), events: 3 },
      ]),
    )
    const after = await exportOf(person)
    expect(after.data.incomplete_activity_bundles).toEqual([])
    const old = (body: Answer['body']) => body.data.events.filter(({ id }: { id: string }) => ids.includes(id))
    expect(old(after)).toEqual(old(before))
    expect(old(after)).toHaveLength(8)
    expect((await everyPage(person, 100)).slice(-10)).toEqual([...ids, ...recent].reverse())
    expect(await bundleAll()).toBe(0)
  })

  it('stay while they are not archived, and those about nobody too', async () => {
    const person = await newPerson()
    await giveOldEvents(person, { count: 2, fromMs: period(1) })
    await change('UPDATE audit_events SET archived_at = NULL WHERE archived_at = 1')
    expect(await bundleAll()).toBe(0)
    await change('UPDATE audit_events SET archived_at = 1, subject_id = NULL')
    expect(await bundleAll()).toBe(0)
    expect(await objects()).toEqual([])
  })

  it('are on exactly one page each, newest first, whatever the size of the page', async () => {
    const person = await newPerson()
    const ids = []
    for (const n of [9, 8, 7, 6, 5, 4, 3, 2])
      ids.push(...(await giveOldEvents(person, { count: 2, fromMs: period(n) + DAY_MS })))
    await bundleAll()
    for (const limit of [1, 4, 100]) expect((await everyPage(person, limit)).slice(-16)).toEqual(ids.toReversed())
  })

  it('are in order if the setting of the period was changed', async () => {
    const person = await newPerson()
    const ctx = await jobContext(NOW)
    const events = await giveOldEvents(person, { count: 40, fromMs: period(4), everyMs: 2 * DAY_MS })
    await change(
      'UPDATE audit_events SET archived_at = NULL WHERE archived_at = 1 AND id IN (?, ?)',
      events[3],
      events[9],
    )
    await bundleAll({ ...ctx, settings: { ...ctx.settings, AUDIT_BUNDLE_DAYS: 70 } })
    await change('UPDATE audit_events SET archived_at = 1 WHERE archived_at IS NULL AND occurred_at < ?', CUT)
    await bundleAll({ ...ctx, settings: { ...ctx.settings, AUDIT_BUNDLE_DAYS: 5 } })
    for (const limit of [1, 7]) {
      const shown = (await everyPage(person, limit)).filter((id) => events.includes(id))
      expect(shown).toEqual(events.toReversed())
    }
  })

  it('cost no call to the vault on a page that the database can answer', async () => {
    const person = await newPerson()
    await giveOldEvents(person, { count: 2, fromMs: period(1) })
    await bundleAll()
    await giveOldEvents(person, { count: 3, fromMs: NOW - DAY_MS })
    const { env: counted, calls } = countCalls()
    const path = '/api/v1/users/me/activity?limit=3'
    expect((await call(path, { token: person.accessToken, env: counted })).body.events).toHaveLength(3)
    expect(calls.filter((name) => name.startsWith('VAULT'))).toEqual([])
    expect(calls.filter((name) => name.startsWith('DB'))).toHaveLength(1)
  })

  it('K25 are exported with at most 100 calls to stores, ten thousand of a year', async () => {
    const person = await newPerson()
    const everyMs = (365 * DAY_MS) / 10_000
    for (let n = 0; n < 10; n++)
      await giveOldEvents(person, { count: 1000, fromMs: period(14) + n * 1000 * everyMs, everyMs })
    const ctx = await jobContext()
    const first = await bundleActivity(ctx, undefined, together)
    expect(first.people).toBe(1)
    await bundleAll(ctx)
    expect(await oldRows()).toEqual([])
    const { env: counted, calls } = countCalls()
    const { data } = await exportOf(person, counted)
    expect(data.events.length).toBeGreaterThan(10_000)
    expect(calls.length).toBeLessThanOrEqual(100)
  })

  it('K26 leave one row of at most 120 bytes for a person and period, and nothing after the purge', async () => {
    const people = [await newPerson(), await newPerson()]
    for (const one of people) {
      await giveOldEvents(one, { count: 30, fromMs: period(1) })
      await giveOldEvents(one, { count: 30, fromMs: period(2) })
    }
    await bundleAll()
    const stored = await rows('SELECT * FROM activity_bundles')
    expect(stored).toHaveLength(4)
    // A record of SQLite: a header with the length and the type of each column, then the values.
    const sizes = stored.map((one) => 16 + Object.values(one).reduce<number>((sum, v) => sum + String(v).length, 0))
    expect(Math.max(...sizes)).toBeLessThanOrEqual(120)
    expect((await row("SELECT sql FROM sqlite_schema WHERE name = 'activity_bundles'")).sql).toContain('WITHOUT ROWID')
    for (const { id } of people) await requestErasure(id)
    await purgeDueUsers(await jobContext(), { maxPeople: 10, maxSlices: 20 })
    expect([await bundleRows(), await objects()]).toEqual([[], []])
  })

  it('K26 are in the database for AUDIT_HOT_DAYS + AUDIT_BUNDLE_DAYS and a day at most', async () => {
    const ctx = await jobContext()
    const longest = (ctx.settings.AUDIT_HOT_DAYS + ctx.settings.AUDIT_BUNDLE_DAYS) * DAY_MS
    for (let hour = 0; hour < 60 * 24; hour += 7)
      expect(NOW + hour * 3_600_000 - bundledBefore(NOW + hour * 3_600_000, ctx.settings)).toBeLessThan(longest)
    // The job runs once a day.
    expect(scaling).toContain('for at most `AUDIT_HOT_DAYS` + `AUDIT_BUNDLE_DAYS` and a day')
    expect(scaling).toContain('one row of at most 120 bytes for a person and period')
    expect(scaling).toContain(`KEYS_PER_RUN\` people (${ctx.settings.KEYS_PER_RUN}), which is 28,800 a day`)
    expect(ctx.settings.KEYS_PER_RUN * 12 * 24).toBe(28_800)
  })

  it('are found by an index', async () => {
    const { env: recorded, plans } = recordQueries()
    const person = await newPerson()
    await giveOldEvents(person, { count: 3, fromMs: period(1) })
    await bundleAll(await jobContext(NOW, recorded))
    expect((await plans()).filter((line) => /^SCAN (?!json_each|CONSTANT|value)/.test(line))).toEqual([])
  })
})

test('an export names the pseudonym of its person in the archive, and counts its events by period', async () => {
  const person = await newPerson()
  await giveOldEvents(person, { count: 4, fromMs: period(2) })
  await giveOldEvents(person, { count: 1, fromMs: period(1) })
  expect(await deliver(await unarchivedEvents())).toBe(true)
  const { data } = await exportOf(person)
  const day = (startMs: number) => new Date(startMs).toISOString().slice(0, 10)
  expect(data.archive.periods.slice(0, 2)).toEqual([
    { first_day: day(period(2)), days: 28, events: 4 },
    { first_day: day(period(1)), days: 28, events: 1 },
  ])
  const segments = await Promise.all(
    (await env.ARCHIVE.list({ prefix: 'audit/' })).objects.map(({ key }) => env.ARCHIVE.get(key)),
  )
  const text = (await Promise.all(segments.map((segment) => segment?.text()))).join('')
  expect(data.archive.pseudonym).toMatch(/^[\w-]{22}$/)
  expect(text).toContain(`"subject_id":"${data.archive.pseudonym}"`)
})

describe('a late event', () => {
  it('is added to the bundle of its period', async () => {
    const person = await newPerson()
    const ids = await giveOldEvents(person, { count: 3, fromMs: period(1) })
    await bundleAll()
    const late = await giveOldEvents(person, { count: 1, fromMs: period(1) + DAY_MS })
    await bundleAll()
    expect(await bundleRows()).toEqual([{ user_id: person.id, period: nameOf(period(1)), events: 4 }])
    expect((await everyPage(person, 100)).slice(-4)).toEqual([...ids, ...late].reverse())
  })

  it.each(SIZES)('is neither lost nor doubled when %d runs and it come at the same time', async (size) => {
    const person = await newPerson()
    const ids = await giveOldEvents(person, { count: 5, fromMs: period(1) })
    const contexts = await Promise.all(Array.from({ length: size }, () => jobContext()))
    const [late] = await Promise.all([
      giveOldEvents(person, { count: 2, fromMs: period(1) + DAY_MS }),
      ...contexts.map((ctx) => bundleAll(ctx)),
    ])
    await bundleAll()
    expect(await oldRows()).toEqual([])
    expect(await bundleRows()).toEqual([{ user_id: person.id, period: nameOf(period(1)), events: 7 }])
    expect((await exportOf(person)).data.incomplete_activity_bundles).toEqual([])
    expect((await everyPage(person, 100)).slice(-7)).toEqual([...ids, ...late].reverse())
  })
})

describe('a purge', () => {
  it.each(SIZES)('that begins while %d runs write keeps their bundles out of the database', async (size) => {
    const person = await newPerson()
    const ids = await giveOldEvents(person, { count: 3, fromMs: period(1) })
    const contexts = await Promise.all(Array.from({ length: size }, () => jobContext()))
    const meanwhile = (ctx: Context): Context => ({
      ...ctx,
      activityStore: {
        ...ctx.activityStore,
        async create(...args) {
          const isCreated = await ctx.activityStore.create(...args)
          await beginPurge(person.id)
          return isCreated
        },
      },
    })
    await Promise.all(contexts.map((ctx) => bundleActivity(meanwhile(ctx), undefined, together)))
    expect([await bundleRows(), await oldRows()]).toEqual([[], ids])
    // An attacker may have feigned the purge, so only the end of the account and of the key decides.
    expect((await deleteOrphanActivity(await jobContext(), undefined, together)).deleted).toBe(0)
    const ctx = await jobContext()
    await ctx.vault.destroy([person.id as UserId])
    await change("UPDATE users SET email_enc = '' WHERE id = ?", person.id)
    await deleteOrphanActivity(ctx, undefined, together)
    expect(await objects()).toEqual([])
  })

  it('deletes bundles in slices, also those that the database does not know', async () => {
    const person = await newPerson()
    for (let n = 0; n < 3; n++) await env.VAULT.put(`activity/${person.id}/planted-${n}`, 'x')
    const { activityStore } = await jobContext()
    expect(await activityStore.deleteSome(person.id as UserId, 2)).toEqual({ deleted: 2, isDone: false })
    expect(await activityStore.deleteSome(person.id as UserId, 2)).toEqual({ deleted: 1, isDone: true })
    expect(await activityStore.deleteSome(person.id as UserId, 2)).toEqual({ deleted: 0, isDone: true })
  })

  it('is not complete before the last slice of bundles is deleted', async () => {
    const person = await newPerson()
    await requestErasure(person.id)
    const ctx = await jobContext()
    let slices = 3
    const deleteSome = async () => ({ deleted: 1, isDone: --slices === 0 })
    const inSlices = { ...ctx, activityStore: { ...ctx.activityStore, deleteSome } }
    await purgeDueUsers(inSlices, { maxPeople: 2, maxSlices: 20 })
    expect(await rows('SELECT 1 FROM erasures WHERE completed_at IS NOT NULL')).toEqual([])
    await purgeDueUsers(inSlices, { maxPeople: 2, maxSlices: 20 })
    expect([slices, await rows('SELECT 1 FROM erasures WHERE completed_at IS NOT NULL')]).toEqual([0, [{ 1: 1 }]])
  })

  it('is followed by the deletion of the rows that are left, because the key is destroyed', async () => {
    const person = await newPerson()
    await giveOldEvents(person, { count: 3, fromMs: period(1) })
    await beginPurge(person.id)
    const ctx = await jobContext()
    await ctx.vault.destroy([person.id as UserId])
    expect(await bundleAll(ctx)).toBe(0)
    expect([await oldRows(), await objects()]).toEqual([[], []])
  })

  it('is not believed to have happened because the key is gone: an attacker may have deleted it', async () => {
    const person = await newPerson()
    const ids = await giveOldEvents(person, { count: 3, fromMs: period(1) })
    const ctx = await jobContext()
    await ctx.vault.destroy([person.id as UserId])
    expect(await bundleAll(ctx)).toBe(0)
    expect(await oldRows()).toEqual(ids)
  })
})

test('a run that is cut off at any call and then repeated has the same result as one that was not', async () => {
  const person = await newPerson()
  const counting = faultyEnv(env, () => 'none')
  await giveOldEvents(person, { count: 1, fromMs: period(3) })
  await bundleAll(await jobContext(NOW, counting.env))
  expect(counting.calls.length).toBeGreaterThan(4)
  const all = []
  for (let at = 0; at < counting.calls.length + 2; at++) {
    for (const fault of faultsAt(at)) {
      all.push(...(await giveOldEvents(person, { count: 2, fromMs: period(2) + (all.length + 1) * 3_600_000 })))
      const faulty = faultyEnv(env, killedAt(at, fault))
      await bundleAll(await jobContext(NOW, faulty.env)).catch(() => undefined)
      await bundleAll()
      expect(await oldRows()).toEqual([])
      expect(await bundleRows()).toContainEqual({ user_id: person.id, period: nameOf(period(2)), events: all.length })
    }
  }
  expect((await everyPage(person, 100)).slice(-all.length - 1, -1)).toEqual(all.toReversed())
  expect((await exportOf(person)).data.incomplete_activity_bundles).toEqual([])
})

describe('an attacker who can write the vault', () => {
  it('cannot show one person the bundle of another, nor move a bundle to another period', async () => {
    const [one, other] = [await newPerson(), await newPerson()]
    for (const person of [one, other])
      for (const n of [1, 2, 3]) await giveOldEvents(person, { count: n, fromMs: period(n) })
    await bundleAll()
    const path = (person: Person, n: number) => `activity/${person.id}/${nameOf(period(n))}`
    const swap = async (a: string, b: string) => {
      const [x, y] = await Promise.all([a, b].map(async (key) => (await env.VAULT.get(key))?.text() ?? ''))
      await env.VAULT.put(a, String(y))
      await env.VAULT.put(b, String(x))
    }
    await swap(path(one, 1), path(other, 1))
    await swap(path(one, 2), path(one, 3))
    const { data } = await exportOf(one)
    expect(data.incomplete_activity_bundles).toEqual([3, 2, 1].map((n) => nameOf(period(n))))
    expect(JSON.stringify(data)).not.toContain(other.id)
    const { data: others } = await exportOf(other)
    expect(others.incomplete_activity_bundles).toEqual([nameOf(period(1))])
    expect(others.events.length).toBeGreaterThanOrEqual(5)
    await everyPage(one, 2)
  })

  it('cannot keep events in the database by damaging a bundle, nor lose those that come later', async () => {
    const person = await newPerson()
    await giveOldEvents(person, { count: 2, fromMs: period(1) })
    await bundleAll()
    await env.VAULT.put(`activity/${person.id}/${nameOf(period(1))}`, 'damaged')
    const late = await giveOldEvents(person, { count: 2, fromMs: period(1) + DAY_MS })
    await bundleAll()
    expect(await oldRows()).toEqual([])
    expect((await bundleRows()).map((one) => one.period)).toEqual([nameOf(period(1)), `${nameOf(period(1))}.2`])
    expect((await everyPage(person, 100)).slice(-2)).toEqual(late.toReversed())
    expect((await exportOf(person)).data.incomplete_activity_bundles).toEqual([nameOf(period(1))])
  })

  it('cannot occupy the name of a bundle before it is written', async () => {
    const person = await newPerson()
    await env.VAULT.put(`activity/${person.id}/${nameOf(period(1))}`, 'planted')
    const ids = await giveOldEvents(person, { count: 2, fromMs: period(1) })
    await bundleAll()
    expect((await everyPage(person, 100)).slice(-2)).toEqual(ids.toReversed())
  })

  it('is noticed when an earlier version of a bundle is put back', async () => {
    const person = await newPerson()
    await giveOldEvents(person, { count: 2, fromMs: period(1) })
    await bundleAll()
    const key = `activity/${person.id}/${nameOf(period(1))}`
    const earlier = await (await env.VAULT.get(key))?.text()
    await giveOldEvents(person, { count: 1, fromMs: period(1) + DAY_MS })
    await bundleAll()
    await env.VAULT.put(key, earlier ?? '')
    expect((await exportOf(person)).data.incomplete_activity_bundles).toEqual([nameOf(period(1))])
  })
})

describe('an attacker who can write D1', () => {
  const alarms = () => rows('SELECT name FROM alarms')

  it('gets no row into a bundle, and raises an alarm (K22)', async () => {
    const person = await newPerson()
    const ids = await giveOldEvents(person, { count: 3, fromMs: period(1) })
    await change("UPDATE audit_events SET outcome = 'failure' WHERE id = ?", ids[1])
    await bundleAll()
    expect([await oldRows(), await alarms()]).toEqual([[ids[1]], [{ name: 'unsealed_row' }]])
    expect(await bundleRows()).toEqual([{ user_id: person.id, period: nameOf(period(1)), events: 2 }])
    const shown = (await get('/users/me/activity?limit=100', person.accessToken)).body.events
    const uncertain = (id: string | undefined) => shown.find((event: { id: string }) => event.id === id).uncertain
    expect(ids.map(uncertain)).toEqual([[], ['event'], []])
    await bundleAll(await jobContext(NOW + 28 * DAY_MS))
    expect(await oldRows()).toEqual([])
    expect((await bundleRows())[0]?.events).toBe(2)
  })

  it('keeps no row for ever that the archive refused', async () => {
    const person = await newPerson()
    const ids = await giveOldEvents(person, { count: 2, fromMs: period(1) })
    await change('UPDATE audit_events SET archived_at = NULL, archived_in = 0 WHERE id = ?', ids[0])
    await change('UPDATE audit_events SET archived_at = NULL WHERE id = ?', ids[1])
    const left = async () => (await rows('SELECT id FROM audit_events WHERE occurred_at < ?', CUT)).map(idOf)
    await deleteExpiredRows(await jobContext(NOW), undefined, together)
    expect(await left()).toEqual(ids)
    await deleteExpiredRows(await jobContext(NOW + 28 * DAY_MS), undefined, together)
    expect(await left()).toEqual([ids[1]])
  })

  it('does not stop the job with rows that are refused', async () => {
    const person = await newPerson()
    await giveOldEvents(person, { count: 1100, fromMs: period(1), everyMs: 1 })
    await change('UPDATE audit_events SET seal = ?', `1..${'A'.repeat(43)}`)
    const ids = await giveOldEvents(person, { count: 2, fromMs: period(1) + DAY_MS })
    expect(await bundleAll()).toBe(2)
    expect((await everyPage(person, 100)).filter((id) => ids.includes(id))).toHaveLength(2)
  })

  it('is not helped by rows that have no seal, a distrusted one, or one of a lost root key', async () => {
    const [ring, start] = [await ringOf(3, 2), NOW]
    const judge = createJudge(ring, start)
    const event = { ...EVENT, occurred_at: start }
    const sealWith = (versions: KeyRing, fromDatabase: readonly DatabasePart[] = []) =>
      createSealEvent(versions)(event, fromDatabase)
    const verdict = (seal: string | null, changes = {}) => judge({ ...event, ...changes, seal })
    expect(verdict(sealWith(ring))).toEqual([])
    expect(verdict(sealWith(ring, ['outcome']), { outcome: 'failure' })).toEqual(['outcome'])
    expect(verdict(sealWith(ring), { outcome: 'failure' })).toBeUndefined()
    expect(verdict(sealWith(await ringOf(2)))).toEqual([])
    expect(verdict(sealWith(await ringOf(1)))).toEqual(['event'])
    expect(verdict(sealWith(await ringOf(9)))).toBeUndefined()
    expect(verdict(null)).toEqual(['event'])
    expect(verdict(null, { occurred_at: start + 2 * 3_600_000 })).toBeUndefined()
  })
})

test('an attacker who deletes rows of activity_bundles hides no event from an export', async () => {
  const person = await newPerson()
  const ids = await giveOldEvents(person, { count: 2, fromMs: period(1) })
  await bundleAll()
  await change('DELETE FROM activity_bundles')
  expect((await exportOf(person)).data.events.map(idOf)).toEqual(expect.arrayContaining(ids))
})

describe('events of old segments', () => {
  const old = (userId: string, atMs: number): ArchivedEvent => ({
    id: crypto.randomUUID(),
    occurred_at: atMs,
    action: 'user.signed_in',
    outcome: 'success',
    actor_type: 'user',
    actor_id: userId,
    subject_id: userId,
    request_id: 'r',
    detail: null,
    pii_enc: null,
  })
  const place = (userId: string, sequence: number) =>
    change('INSERT INTO archive_places (user_id, sequence, archived_at) VALUES (?, ?, 1)', userId, sequence)
  const store = (sequence: number, events: readonly ArchivedEvent[]) =>
    env.ARCHIVE.put(oldSegmentPath(sequence), formatOldSegment({ ...GENESIS, sequence: sequence - 1 }, events, 1))

  it('are moved into bundles, once, and the places are deleted', async () => {
    const [one, other] = [await newPerson(), await newPerson()]
    const [first, second] = [old(one.id, period(5)), old(one.id, period(9))]
    const hot = old(one.id, NOW)
    await change(
      "INSERT INTO audit_events (id, occurred_at, action, outcome, actor_type, request_id) VALUES (?, 1, 'a', 'success', 'system', 'r')",
      hot.id,
    )
    await store(1, [first, old(other.id, period(5))])
    await store(2, [second, hot])
    for (const n of [1, 2]) await place(one.id, n)
    await place(other.id, 1)
    expect(await bundlePlaces(await jobContext(), undefined, together)).toMatchObject({
      next: 'done',
      counts: { moved: 3 },
    })
    expect(await rows('SELECT * FROM archive_places')).toEqual([])
    const { data } = await exportOf(one)
    expect(data.events.map(idOf)).toEqual(expect.arrayContaining([first.id, second.id]))
    expect((await bundleRows()).filter(({ user_id }) => user_id === one.id).map(({ events }) => events)).toEqual([1, 1])
    await place(one.id, 1)
    await bundlePlaces(await jobContext(), undefined, together)
    expect((await bundleRows()).filter(({ user_id }) => user_id === one.id).map(({ events }) => events)).toEqual([1, 1])
  })

  it.each(SIZES)('are moved by %d runs at once as by one', async (size) => {
    const person = await newPerson()
    await store(1, [old(person.id, period(5)), old(person.id, period(5) + 1)])
    await place(person.id, 1)
    const contexts = await Promise.all(Array.from({ length: size }, () => jobContext()))
    await Promise.all(contexts.map((ctx) => bundlePlaces(ctx, undefined, together)))
    expect(await rows('SELECT * FROM archive_places')).toEqual([])
    expect(await bundleRows()).toEqual([{ user_id: person.id, period: nameOf(period(5)), events: 2 }])
  })

  it('are moved once, at whatever call the first run is cut off', async () => {
    const [person, counting] = [await newPerson(), faultyEnv(env, () => 'none')]
    const move = async (bindings: Env) => bundlePlaces(await jobContext(NOW, bindings), undefined, together)
    let sequence = 0
    const addPlace = async () => {
      sequence += 1
      await store(sequence, [old(person.id, period(5) + sequence)])
      await place(person.id, sequence)
    }
    await addPlace()
    await move(counting.env)
    for (let at = 0; at < counting.calls.length + 1; at++) {
      for (const fault of faultsAt(at)) {
        await addPlace()
        await move(faultyEnv(env, killedAt(at, fault)).env).catch(() => undefined)
        await move(env)
        expect(await rows('SELECT * FROM archive_places')).toEqual([])
        expect(await bundleRows()).toEqual([{ user_id: person.id, period: nameOf(period(5)), events: sequence }])
      }
    }
  })

  it('are left, and reported by an export, if their segment cannot be read', async () => {
    const person = await newPerson()
    await place(person.id, 7)
    expect(await bundlePlaces(await jobContext(), undefined, together)).toMatchObject({
      next: 'done',
      counts: { moved: 0 },
    })
    expect((await exportOf(person)).data.unreadable_archive_segments).toEqual([7])
  })
})

test('bundles that nobody can read any more are deleted, and no others', async () => {
  const [erased, missing, living] = [await newPerson(), await newPerson(), await newPerson()]
  for (const { id } of [erased, missing, living]) await env.VAULT.put(`activity/${id}/${nameOf(period(1))}`, 'x')
  const ctx = await jobContext()
  await change(
    "UPDATE users SET status = 'deleted', email_index = 'erased.' || id, email_enc = '' WHERE id = ?",
    erased.id,
  )
  await ctx.vault.destroy([erased.id, missing.id] as UserId[])
  expect(await deleteOrphanActivity(ctx, undefined, together)).toEqual({ next: 'done', deleted: 1 })
  expect((await objects()).map((key) => key.split('/')[1]).sort()).toEqual([missing.id, living.id].sort())
})
