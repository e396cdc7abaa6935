import { sql } from 'drizzle-orm'
import type { Context, Recording } from '../context.ts'
import { AppError } from '../core/errors.ts'
import type { SessionId } from '../core/ids.ts'
import { endSessions, withContinued } from '../storage/database/end-sessions.ts'
import {
  type SessionRef,
  selectLiveSession,
  sessionIsAlive,
  whereSessionLives,
} from '../storage/database/live-session.ts'
import { voidTokens } from '../storage/database/one-time-tokens.ts'
import { recorded } from '../storage/database/recorded.ts'

type Dependencies = Recording & Pick<Context, 'sessions' | 'defer'>

/**
 * Ends one of the signed-in user's sessions, which may be the current one, and the sessions with which
 * applications continue it: they are on the same device. The answer is the same for another
 * user's session, a missing one and an ended one. Ending another session than the current one also voids a
 * pending change of the e-mail address, since the ended session may be a thief's.
 * @throws AppError `invalid_access_token`, `not_found`
 */
export async function endOwnSession(ctx: Dependencies, ref: SessionRef, sessionId: SessionId): Promise<void> {
  const { db, now } = ctx
  const mayEnd = sql`
    id = ${sessionId} AND user_id = ${ref.userId} AND ${sessionIsAlive(now)} AND ${whereSessionLives(ref, now)}`
  const { live, ended } = await db.batch({
    live: selectLiveSession(ref, now),
    voided: voidTokens(sql`SELECT user_id FROM sessions WHERE ${mayEnd} AND id <> ${ref.sessionId}`, ['change']),
    ended: recorded(ctx, endSessions(ctx, 'owner', withContinued(mayEnd)), {
      action: 'session.ended',
      outcome: 'success',
      subjectId: ref.userId,
      detail: { session_id: sessionId, reason: 'owner' },
    }),
  })
  if (live.length === 0) throw new AppError('invalid_access_token')
  if (ended.length === 0) throw new AppError('not_found')
}
