import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { beginPass, formatPass, parsePass } from '../../src/compliance/erasure/reopen-pass.ts'
import { reopenRestored } from '../../src/compliance/erasure/reopen-restored.ts'
import { openRun } from '../../src/compliance/job-runs.ts'
import { together } from '../../src/core/for-all.ts'
import type { UserId } from '../../src/core/ids.ts'
import { isSealed } from '../../src/crypto/event-seal.ts'
import type { Person } from '../support/api.ts'
import { listenToConsole } from '../support/console.ts'
import { countCosts } from '../support/costs.ts'
import { markErased, requestErasure, sealErasures } from '../support/erasures.ts'
import { countCalls } from '../support/intercept-stores.ts'
import { jobContext } from '../support/job-context.ts'
import { ask, newAdmin, newUser } from '../support/operators.ts'
import { runCron } from '../support/service.ts'
import { change, rows } from '../support/stores.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

const withBound = (bound: number): Env => ({ ...env, REOPEN_MAX: String(bound) }) as Env

/** A genuine marker: the person was erased, and a restore of the database brought the account back. */
const plantMarker = ({ id }: Person) => markErased(id)

const people = (count: number) => Promise.all(Array.from({ length: count }, () => newUser()))

const erasuresOf = () => rows('SELECT user_id, basis FROM erasures ORDER BY user_id')

/** What `latchkey erasures reopen --expect` does in the database. */
const allow = async (expected: number) => {
  const ctx = await jobContext()
  await ctx.db.batch({ opened: openRun(ctx, 'reopen-restored', formatPass(beginPass(expected))) })
}

const lastCounts = async () => {
  const [run] = await rows("SELECT counts FROM job_runs WHERE job = 'reopen-restored' ORDER BY id DESC LIMIT 1")
  return JSON.parse(String(run?.counts))
}

describe('markers that a leaked key signed', () => {
  test('beyond REOPEN_MAX erase nobody and raise an alarm, and the purge of another person goes on', async () => {
    const [admin, ...marked] = [await newAdmin(), ...(await people(3))]
    const other = await newUser()
    await Promise.all(marked.map(plantMarker))
    await requestErasure(other.id)
    const written = listenToConsole()
    await runCron(withBound(2))
    expect(await erasuresOf()).toEqual([{ user_id: other.id, basis: 'user_request' }])
    expect(await rows('SELECT 1 FROM erasures WHERE user_id = ? AND completed_at IS NOT NULL', other.id)).toHaveLength(
      1,
    )
    for (const { id } of marked) expect(await env.VAULT.head(`keys/${id}`)).not.toBeNull()
    expect(await lastCounts()).toEqual({ reopened: 0, refused: 3 })
    expect(written.lines('alarm')).toEqual([{ level: 'error', event: 'alarm', name: 'reopen_refused' }])
    expect((await ask(admin, '/stats')).body.alarms).toMatchObject([{ name: 'reopen_refused' }])
  })

  test('end the alarm when they are gone', async () => {
    const marked = await people(2)
    await Promise.all(marked.map(plantMarker))
    await runCron(withBound(1))
    await env.VAULT.delete(marked.map(({ id }) => `erased/${id}`))
    await runCron(withBound(1))
    expect(await erasuresOf()).toEqual([])
    expect(await rows('SELECT * FROM alarms')).toEqual([])
  })

  test('that come between the count and the reopening erase nobody', async () => {
    const [first, second] = [await newUser(), await newUser()]
    await plantMarker(first)
    const ctx = await jobContext(Date.now(), withBound(1))
    const counted = await reopenRestored(ctx, undefined, together)
    await plantMarker(second)
    expect(await reopenRestored(ctx, counted.next, together)).toEqual({
      next: 'done',
      counts: { reopened: 0, refused: 2 },
    })
    expect(await erasuresOf()).toEqual([])
  })
})

describe('a restored database', () => {
  test.each([2, 3])('with 2 people who came back, and a bound of %i, is erased again at once', async (bound) => {
    const returned = await people(2)
    await Promise.all(returned.map(plantMarker))
    await runCron(withBound(bound))
    expect((await erasuresOf()).map(({ basis }) => basis)).toEqual(['database_restored', 'database_restored'])
    expect(await lastCounts()).toEqual({ reopened: 2 })
  })

  test('with more people than the bound is erased again when an operator says how many, once', async () => {
    const returned = await people(3)
    await Promise.all(returned.map(plantMarker))
    await runCron(withBound(0))
    await allow(2)
    await runCron(withBound(0), '*/5 * * * *')
    expect(await erasuresOf()).toEqual([])
    expect(await lastCounts()).toEqual({ reopened: 0, refused: 3 })
    await allow(3)
    await runCron(withBound(0), '*/5 * * * *')
    expect(await erasuresOf()).toHaveLength(3)
    expect(await rows('SELECT * FROM alarms')).toEqual([])
    const later = await newUser()
    await plantMarker(later)
    await runCron(withBound(0))
    expect(await lastCounts()).toMatchObject({ reopened: 0, refused: 1 })
    expect((await erasuresOf()).map(({ user_id }) => user_id)).not.toContain(later.id)
  })

  test('is counted over all pages of markers before anybody is reopened', async () => {
    const [first, second] = [await newUser(), await newUser()]
    await Promise.all([first, second].map(plantMarker))
    const ctx = await jobContext(Date.now(), withBound(1))
    const pages = new Map<string | undefined, string | undefined>([
      [undefined, first.id],
      ['page:2', second.id],
    ])
    const erasureMarkers = {
      ...ctx.erasureMarkers,
      list: async (cursor: string | undefined) => ({
        markers: await ctx.erasureMarkers.find([pages.get(cursor) as UserId]),
        cursor: cursor === undefined ? 'page:2' : undefined,
      }),
    }
    const counting = { ...ctx, erasureMarkers }
    const page = await reopenRestored(counting, undefined, together)
    expect(page).toEqual({ next: 'count:1:1:page:2', counts: { reopened: 0 } })
    expect(await reopenRestored(counting, page.next, together)).toEqual({
      next: 'done',
      counts: { reopened: 0, refused: 2 },
    })
    expect(await erasuresOf()).toEqual([])
  })
})

