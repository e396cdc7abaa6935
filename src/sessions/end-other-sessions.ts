import { sql } from 'drizzle-orm'
import type { Context, Recording } from '../context.ts'
import { AppError } from '../core/errors.ts'
import { endSessions } from '../storage/database/end-sessions.ts'
import { type SessionRef, selectLiveSession, whereSessionLives } from '../storage/database/live-session.ts'
import { voidTokens } from '../storage/database/one-time-tokens.ts'
import { recordEvent } from '../storage/database/outbox.ts'

type Dependencies = Recording & Pick<Context, 'sessions' | 'defer'>

/**
 * Ends every session of the signed-in user except the current one. Also voids a pending change of the e-mail
 * address: a thief may have requested it, and the mailed link would outlive the thief's session.
 * @throws AppError `invalid_access_token`
 */
export async function endOtherSessions(ctx: Dependencies, ref: SessionRef): Promise<void> {
  const { db, now } = ctx
  const { userId, sessionId } = ref
  const lives = whereSessionLives(ref, now)
  const { live } = await db.batch({
    live: selectLiveSession(ref, now),
    ended: endSessions(ctx, 'owner', sql`user_id = ${userId} AND id <> ${sessionId} AND ${lives}`),
    voided: voidTokens(sql`SELECT id FROM users WHERE id = ${userId} AND ${lives}`, ['change']),
    event: recordEvent(
      ctx,
      {
        action: 'session.others_ended',
        outcome: 'success',
        subjectId: userId,
        detail: { kept_session_id: sessionId },
      },
      { onlyIf: lives },
    ),
  })
  if (live.length === 0) throw new AppError('invalid_access_token')
}
