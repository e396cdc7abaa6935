import type { Context } from '../context.ts'
import type { CountedBy, LimitName, LockoutName } from '../core/rate-limit-policies.ts'
import { readCounts } from '../storage/database/counters.ts'
import { type LockoutSubject, subjectCounters } from './subject-counters.ts'

/** A count that has not run out. */
export interface LockoutState {
  /** A `lock` refuses passwords at sign-in or step-up, a `limit` refuses requests with 429. */
  readonly kind: 'lock' | 'limit'
  readonly policy: LockoutName | LimitName
  readonly by: CountedBy
  readonly count: number
  readonly quota: number
  /** Nothing more is let through until the window ends. */
  readonly isBlocked: boolean
  /** Unix milliseconds. */
  readonly endsAtMs: number
}

/** What is counted about a person right now, for an operator. @throws AppError `not_found`, `unavailable` */
export async function findLockout(
  ctx: Pick<Context, 'ring' | 'settings' | 'db' | 'vault' | 'now'>,
  subject: LockoutSubject,
): Promise<LockoutState[]> {
  const { counters } = await subjectCounters(ctx, subject)
  const rows = await ctx.db.all(readCounts(counters, ctx.now))
  return counters.flatMap(({ key, kind, policy, by, quota }) => {
    const row = rows.find((candidate) => candidate.key === key)
    if (row === undefined || row.count === 0) return []
    const { count, ends_at: endsAtMs } = row
    return [{ kind, policy, by, count, quota: quota.count, isBlocked: count >= quota.count, endsAtMs }]
  })
}
