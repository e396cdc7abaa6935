import { sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import type { SessionId } from '../core/ids.ts'
import { readRefreshToken } from '../crypto/refresh-token.ts'
import { endSessions } from '../storage/database/end-sessions.ts'
import { ownerOf, previousChangedARow, recordEvent } from '../storage/outbox.ts'

type Dependencies = Pick<Context, 'db' | 'ring' | 'sessions' | 'actor' | 'requestId' | 'now' | 'outbox' | 'defer'>

/** Ends the session of a refresh token, of any generation. A token that this service did not mint ends nothing. */
export async function logoutByRefreshToken(ctx: Dependencies, token: string): Promise<void> {
  const claims = await readRefreshToken(ctx.ring, token)
  if (claims !== undefined) await endSession(ctx, claims.sessionId)
}

/** Ends a session for good; ending one that has ended changes nothing. */
export async function endSession(ctx: Dependencies, sessionId: SessionId): Promise<void> {
  const { db, now } = ctx
  await db.batch([
    endSessions({ now, reason: 'logout' }, sql`id = ${sessionId}`),
    recordEvent(
      ctx,
      { action: 'session.ended', outcome: 'success', detail: { session_id: sessionId, reason: 'logout' } },
      { onlyIf: previousChangedARow, owner: ownerOf(sessionId) },
    ),
  ])
  ctx.defer(ctx.sessions.revoke(sessionId))
}
