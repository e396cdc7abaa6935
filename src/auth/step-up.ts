import { sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { AppError } from '../core/errors.ts'
import { type SessionRef, sessionIsAlive } from '../storage/database/live-session.ts'
import { parseRoles, rolesOf } from '../storage/database/roles.ts'
import { encryptClient, previousChangedARow, recordEvent } from '../storage/outbox.ts'
import { type AccessGrant, issueAccessToken } from './issue-access-token.ts'
import { requireOwnPassword } from './password/own-password.ts'

type Dependencies = Pick<
  Context,
  | 'db'
  | 'ring'
  | 'vault'
  | 'tokens'
  | 'passwords'
  | 'settings'
  | 'sessions'
  | 'limiter'
  | 'actor'
  | 'client'
  | 'requestId'
  | 'now'
  | 'outbox'
  | 'defer'
>

/**
 * Proves once more who is signed in, and hands out an access token that says so for the next five minutes
 * (RFC 9470, ASVS 7.5.1). The session stays the same.
 * @throws AppError `invalid_access_token`, `invalid_credentials`, `rate_limited`
 */
export async function stepUp(ctx: Dependencies, ref: SessionRef, password: string): Promise<AccessGrant> {
  const { db, now } = ctx
  const pendingKey = ctx.vault.find(ref.userId)
  const { account, onSuccess } = await requireOwnPassword(ctx, ref, password)
  const pii = await encryptClient(await pendingKey, ref.userId, ctx.client)
  const [renewed] = await db.batch([
    sql<{ amr: string; expires_at: number; roles: string }>`
      UPDATE sessions SET auth_time = ${now}
      WHERE id = ${ref.sessionId} AND user_id = ${ref.userId} AND ${sessionIsAlive(now)}
        AND EXISTS (SELECT 1 FROM credentials
          WHERE user_id = ${ref.userId} AND password_hash = ${account.passwordHash})
      RETURNING amr, expires_at, ${rolesOf(sql`user_id`)} AS roles`,
    recordEvent(
      ctx,
      {
        action: 'session.stepped_up',
        outcome: 'success',
        subjectId: ref.userId,
        detail: { session_id: ref.sessionId },
      },
      { pii, onlyIf: previousChangedARow },
    ),
    ...onSuccess(),
  ])
  const [session] = renewed
  if (session === undefined) throw new AppError('invalid_access_token')
  const claims = { ...ref, roles: parseRoles(session.roles), amr: JSON.parse(session.amr), authTimeMs: now }
  ctx.defer(ctx.sessions.remember(ref.sessionId, { ...claims, expiresAtMs: session.expires_at }))
  return issueAccessToken(ctx, claims)
}
