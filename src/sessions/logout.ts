import { sql } from 'drizzle-orm'
import type { Context, Limiting } from '../context.ts'
import type { SessionId } from '../core/ids.ts'
import { readRefreshToken } from '../crypto/refresh-token.ts'
import { assertWithinLimit, countAndRecord, prepareRateLimit } from '../rate-limits/rate-limit.ts'
import { endSessions, withContinued } from '../storage/database/end-sessions.ts'
import { ownerOf } from '../storage/database/outbox.ts'
import { recorded } from '../storage/database/recorded.ts'
import { authenticate } from './authenticate.ts'

type Dependencies = Limiting & Pick<Context, 'sessions' | 'tokens'>

/** The session to end. A refresh token takes precedence over an access token. */
export interface Logout {
  /** May be of any generation. A token that this service did not mint ends no session. */
  readonly refreshToken: string | undefined
  /** The `Authorization` header. */
  readonly authorization: string | undefined
}

/**
 * Ends a session, and those with which applications continue it. If the session has ended already, nothing
 * changes.
 * @throws AppError `rate_limited`; `invalid_access_token` without a refresh token
 */
export async function logout(ctx: Dependencies, { refreshToken, authorization }: Logout): Promise<void> {
  const session =
    refreshToken === undefined ? await authenticate(ctx, authorization) : await readRefreshToken(ctx.ring, refreshToken)
  if (session !== undefined) await endSession(ctx, session.sessionId)
}

async function endSession(ctx: Dependencies, sessionId: SessionId): Promise<void> {
  const rateLimit = await prepareRateLimit(ctx, 'logout', { session: sessionId })
  const { counted } = await ctx.db.batch({
    ...countAndRecord(ctx, rateLimit),
    ended: recorded(
      ctx,
      endSessions(ctx, 'logout', withContinued(sql`id = ${sessionId} AND ${rateLimit.isWithinLimit}`)),
      { action: 'session.ended', outcome: 'success', detail: { session_id: sessionId, reason: 'logout' } },
      { owner: ownerOf(sessionId) },
    ),
  })
  assertWithinLimit(ctx, rateLimit, counted)
}
