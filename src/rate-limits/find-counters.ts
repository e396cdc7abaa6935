import type { Context } from '../context.ts'
import type { CountedBy, LimitName, LockoutName } from '../core/rate-limit-policies.ts'
import { readCounts } from '../storage/database/counters.ts'
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
  return counters.flatMap(({ key, kind, policy, by, quota }) => {
    const row = rows.find((candidate) => candidate.key === key)
    if (row === undefined || row.count === 0) return []
    const { count, ends_at: endsAtMs } = row
    return [{ kind, policy, by, count, quota: quota.count, isUsedUp: count >= quota.count, endsAtMs }]
  })
}
