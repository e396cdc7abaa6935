import { sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { newSessionId } from '../core/ids.ts'
import type { DataKeyLookup } from '../core/ports.ts'
import { encryptClient, previousChangedARow, recordEvent } from '../storage/outbox.ts'
import { clearAttempts } from './reserve-attempt.ts'
import { encryptDevice } from './session-device.ts'
import { absoluteExpiry, idleExpiry } from './session-limits.ts'
import { issueSessionTokens, type SessionTokens } from './session-tokens.ts'
import type { SignInAccount } from './sign-in-account.ts'

interface SessionStart {
  readonly account: SignInAccount
  /** The counter of failures to clear. */
  readonly attemptKey?: string
  readonly key: DataKeyLookup
}

type Dependencies = Pick<
  Context,
  'db' | 'sessions' | 'tokens' | 'ring' | 'settings' | 'client' | 'actor' | 'requestId' | 'now' | 'outbox' | 'defer'
>

/**
 * Opens a session in one batch, guarded by the account still being what it was when the password was compared: a
 * suspension or a password change in between wins. @returns undefined when it won
 */
export async function startSession(
  ctx: Dependencies,
  { account, attemptKey, key }: SessionStart,
): Promise<SessionTokens | undefined> {
  const { db, settings, now } = ctx
  const sessionId = newSessionId()
  const expiresAtMs = absoluteExpiry(settings, now)
  const idleExpiresAtMs = Math.min(idleExpiry(settings, now), expiresAtMs)
  const claims = { userId: account.id, sessionId, roles: account.roles, amr: ['pwd'], authTimeMs: now }
  const [pii, deviceEnc] = await Promise.all([
    encryptClient(key, account.id, ctx.client),
    sealDevice(ctx, account, key),
  ])
  const actor = { type: 'user', userId: account.id, sessionId } as const

  ctx.defer(ctx.sessions.remember(sessionId, { ...claims, expiresAtMs }))
  const [[inserted], tokens] = await Promise.all([
    db.batch([
      sql`
        INSERT INTO sessions (id, user_id, generation, rotated_at, created_at, last_used_at, expires_at,
          idle_expires_at, amr, auth_time, device_enc, security_epoch)
        SELECT ${sessionId}, id, 0, ${now}, ${now}, ${now}, ${expiresAtMs}, ${idleExpiresAtMs},
          ${JSON.stringify(claims.amr)}, ${now}, ${deviceEnc}, security_epoch
        FROM users WHERE id = ${account.id} AND status = 'active' AND security_epoch = ${account.securityEpoch}
        RETURNING id`,
      recordEvent(
        { ...ctx, actor },
        { action: 'user.signed_in', outcome: 'success', subjectId: account.id, detail: { session_id: sessionId } },
        { pii, onlyIf: previousChangedARow },
      ),
      sql`
        UPDATE users SET last_login_at = ${now}
        WHERE id = ${account.id} AND EXISTS (SELECT 1 FROM sessions WHERE id = ${sessionId})`,
      ...(attemptKey === undefined ? [] : [clearAttempts(attemptKey)]),
    ]),
    issueSessionTokens(ctx, { ...claims, generation: 0, refreshExpiresAtMs: idleExpiresAtMs }),
  ])
  return inserted.length === 1 ? tokens : undefined
}

/** Null when no store gave the key: sign-in goes on, and the session list will not know the device. */
async function sealDevice(
  { client }: Dependencies,
  { id }: SignInAccount,
  lookup: DataKeyLookup,
): Promise<string | null> {
  if (lookup.kind !== 'found') return null
  return encryptDevice(lookup.key, id, client)
}
