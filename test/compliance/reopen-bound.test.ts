import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { beginPass, formatPass, parsePass } from '../../src/compliance/erasure/reopen-pass.ts'
import { reopenRestored } from '../../src/compliance/erasure/reopen-restored.ts'
import { openRun } from '../../src/compliance/job-runs.ts'
import { together } from '../../src/core/for-all.ts'
import type { UserId } from '../../src/core/ids.ts'
import type { Person } from '../support/api.ts'
import { listenToConsole } from '../support/console.ts'
import { markErased, requestErasure } from '../support/erasures.ts'
import { jobContext } from '../support/job-context.ts'
import { ask, newAdmin, newUser } from '../support/operators.ts'
import { runCron } from '../support/service.ts'
import { rows } from '../support/stores.ts'

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
