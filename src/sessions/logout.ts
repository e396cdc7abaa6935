import { sql } from 'drizzle-orm'
import type { Context, Limiting } from '../context.ts'
import type { SessionId } from '../core/ids.ts'
import { readRefreshToken } from '../crypto/refresh-token.ts'
import { assertWithinLimit, countAndRecord, prepareRateLimit } from '../rate-limits/rate-limit.ts'
import { endSessions } from '../storage/database/end-sessions.ts'
import { ownerOf } from '../storage/database/outbox.ts'
import { recorded } from '../storage/database/recorded.ts'
import { authenticate } from './authenticate.ts'

type Dependencies = Limiting & Pick<Context, 'sessions' | 'tokens'>

/** What names the session that a request ends. A refresh token comes before an access token. */
export interface Logout {
  /** Of any generation. One that this service did not mint ends nothing. */
  readonly refreshToken: string | undefined
  /** The `Authorization` header. */
  readonly authorization: string | undefined
}

/**
 * Ends a session for good; ending one that has ended changes nothing.
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
      endSessions(ctx, 'logout', sql`id = ${sessionId} AND ${rateLimit.isWithinLimit}`),
      { action: 'session.ended', outcome: 'success', detail: { session_id: sessionId, reason: 'logout' } },
      { owner: ownerOf(sessionId) },
    ),
  })
  assertWithinLimit(ctx, rateLimit, counted)
}
