import { type SQL, sql } from 'drizzle-orm'
import type { Context, Recording } from '../context.ts'
import type { UserId } from '../core/ids.ts'
import { endSessions } from '../storage/database/end-sessions.ts'
import type { SessionRef } from '../storage/database/live-session.ts'
import { finishFirst } from '../storage/database/outbox.ts'
import { recorded } from '../storage/database/recorded.ts'
import { MAX_SESSIONS } from './session-limits.ts'

type Dependencies = Omit<Recording, 'actor'> & Pick<Context, 'sessions' | 'defer'>

/** How many end at once: each is a call of a store, of which a Worker has a bounded number. */
const MAX_ENDED = 100

/**
 * SQL: whether a user has more than `MAX_SESSIONS` that were not revoked. Looks at no more than one beyond;
 * index `sessions_unrevoked`.
 */
export const hasSurplusSessions = (userId: UserId): SQL => sql`
  EXISTS (SELECT 1 FROM sessions WHERE user_id = ${userId} AND revoked_at IS NULL LIMIT 1 OFFSET ${MAX_SESSIONS})`

/**
 * Ends, behind the answer, the sessions that a sign-in made too many, never its own. First those that are
 * dead by idleness; then those never refreshed, so that a program that signs in every minute ends its own and
 * no device in use; then those used longest ago. If that fails, the next sign-in does it.
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
