import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { AppError } from '../core/errors.ts'
import type { UserId } from '../core/ids.ts'
import { ROTATION_GRACE_MS } from '../core/lifetimes.ts'
import { type RefreshTokenClaims, readRefreshToken } from '../crypto/refresh-token.ts'
import { endSessions } from '../storage/database/end-sessions.ts'
import { sessionIsAlive } from '../storage/database/live-session.ts'
import { parseRoles, rolesOf } from '../storage/database/roles.ts'
import { ownerOf, previousChangedARow, recordEvent, recordEvents } from '../storage/outbox.ts'
import { orderMail } from '../storage/outbox-mail.ts'
import { addClientToMailLater } from './add-client-later.ts'
import { assertAdmitted, openAdmission } from './limits/admission.ts'
import { idleExpiry } from './session-limits.ts'
import { issueSessionTokens, type SessionTokens } from './session-tokens.ts'

type Dependencies = Pick<
  Context,
  | 'db'
  | 'ring'
  | 'vault'
  | 'tokens'
  | 'sessions'
  | 'limiter'
  | 'settings'
  | 'actor'
  | 'client'
  | 'requestId'
  | 'now'
  | 'locale'
  | 'outbox'
  | 'defer'
>

interface SessionRow {
  readonly user_id: UserId
  readonly generation: number
  readonly expires_at: number
  readonly idle_expires_at: number
  readonly revoked_at: number | null
  readonly amr: string
  readonly auth_time: number
  readonly roles: string
  readonly is_live: number
  readonly is_reused: number
}

/**
 * Trades a refresh token for its successor. One batch rotates; where it finds nothing to rotate, the session is read
 * (two rotations by others between the two look like a theft), and where that shows the theft of a token, another batch
 * ends it (RFC 9700 section 4.14.2), and its owner is told. Racing requests and retries all get the one successor. The
 * count of refreshes stands in the same batch, and one over a quota changes nothing.
 * @throws AppError `invalid_refresh_token`, `rate_limited`
 */
export async function refresh(ctx: Dependencies, token: string): Promise<SessionTokens> {
  const claims = await readRefreshToken(ctx.ring, token)
  if (claims === undefined) throw new AppError('invalid_refresh_token')
  const settling = settle(ctx, claims)
  // Goes on when the client does not wait for the answer: a theft that was noticed is acted upon.
  ctx.defer(settling.catch(() => undefined))
  const session = await settling
  const isSuccessor = session?.generation === claims.generation + 1
  if (session === undefined || session.is_live === 0 || session.is_reused === 1 || !isSuccessor)
    throw new AppError('invalid_refresh_token')
  return issueSessionTokens(ctx, {
    userId: session.user_id,
    sessionId: claims.sessionId,
    roles: parseRoles(session.roles),
    amr: JSON.parse(session.amr),
    authTimeMs: session.auth_time,
    generation: session.generation,
    refreshExpiresAtMs: Math.min(session.idle_expires_at, session.expires_at),
  })
}

/** Rotates, or ends the session of a stolen token; the edge hears of one that has ended. @returns the session as it is */
async function settle(ctx: Dependencies, claims: RefreshTokenClaims): Promise<SessionRow | undefined> {
  const session = (await rotate(ctx, claims)) ?? (await ctx.db.first(readSession(claims, ctx.now)))
  if (session?.is_reused === 1) await endStolenSession(ctx, claims)
  // The tombstone of a session that ended before may have been lost.
  if (session?.revoked_at != null) ctx.defer(ctx.sessions.revoke(claims.sessionId))
  return session
}

/** @returns undefined when this was not the newest token of a session that lives */
async function rotate(ctx: Dependencies, claims: RefreshTokenClaims): Promise<SessionRow | undefined> {
  const { sessionId, generation } = claims
  const { db, now, settings } = ctx
  const admission = await openAdmission(ctx, 'refresh', { session: sessionId })
  const [counted, [session]] = await db.batch([
    admission.count,
    sql<SessionRow>`
      UPDATE sessions SET generation = generation + 1, rotated_at = ${now}, last_used_at = ${now},
        idle_expires_at = min(${idleExpiry(settings, now)}, expires_at)
      WHERE id = ${sessionId} AND generation = ${generation} AND ${sessionIsAlive(now)} AND ${admission.isAdmitted}
      RETURNING ${sessionFacts}, 1 AS is_live, 0 AS is_reused`,
    recordEvents(ctx, [
      [
        { action: 'session.refreshed', outcome: 'success', detail: { session_id: sessionId } },
        { onlyIf: previousChangedARow, owner: ownerOf(sessionId) },
      ],
      admission.event,
    ]),
  ])
  assertAdmitted(ctx, admission, counted)
  return session
}

/**
 * Both who stole the token and who it was stolen from lose the session, once, and the owner is told. A batch of its own,
 * because it is rare and would cost each refresh three statements. It asks again whether the token is reused; a Worker
 * that dies before it leaves the session alive until an old token is shown again.
 */
async function endStolenSession(ctx: Dependencies, claims: RefreshTokenClaims): Promise<void> {
  const { sessionId } = claims
  const [[ended], , jobs] = await ctx.db.batch([
    endSessions(ctx, 'reuse', sql`id = ${sessionId} AND ${isReused(claims, ctx.now)}`),
    recordEvent(
      ctx,
      { action: 'session.reuse_detected', outcome: 'failure', detail: { session_id: sessionId } },
      { onlyIf: previousChangedARow, owner: ownerOf(sessionId) },
    ),
    orderMail(ctx, { template: 'session-reuse', userId: ownerOf(sessionId), onlyIf: previousChangedARow }),
  ])
  if (ended !== undefined)
    addClientToMailLater(ctx, jobs, { userId: ended.user_id, pendingKey: ctx.vault.find(ended.user_id) })
}

/** SQL condition on `sessions`: a token older than the newest is shown after the grace; it or its successor was copied. */
const isReused = ({ generation }: RefreshTokenClaims, now: number): SQL => sql`
  revoked_at IS NULL AND (generation > ${generation + 1}
    OR (generation = ${generation + 1} AND rotated_at < ${now - ROTATION_GRACE_MS}))`

const sessionFacts = sql`
  user_id, generation, expires_at, idle_expires_at, revoked_at, amr, auth_time,
  ${rolesOf(sql`sessions.user_id`)} AS roles`

const readSession = (claims: RefreshTokenClaims, now: number) => sql<SessionRow>`
  SELECT ${sessionFacts},
    (${sessionIsAlive(now)}) AS is_live,
    (${isReused(claims, now)}) AS is_reused
  FROM sessions WHERE id = ${claims.sessionId}`
