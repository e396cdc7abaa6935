import { sql } from 'drizzle-orm'
import type { Context, Recording } from '../../context.ts'
import { AppError } from '../../core/errors.ts'
import { addClientLater, keyOfSubject } from '../../storage/database/add-client-later.ts'
import {
  requireLive,
  type SessionRef,
  selectLiveSession,
  whereSessionLives,
} from '../../storage/database/live-session.ts'
import { voidTokens } from '../../storage/database/one-time-tokens.ts'
import { recorded } from '../../storage/database/recorded.ts'
import { cancelFactorReset } from './cancel-factor-reset.ts'

type Dependencies = Recording & Pick<Context, 'vault'>

/**
 * Cancels the reset of second factors that an operator has requested, in a session at the level of the
 * account: a person who has just proven the second factor has not lost it.
 * @throws AppError `invalid_access_token`, `step_up_required`, `not_found` without a reset
 */
export async function keepOwnFactors(ctx: Dependencies, ref: SessionRef): Promise<void> {
  const { db, now } = ctx
  const { userId } = ref
  const cancelled = recorded(
    ctx,
    cancelFactorReset(userId, whereSessionLives(ref, now)),
    { action: 'factors.reset_cancelled', outcome: 'success', subjectId: userId },
    { later: addClientLater(ctx, keyOfSubject(ctx)) },
  )
  const answers = await db.batch({
    live: selectLiveSession(ref, now),
    cancelled,
    links: voidTokens(sql`SELECT ${userId} WHERE ${cancelled.happened}`, ['keep']),
  })
  requireLive(ref, answers.live[0], now)
  if (answers.cancelled.length === 0) throw new AppError('not_found')
}
