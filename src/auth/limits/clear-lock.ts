import { sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import type { OperatorDetail } from '../../core/audit-event.ts'
import { clearCounts } from '../../storage/database/counters.ts'
import { recordEvent } from '../../storage/outbox.ts'
import { type LockSubject, subjectCounters } from './subject-counters.ts'

type Dependencies = Pick<
  Context,
  'ring' | 'settings' | 'db' | 'vault' | 'limiter' | 'actor' | 'requestId' | 'now' | 'outbox'
>

/** What an operator says about it. */
interface Clearing {
  readonly detail: OperatorDetail
  /** From `sealNote`. */
  readonly pii: string | undefined
}

/**
 * Lets a person try again at once, for an operator. The lock of a sign-in ends with the batch; a 429 may still come
 * for two minutes from locations that remember the block.
 * @param clearing whose it is; then an attempt that cleared nothing is recorded too
 * @returns how many counts were cleared. @throws AppError `not_found`, `unavailable`
 */
export async function clearLock(ctx: Dependencies, subject: LockSubject, clearing?: Clearing): Promise<number> {
  const { userId, counters } = await subjectCounters(ctx, subject)
  const [cleared] = await ctx.db.batch([
    clearCounts(counters),
    recordEvent(
      ctx,
      {
        action: 'lock.cleared',
        outcome: 'success',
        ...(userId && { subjectId: userId }),
        ...(clearing && { detail: clearing.detail }),
      },
      clearing
        ? { pii: clearing.pii, outcome: sql`CASE WHEN changes() > 0 THEN 'success' ELSE 'failure' END` }
        : { onlyIf: sql`changes() > 0` },
    ),
  ])
  await ctx.limiter.forget(cleared.map(({ key }) => key))
  return cleared.length
}