/** The most calls that a Worker may make in one invocation. */
const MAX_CALLS = 1000

/** People in the database without a request, as a restore brings them back or as a test needs them. */
async function insertPeople(count: number, from: number): Promise<readonly string[]> {
  await change(
    `WITH RECURSIVE counter(n) AS (SELECT ?1 UNION ALL SELECT n + 1 FROM counter WHERE n < ?2)
     INSERT INTO users (id, email_index, email_domain_index, email_enc, created_at)
     SELECT printf('00000000-0000-4000-8000-%012d', n), '1.' || n, '1.d', 'v1.x.y', 1 FROM counter`,
    from,
    from + count - 1,
  )
  return Array.from({ length: count }, (_, n) => `00000000-0000-4000-8000-${String(from + n).padStart(12, '0')}`)
}

/**
 * A vault whose listings are so short that each page has one marker. A run then has as many pages as it may.
 */
const withShortPages = (): Env => ({
  ...env,
  VAULT: new Proxy(env.VAULT, {
    get(target, property) {
      const member: unknown = Reflect.get(target, property, target)
      if (property === 'list')
        return (options: R2ListOptions) =>
          target.list(options.prefix === 'erased/' ? { ...options, limit: 1 } : options)
      return typeof member === 'function' ? member.bind(target) : member
    },
  }),
})

describe('K41 many people who came back', () => {
  test('take as many statements in a page as few, and each has an event under its seal', async () => {
    const few = await insertPeople(2, 1)
    const { env: counted, during } = countCosts()
    const ctx = { ...(await jobContext(Date.now(), counted)), erasureMarkers: (await jobContext()).erasureMarkers }
    const statementsFor = async (ids: readonly string[]) => {
      for (const id of ids) await markErased(id)
      const pass = formatPass({ phase: 'reopen', allowed: 100, found: 100, after: undefined })
      const { statements } = await during(() => reopenRestored(ctx, pass, together))
      return statements
    }
    const needed = await statementsFor(few)
    const many = await insertPeople(30, 3)
    expect(await statementsFor(many)).toBe(needed)
    const recorded = await rows("SELECT * FROM audit_events WHERE action = 'erasure.reopened'")
    expect(recorded.map(({ subject_id }) => subject_id).sort()).toEqual([...few, ...many])
    for (const event of recorded) expect(isSealed(ctx.ring, event as never)).toBe(true)
    expect([...ctx.outbox.events.values()].map(({ subject_id }) => subject_id).sort()).toEqual([...few, ...many])
  })

  test('are all erased by runs of at most 1,000 calls, and others who are due are erased meanwhile', async () => {
    const returned = await insertPeople(25, 1)
    for (const id of returned) await markErased(id)
    const using = withShortPages()
    await runCron(using)
    const others = await insertPeople(55, 1000)
    await change("UPDATE users SET status = 'deleted', deleted_at = 1, purge_after = 2 WHERE id >= ?", others[0])
    await change(
      `INSERT INTO erasures (user_id, requested_at, due_at, basis)
       SELECT id, 1, 2, 'user_request' FROM users WHERE id >= ?`,
      others[0],
    )
    await sealErasures()
    const ctx = await jobContext()
    await ctx.db.batch({ opened: openRun(ctx, 'purge') })
    const erasedOf = async (ids: readonly string[]) =>
      (await rows('SELECT user_id FROM erasures WHERE completed_at > 0')).filter(({ user_id }) =>
        ids.includes(String(user_id)),
      ).length
    const reports: { calls: number; others: number; returned: number }[] = []
    while ((await erasedOf(returned)) < returned.length && reports.length < 20) {
      const { env: counted, calls } = countCalls({}, using)
      await runCron(counted, '*/5 * * * *')
      reports.push({ calls: calls.length, others: await erasedOf(others), returned: await erasedOf(returned) })
    }
    expect(reports.filter(({ calls }) => calls > MAX_CALLS)).toEqual([])
    expect(reports[0]?.others).toBeGreaterThan(0)
    expect(reports.at(-1)).toMatchObject({ others: 55, returned: 25 })
  })
})

test('K30 many markers without a statement, which must be read, leave the rest of the run to others', async () => {
  const ids = await insertPeople(11, 1)
  const plant = (id: string) => env.VAULT.put(`erased/${id}`, '')
  await Promise.all(ids.slice(1).map(plant))
  expect(await reopenRestored(await jobContext(), undefined, together)).not.toHaveProperty('endsRun')
  await Promise.all(ids.map(plant))
  expect(await reopenRestored(await jobContext(), undefined, together)).toMatchObject({ endsRun: true })
})

describe('the cursor of a pass', () => {
  test('is read as it was written', () => {
    const pass = { phase: 'reopen', allowed: 7, found: 9, after: 'a:b\nc' } as const
    expect(parsePass(formatPass(pass))).toEqual(pass)
    expect(parsePass(formatPass(beginPass(0)))).toEqual({ phase: 'count', allowed: 0, found: 0, after: undefined })
  })

  test.each([undefined, '', 'an R2 cursor of the version before', 'purge:1:1:', 'count:-1:1:', 'count:1:'])(
    'begins anew with %j',
    (cursor) => {
      expect(parsePass(cursor)).toBeUndefined()
    },
  )
})
