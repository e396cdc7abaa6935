import { sql } from 'drizzle-orm'
import type { Context, Limiting, TokenIssuing } from '../context.ts'
import { AppError } from '../core/errors.ts'
import type { RefreshTokenClaims } from '../core/token-text.ts'
import { readRefreshToken } from '../crypto/refresh-token.ts'
import { addClientToMailLater } from '../storage/database/add-client-later.ts'
import { endSessions, withContinued } from '../storage/database/end-sessions.ts'
import { ownerOf } from '../storage/database/outbox.ts'
import { orderMail } from '../storage/database/outbox-mail.ts'
import { recorded } from '../storage/database/recorded.ts'
import { isReused, type RotatedSession, rotateSession } from './rotate-session.ts'
import { issueSessionTokens, type SessionTokens } from './session-tokens.ts'

type Dependencies = Limiting & TokenIssuing & Pick<Context, 'locale'>

/**
 * Exchanges a refresh token for its successor. One batch rotates the token and returns the session. If that
 * shows that the token is reused, another batch ends the session (RFC 9700 section 4.14.2) and mails the
 * owner.
 *
 * Concurrent requests and retries with the same token all get the same successor. The batch also counts the
 * refresh, and a refresh above the quota rotates nothing.
 * @throws AppError `invalid_refresh_token`, `rate_limited`
 */
export async function refresh(ctx: Dependencies, token: string): Promise<SessionTokens> {
  const claims = await readRefreshToken(ctx.ring, token)
  if (claims === undefined) throw new AppError('invalid_refresh_token')
  const pending = rotateOrEnd(ctx, claims)
  // Keeps running if the client disconnects, so that a detected theft is always handled.
  ctx.defer(pending.catch(() => undefined))
  const session = await pending
  const isSuccessor = session?.generation === claims.generation + 1
  if (session === undefined || !session.is_live || session.is_reused || !isSuccessor)
    throw new AppError('invalid_refresh_token')
  return issueSessionTokens(ctx, {
    userId: session.user_id,
    sessionId: claims.sessionId,
    roles: session.roles,
    amr: session.amr,
    authTimeMs: session.auth_time,
    generation: session.generation,
    refreshExpiresAtMs: Math.min(session.idle_expires_at, session.expires_at),
  })
}

/**
 * Rotates the token, or ends the session of a reused token. Writes the tombstone of an ended session again.
 * @returns the session as it is now
 */
async function rotateOrEnd(ctx: Dependencies, claims: RefreshTokenClaims): Promise<RotatedSession | undefined> {
  const session = await rotateSession(ctx, claims)
  if (session?.is_reused) await endStolenSession(ctx, claims)
  return session
}

/**
 * Ends the session for both the thief and the owner, and mails the owner once. The sessions with which
 * applications continue it end as well, since the thief may have opened one. This is a batch of its own
 * because reuse is rare and its three statements would add to every refresh. The batch checks again whether
 * the token is reused. If the Worker stops before the batch, the session stays alive until an old token is
 * presented again.
 */
async function endStolenSession(ctx: Dependencies, claims: RefreshTokenClaims): Promise<void> {
  const { sessionId } = claims
  const owner = ownerOf(sessionId)
  const stolen = recorded(
    ctx,
    endSessions(ctx, 'reuse', withContinued(sql`id = ${sessionId} AND ${isReused(claims, ctx.now)}`)),
    { action: 'session.reuse_detected', outcome: 'failure', detail: { session_id: sessionId } },
    { owner },
  )
  const later = addClientToMailLater(ctx, { findKey: ctx.vault.find })
  await ctx.db.batch({
    ended: stolen,
    told: orderMail(ctx, { template: 'session-reuse', userId: owner, onlyIf: stolen.happened, later }),
  })
}
