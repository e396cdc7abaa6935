import { sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { clearCounts } from '../../storage/database/counters.ts'
import { recordEvent } from '../../storage/outbox.ts'
import { type LockSubject, subjectCounters } from './subject-counters.ts'

type Dependencies = Pick<
  Context,
  'ring' | 'settings' | 'db' | 'vault' | 'limiter' | 'actor' | 'requestId' | 'now' | 'outbox'
>

/**
 * Lets a person try again at once, for an operator. The lock of a sign-in ends with the batch; a 429 may still come
 * for two minutes from locations that remember the block. @returns how many counts were cleared
 * @throws AppError `not_found`, `unavailable`
 */
export async function clearLock(ctx: Dependencies, subject: LockSubject): Promise<number> {
  const { userId, counters } = await subjectCounters(ctx, subject)
  const [cleared] = await ctx.db.batch([
    clearCounts(counters),
    recordEvent(
      ctx,
      { action: 'lock.cleared', outcome: 'success', ...(userId && { subjectId: userId }) },
      { onlyIf: sql`changes() > 0` },
    ),
  ])
  await ctx.limiter.forget(cleared.map(({ key }) => key))
  return cleared.length
}
