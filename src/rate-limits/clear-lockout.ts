import type { Context, Recording } from '../context.ts'
import type { OperatorDetail } from '../core/audit-event.ts'
import { clearCounts } from '../storage/database/counters.ts'
import { recorded } from '../storage/database/recorded.ts'
import { type LockoutSubject, subjectCounters } from './subject-counters.ts'

type Dependencies = Omit<Recording, 'client'> & Pick<Context, 'ring' | 'settings' | 'vault' | 'limiter'>

/** What an operator says about it. */
interface Clearing {
  readonly detail: OperatorDetail
  /** From `sealNote`. */
  readonly pii: string | undefined
}

/**
 * Lets a person try again at once, for an operator. The lock of a sign-in ends with the batch; a 429 may
 * still come for two minutes from locations that remember the block.
 * @param clearing whose it is; then an attempt that cleared nothing is recorded too
 * @returns how many counts were cleared.
 * @throws AppError `not_found`, `unavailable`
 */
export async function clearLockout(ctx: Dependencies, subject: LockoutSubject, clearing?: Clearing): Promise<number> {
  const { userId, counters } = await subjectCounters(ctx, subject)
  const event = {
    action: 'lock.cleared',
    outcome: 'success',
    ...(userId && { subjectId: userId }),
    ...(clearing && { detail: clearing.detail }),
  } as const
  const { cleared } = await ctx.db.batch({
    cleared: recorded(ctx, clearCounts(counters), event, clearing && { pii: clearing.pii, recordsFailure: true }),
  })
  await ctx.limiter.forget(cleared.map(({ key }) => key))
  return cleared.length
}
