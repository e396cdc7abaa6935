import type { Context } from '../context.ts'
import type { UserId } from '../core/ids.ts'
import { findCounters } from '../rate-limits/find-counters.ts'
import { recordEvent } from '../storage/database/outbox.ts'
import { mayBeNamed } from '../storage/database/users.ts'
import { type LockList, showLock } from './lock-view.ts'
import { type Operating, operatorSession } from './operation.ts'
import { knownUser, outcomeOf } from './select-account.ts'

type Dependencies = Operating & Pick<Context, 'ring' | 'settings' | 'vault'>

/**
 * Lists the current counts of failures and requests of a person.
 * @throws AppError `not_found`, `unavailable`
 */
export async function getLock(ctx: Dependencies, userId: UserId): Promise<LockList> {
  const known = knownUser(userId)
  await ctx.db.batch({
    record: recordEvent(
      ctx,
      { action: 'operator.lock_viewed', outcome: 'success', subjectId: userId, detail: operatorSession(ctx) },
      { namesSubjectIf: mayBeNamed(userId), outcome: outcomeOf(known) },
    ),
  })
  const locks = await findCounters(ctx, { userId })
  return { locks: locks.map(showLock) }
}
