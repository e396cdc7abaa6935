import { type SQL, sql } from 'drizzle-orm'
import type { Context, Recording } from '../context.ts'
import type { UserId } from '../core/ids.ts'
import { endSessions } from '../storage/database/end-sessions.ts'
import type { SessionRef } from '../storage/database/live-session.ts'
import { finishFirst } from '../storage/database/outbox.ts'
import { recorded } from '../storage/database/recorded.ts'
import { MAX_SESSIONS } from './session-limits.ts'

type Dependencies = Omit<Recording, 'actor'> & Pick<Context, 'sessions' | 'defer'>

/**
 * How many sessions end at once. Each one costs a call to KV, and a Worker may make only a limited number of
 * calls.
 */
const MAX_ENDED = 100

/**
 * SQL: whether a user has more than `MAX_SESSIONS` sessions that are not revoked. Reads at most one row
 * beyond the limit. Index `sessions_unrevoked`.
 */
export const hasSurplusSessions = (userId: UserId): SQL => sql`
  EXISTS (SELECT 1 FROM sessions WHERE user_id = ${userId} AND revoked_at IS NULL LIMIT 1 OFFSET ${MAX_SESSIONS})`

/**
 * Ends the surplus sessions of a user after the answer of a sign-in, never the new session. Idle sessions
 * end first. Next are sessions that were never refreshed, so a program that signs in every minute ends its
 * own sessions and not a device in use. Last are the sessions used longest ago. If this fails, the next
 * sign-in does it.
 */
export function endSurplusSessionsLater(ctx: Dependencies, signedIn: SessionRef): void {
  finishFirst(ctx.outbox, endSurplusSessions(ctx, signedIn))
}

async function endSurplusSessions(ctx: Dependencies, { userId, sessionId }: SessionRef): Promise<void> {
  const { db, now } = ctx
  const surplus = sql`id IN (
    SELECT id FROM sessions WHERE user_id = ${userId} AND revoked_at IS NULL
    ORDER BY id = ${sessionId} DESC, idle_expires_at > ${now} DESC, generation > 0 DESC, last_used_at DESC, id
    LIMIT ${MAX_ENDED} OFFSET ${MAX_SESSIONS})`
  await db.batch({
    ended: recorded({ ...ctx, actor: { type: 'system' } }, endSessions(ctx, 'surplus', surplus), {
      action: 'session.surplus_ended',
      outcome: 'success',
      subjectId: userId,
      detail: { signed_in_session_id: sessionId },
    }),
  })
}
