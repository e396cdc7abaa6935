import { sql } from 'drizzle-orm'
import type { Context, Limiting } from '../context.ts'
import type { SessionId } from '../core/ids.ts'
import { readRefreshToken } from '../crypto/refresh-token.ts'
import { endSessions } from '../storage/database/end-sessions.ts'
import { recorded } from '../storage/database/recorded.ts'
import { ownerOf } from '../storage/outbox.ts'
import { assertAdmitted, countAndRecord, openAdmission } from './limits/admission.ts'

type Dependencies = Limiting & Pick<Context, 'sessions'>

/** Ends the session of a refresh token, of any generation. A token that this service did not mint ends nothing. */
export async function logoutByRefreshToken(ctx: Dependencies, token: string): Promise<void> {
  const claims = await readRefreshToken(ctx.ring, token)
  if (claims !== undefined) await endSession(ctx, claims.sessionId)
}

/** Ends a session for good; ending one that has ended changes nothing. @throws AppError `rate_limited` */
export async function endSession(ctx: Dependencies, sessionId: SessionId): Promise<void> {
  const admission = await openAdmission(ctx, 'logout', { session: sessionId })
  const { counted } = await ctx.db.batch({
    ...countAndRecord(ctx, admission),
    ended: recorded(
      ctx,
      endSessions(ctx, 'logout', sql`id = ${sessionId} AND ${admission.isAdmitted}`),
      { action: 'session.ended', outcome: 'success', detail: { session_id: sessionId, reason: 'logout' } },
      { owner: ownerOf(sessionId) },
    ),
  })
  assertAdmitted(ctx, admission, counted)
}
