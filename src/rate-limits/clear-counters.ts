import type { Context, Recording } from '../context.ts'
import type { OperatorDetail } from '../core/audit-event.ts'
import { clearCounts } from '../storage/database/counters.ts'
import type { EventCiphertext } from '../storage/database/event-details.ts'
import { recorded } from '../storage/database/recorded.ts'
import { type CountedSubject, subjectCounters } from './subject-counters.ts'

type Dependencies = Omit<Recording, 'client'> & Pick<Context, 'ring' | 'settings' | 'vault' | 'limiter'>

/** Who cleared it and why, for the event. */
interface Clearing {
  readonly detail: OperatorDetail
  /** From `sealNote`. */
  readonly note: EventCiphertext | undefined
}

/**
 * Clears the counters of a person for an operator, so that the person can try again at once. A lockout ends
 * with the batch. A 429 may still occur for two minutes at locations that remember a counter over its quota.
 * @param clearing the operator's details. If present, an attempt that cleared nothing is also recorded
 * @returns the number of cleared counters
 * @throws AppError `not_found`, `unavailable`
 */
export async function clearCounters(ctx: Dependencies, subject: CountedSubject, clearing?: Clearing): Promise<number> {
  const { userId, counters } = await subjectCounters(ctx, subject)
  const event = {
    action: 'lock.cleared',
    outcome: 'success',
    ...(userId && { subjectId: userId }),
    ...(clearing && { detail: clearing.detail }),
  } as const
  const { cleared } = await ctx.db.batch({
    cleared: recorded(ctx, clearCounts(counters), event, clearing && { note: clearing.note, recordsFailure: true }),
  })
  await ctx.limiter.forget(cleared.map(({ key }) => key))
  return cleared.length
}
