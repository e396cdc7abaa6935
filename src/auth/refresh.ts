import { sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { AppError } from '../core/errors.ts'
import type { SessionId, UserId } from '../core/ids.ts'
import { type RefreshTokenClaims, readRefreshToken } from '../crypto/refresh-token.ts'
import { endSessions } from '../storage/database/end-sessions.ts'
import { sessionIsAlive } from '../storage/database/live-session.ts'
import { parseRoles, rolesOf } from '../storage/database/roles.ts'
import { ownerOf, previousChangedARow, recordEvent } from '../storage/outbox.ts'
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

/** Within this time after a rotation, whoever still shows the previous token gets the same successor. */
const GRACE_MS = 10_000

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
}

/**
 * Trades a refresh token for its successor. One batch rotates, or notices the theft and revokes, and reads what came
 * of it (RFC 9700 section 4.14.2); the owner of a session that was ended so is told. Racing requests and retries all
 * get the one successor. The count of refreshes stands in the same batch, and one over a quota changes nothing.
 * @throws AppError `invalid_refresh_token`, `rate_limited`
 */
export async function refresh(ctx: Dependencies, token: string): Promise<SessionTokens> {
  const claims = await readRefreshToken(ctx.ring, token)
  if (claims === undefined) throw new AppError('invalid_refresh_token')
  const session = await rotate(ctx, claims)
  const isSuccessor = session?.generation === claims.generation + 1
  if (session?.revoked_at != null) ctx.defer(ctx.sessions.revoke(claims.sessionId))
  if (session === undefined || session.is_live === 0 || !isSuccessor) throw new AppError('invalid_refresh_token')
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

async function rotate(
  ctx: Dependencies,
  { sessionId, generation }: RefreshTokenClaims,
): Promise<SessionRow | undefined> {
  const { db, now, settings } = ctx
  const admission = await openAdmission(ctx, 'refresh', { session: sessionId })
  const [counted, , , , , , jobs, rows] = await db.batch([
    ...admission.statements,
    sql`
      UPDATE sessions SET generation = generation + 1, rotated_at = ${now}, last_used_at = ${now},
        idle_expires_at = min(${idleExpiry(settings, now)}, expires_at)
      WHERE id = ${sessionId} AND generation = ${generation} AND ${sessionIsAlive(now)} AND ${admission.isAdmitted}`,
    recordEvent(
      ctx,
      { action: 'session.refreshed', outcome: 'success', detail: { session_id: sessionId } },
      { onlyIf: previousChangedARow, owner: ownerOf(sessionId) },
    ),
    // A token older than the newest, shown after the grace: it was copied, or its successor was. Both parties lose it.
    endSessions(
      { now, reason: 'reuse' },
      sql`id = ${sessionId} AND ${admission.isAdmitted} AND (generation > ${generation + 1}
        OR (generation = ${generation + 1} AND rotated_at < ${now - GRACE_MS}))`,
    ),
    recordEvent(
      ctx,
      { action: 'session.reuse_detected', outcome: 'failure', detail: { session_id: sessionId } },
      { onlyIf: previousChangedARow, owner: ownerOf(sessionId) },
    ),
    orderMail(ctx, { template: 'session-reuse', userId: ownerOf(sessionId), onlyIf: previousChangedARow }),
    readSession(sessionId, now),
  ])
  assertAdmitted(ctx, admission, counted)
  const [session] = rows
  if (session !== undefined && jobs.length > 0)
    addClientToMailLater(ctx, jobs, { userId: session.user_id, pendingKey: ctx.vault.find(session.user_id) })
  return session
}

const readSession = (sessionId: SessionId, now: number) => sql<SessionRow>`
  SELECT user_id, generation, expires_at, idle_expires_at, revoked_at, amr, auth_time,
    ${rolesOf(sql`sessions.user_id`)} AS roles,
    (${sessionIsAlive(now)}) AS is_live
  FROM sessions WHERE id = ${sessionId}`
