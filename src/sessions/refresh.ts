import { type SQL, sql } from 'drizzle-orm'
import type { Context, Limiting, TokenIssuing } from '../context.ts'
import { AppError } from '../core/errors.ts'
import { ROTATION_GRACE_MS } from '../core/lifetimes.ts'
import type { RefreshTokenClaims } from '../core/token-text.ts'
import { readRefreshToken } from '../crypto/refresh-token.ts'
import { assertWithinLimit, prepareRateLimit } from '../rate-limits/rate-limit.ts'
import { addClientToMailLater } from '../storage/database/add-client-later.ts'
import { endSessions } from '../storage/database/end-sessions.ts'
import { sessionIsAlive } from '../storage/database/live-session.ts'
import type { Row } from '../storage/database/members.ts'
import { ownerOf } from '../storage/database/outbox.ts'
import { orderMail } from '../storage/database/outbox-mail.ts'
import { recorded } from '../storage/database/recorded.ts'
import { userRoleNames } from '../storage/database/roles.ts'
import { columnsOf, computed, withRows } from '../storage/database/rows.ts'
import { onReturned, type Statement } from '../storage/database/statement.ts'
import { assignments, plusOne } from '../storage/database/writes.ts'
import { sessions } from '../storage/schema/index.ts'
import { idleExpiry } from './session-limits.ts'
import { issueSessionTokens, type SessionTokens } from './session-tokens.ts'

type Dependencies = Limiting & TokenIssuing & Pick<Context, 'locale'>

const sessionFacts = {
  user_id: sessions.userId,
  generation: sessions.generation,
  expires_at: sessions.expiresAt,
  idle_expires_at: sessions.idleExpiresAt,
  revoked_at: sessions.revokedAt,
  amr: computed.texts(sql`${sessions.amr}`),
  auth_time: sessions.authTime,
  roles: userRoleNames(sessions.userId),
} as const

const rotatedSession = {
  ...sessionFacts,
  is_live: computed.flag(sql`1`),
  is_reused: computed.flag(sql`0`),
} as const
type SessionRow = Row<typeof rotatedSession>

/**
 * Exchanges a refresh token for its successor. One batch rotates the token. If it rotates nothing, the
 * session is read. If that shows that the token is reused, another batch ends the session (RFC 9700 section
 * 4.14.2) and mails the owner. Two rotations by other requests between the batch and the read look like
 * reuse.
 *
 * Concurrent requests and retries with the same token all get the same successor. The batch also counts the
 * refresh, and a refresh above the quota changes nothing.
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
async function rotateOrEnd(ctx: Dependencies, claims: RefreshTokenClaims): Promise<SessionRow | undefined> {
  const session = (await rotate(ctx, claims)) ?? (await ctx.db.first(readSession(ctx, claims)))
  if (session?.is_reused) await endStolenSession(ctx, claims)
  return session
}

/** @returns undefined if this was not the newest token of a live session */
async function rotate(ctx: Dependencies, claims: RefreshTokenClaims): Promise<SessionRow | undefined> {
  const { sessionId, generation } = claims
  const { db, now, settings } = ctx
  const rateLimit = await prepareRateLimit(ctx, 'refresh', { session: sessionId })
  const successor = {
    generation: plusOne(sessions.generation),
    rotated_at: now,
    last_used_at: now,
    idle_expires_at: sql`min(${idleExpiry(settings, now)}, ${sessions.expiresAt})`,
  }
  const { counted, rotated } = await db.batch({
    counted: rateLimit.count,
    rotated: recorded(
      ctx,
      withRows(
        rotatedSession,
        sql`
          UPDATE sessions SET ${assignments(sessions, successor)}
          WHERE id = ${sessionId} AND generation = ${generation} AND ${sessionIsAlive(now)} AND ${rateLimit.isWithinLimit}
          RETURNING ${columnsOf(rotatedSession)}`,
      ),
      { action: 'session.refreshed', outcome: 'success', detail: { session_id: sessionId } },
      { owner: ownerOf(sessionId), beside: rateLimit.event },
    ),
  })
  assertWithinLimit(ctx, rateLimit, counted)
  return rotated[0]
}

/**
 * Ends the session for both the thief and the owner, and mails the owner once. This is a batch of its own
 * because reuse is rare and its three statements would add to every refresh. The batch checks again whether
 * the token is reused. If the Worker stops before the batch, the session stays alive until an old token is
 * presented again.
 */
async function endStolenSession(ctx: Dependencies, claims: RefreshTokenClaims): Promise<void> {
  const { sessionId } = claims
  const owner = ownerOf(sessionId)
  const stolen = recorded(
    ctx,
    endSessions(ctx, 'reuse', sql`id = ${sessionId} AND ${isReused(claims, ctx.now)}`),
    { action: 'session.reuse_detected', outcome: 'failure', detail: { session_id: sessionId } },
    { owner },
  )
  const later = addClientToMailLater(ctx, { findKey: ctx.vault.find })
  await ctx.db.batch({
    ended: stolen,
    told: orderMail(ctx, { template: 'session-reuse', userId: owner, onlyIf: stolen.happened, later }),
  })
}

/**
 * SQL condition on `sessions`: the token is older than the newest one and the grace period is over, so this
 * token or its successor was copied.
 */
const isReused = ({ generation }: RefreshTokenClaims, now: number): SQL => sql`
  revoked_at IS NULL AND (generation > ${generation + 1}
    OR (generation = ${generation + 1} AND rotated_at < ${now - ROTATION_GRACE_MS}))`

/**
 * Reads the current session. If it ended before, its tombstone may have been lost, so the tombstone is
 * written to KV again.
 */
function readSession(ctx: Dependencies, claims: RefreshTokenClaims): Statement<SessionRow> {
  const { now, defer } = ctx
  const members = {
    ...sessionFacts,
    is_live: computed.flag(sessionIsAlive(now)),
    is_reused: computed.flag(isReused(claims, now)),
  } as const
  const read = withRows(members, sql`SELECT ${columnsOf(members)} FROM sessions WHERE id = ${claims.sessionId}`)
  return onReturned(read, ([session]) => {
    if (session?.revoked_at != null) defer(ctx.sessions.revoke(claims.sessionId))
  })
}
