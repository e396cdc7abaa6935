import type { Context } from '../../context.ts'
import type { CountedBy, LimitName, LockName } from '../../core/limits.ts'
import { readCounts } from '../../storage/database/counters.ts'
import { type LockSubject, subjectCounters } from './subject-counters.ts'

/** A count that has not run out. */
export interface Lock {
  /** A `lock` refuses passwords at sign-in or step-up, a `limit` refuses requests with 429. */
  readonly kind: 'lock' | 'limit'
  readonly policy: LockName | LimitName
  readonly by: CountedBy
  readonly count: number
  readonly quota: number
  /** Nothing more is let through until the window ends. */
  readonly isBlocked: boolean
  /** Unix milliseconds. */
  readonly endsAtMs: number
}

/** What is counted about a person right now, for an operator. @throws AppError `not_found`, `unavailable` */
export async function findLock(
  ctx: Pick<Context, 'ring' | 'settings' | 'db' | 'vault' | 'now'>,
  subject: LockSubject,
): Promise<Lock[]> {
  const { counters } = await subjectCounters(ctx, subject)
  const rows = await ctx.db.all(readCounts(counters, ctx.now))
  return counters.flatMap(({ key, kind, policy, by, quota }) => {
    const row = rows.find((candidate) => candidate.key === key)
    if (row === undefined || row.count === 0) return []
    const { count, ends_at: endsAtMs } = row
    return [{ kind, policy, by, count, quota: quota.count, isBlocked: count >= quota.count, endsAtMs }]
  })
}
