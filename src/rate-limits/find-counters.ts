import type { Context } from '../context.ts'
import type { CountedBy, LimitName, LockoutName } from '../core/rate-limit-policies.ts'
import { type CurrentCount, readCounts } from '../storage/database/counters.ts'
import type { NamedCounter } from './counters-for.ts'
import { type CountedSubject, subjectCounters } from './subject-counters.ts'

/** A counter whose window has not ended. */
export interface CounterState {
  /** `lock` refuses passwords at sign-in and step-up, `limit` refuses requests with 429. */
  readonly kind: 'lock' | 'limit'
  readonly policy: LockoutName | LimitName
  readonly by: CountedBy
  readonly count: number
  readonly quota: number
  /** The quota is used up: everything is refused until the window ends. */
  readonly isUsedUp: boolean
  /** Unix milliseconds. */
  readonly endsAtMs: number
}

/** The current counters of a person, for an operator. @throws AppError `not_found`, `unavailable` */
export async function findCounters(
  ctx: Pick<Context, 'ring' | 'settings' | 'db' | 'vault' | 'now'>,
  subject: CountedSubject,
): Promise<CounterState[]> {
  const { counters } = await subjectCounters(ctx, subject)
  const rows = await ctx.db.all(readCounts(counters, ctx.now))
  return counters.flatMap((counter) => {
    const { kind, policy, by, quota } = counter
    const found = recentFailures(counter, counters, rows, ctx.now) ?? rows.find(({ key }) => key === counter.key)
    if (found === undefined || found.count === 0) return []
    const { count, ends_at: endsAtMs } = found
    return [{ kind, policy, by, count, quota: quota.count, isUsedUp: count >= quota.count, endsAtMs }]
  })
}

/**
 * The recent failures to sign in, which are in the row of those in a row. Undefined for other counters, and
 * for recent failures that version 0.2.0 counted: they are in a row of their own.
 */
function recentFailures(
  { policy, by }: NamedCounter,
  counters: readonly NamedCounter[],
  rows: readonly CurrentCount[],
  now: number,
): Pick<CurrentCount, 'count' | 'ends_at'> | undefined {
  if (policy !== 'sign-in') return undefined
  const inARow = counters.find((other) => other.policy === 'sign-in-in-a-row' && other.by === by)
  const row = rows.find(({ key }) => key === inARow?.key)
  if (row === undefined || row.recent_ends_at <= now) return undefined
  return { count: row.recent_count, ends_at: row.recent_ends_at }
}
