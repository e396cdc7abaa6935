import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { newSessionId, type SessionId, type UserId } from '../core/ids.ts'
import type { DataKeyLookup } from '../core/ports.ts'
import { encryptClient, previousChangedARow, recordEvent } from '../storage/outbox.ts'
import { orderMail, sealMailPayload } from '../storage/outbox-mail.ts'
import { countSignIn, maySignIn, refuseSurplusSignIn } from './limits/sign-in-quota.ts'
import { encryptDevice, indexDevice } from './session-device.ts'
import { absoluteExpiry, idleExpiry } from './session-limits.ts'
import { issueSessionTokens, type SessionTokens } from './session-tokens.ts'
import { endSurplusSessionsLater, hasSurplusSessions } from './sessions/end-surplus-sessions.ts'
import type { SignInAccount } from './sign-in-account.ts'

/** @param isLetIn SQL condition, true once the person is let in; not for a sign-in over the account's quota */
export type OnSuccess = (isLetIn: SQL) => readonly SQL[]

interface SessionStart {
  readonly account: SignInAccount
  readonly key: DataKeyLookup
  /** Statements for the same batch: what the right password takes back of the counts. */
  readonly onSuccess?: OnSuccess
  /** How the person proved who they are. */
  readonly amr: readonly string[]
  /** When they did, Unix milliseconds; without it, now. Zero for a proof that never counts as a recent sign-in. */
  readonly authTimeMs?: number
}

export type SessionDependencies = Pick<
  Context,
  | 'db'
  | 'sessions'
  | 'tokens'
  | 'ring'
  | 'settings'
  | 'client'
  | 'actor'
  | 'requestId'
  | 'now'
  | 'locale'
  | 'outbox'
  | 'defer'
>

/**
 * Opens a session in one batch, guarded by the account still being what it was when the proof was checked: a
 * suspension, a password change, or a change of the roles that its tokens name, wins. A device that none of the
 * account's sessions knows is told to its owner, unless it is the first one. If there are too many now, others end behind the answer. @returns undefined when the other won. @throws AppError `rate_limited`
 */
export async function startSession(
  ctx: SessionDependencies,
  { account, key, amr, authTimeMs = ctx.now, onSuccess = () => [] }: SessionStart,
): Promise<SessionTokens | undefined> {
  const { db, settings, now } = ctx
  const sessionId = newSessionId()
  const expiresAtMs = absoluteExpiry(settings, now)
  const idleExpiresAtMs = Math.min(idleExpiry(settings, now), expiresAtMs)
  const claims = { userId: account.id, sessionId, roles: account.roles, amr, authTimeMs }
  const [pii, deviceEnc, deviceIndexes, payload] = await Promise.all([
    encryptClient(key, account.id, ctx.client),
    sealDevice(ctx, account, key),
    indexDevice(ctx.ring, account.id, ctx.client),
    sealMailPayload(key, account.id, { client: ctx.client }),
  ])
  const actor = { type: 'user', userId: account.id, sessionId } as const

  ctx.defer(ctx.sessions.remember(sessionId, { ...claims, expiresAtMs }))
  const [[inserted], tokens] = await Promise.all([
    db.batch([
      sql<{ readonly has_surplus: number }>`
        INSERT INTO sessions (id, user_id, generation, rotated_at, created_at, last_used_at, expires_at,
          idle_expires_at, amr, auth_time, device_enc, device_index, security_epoch)
        SELECT ${sessionId}, id, 0, ${now}, ${now}, ${now}, ${expiresAtMs}, ${idleExpiresAtMs},
          ${JSON.stringify(claims.amr)}, ${authTimeMs}, ${deviceEnc}, ${deviceIndexes[0]}, security_epoch
        FROM users WHERE id = ${account.id} AND status = 'active' AND security_epoch = ${account.securityEpoch}
          AND ${hasRoles(account)} AND ${maySignIn(ctx)}
        RETURNING id, ${hasSurplusSessions(account.id)} AS has_surplus`,
      recordEvent(
        { ...ctx, actor },
        { action: 'user.signed_in', outcome: 'success', subjectId: account.id, detail: { session_id: sessionId } },
        { pii, onlyIf: previousChangedARow },
      ),
      sql`
        UPDATE users SET last_login_at = ${now}, ${countSignIn(ctx)}
        WHERE id = ${account.id} AND EXISTS (SELECT 1 FROM sessions WHERE id = ${sessionId})`,
      orderMail(ctx, {
        template: 'new-device',
        userId: account.id,
        payload,
        onlyIf: isNewDevice({ sessionId, userId: account.id, deviceIndexes }),
      }),
      ...onSuccess(sql`EXISTS (SELECT 1 FROM sessions WHERE id = ${sessionId})`),
    ]),
    issueSessionTokens(ctx, { ...claims, generation: 0, refreshExpiresAtMs: idleExpiresAtMs }),
  ])
  if (inserted[0]?.has_surplus === 1) endSurplusSessionsLater(ctx, { userId: account.id, sessionId })
  if (inserted.length === 1) return tokens
  await refuseSurplusSignIn(ctx, account.id)
  return undefined
}

/**
 * SQL condition: this session is there, others of its user are, and none of them is of this device. Index
 * `sessions_user_device`. SQLite makes a join of an EXISTS and then asks about the device for each of a thousand
 * sessions; not of a value.
 */
const isNewDevice = ({ sessionId, userId, deviceIndexes }: DeviceSighting): SQL => sql`
  (SELECT 1 FROM sessions WHERE id = ${sessionId}) = 1
  AND (SELECT 1 FROM sessions WHERE user_id = ${userId} AND id <> ${sessionId} LIMIT 1) = 1
  AND NOT EXISTS (
    SELECT 1 FROM sessions WHERE user_id = ${userId} AND device_index IN ${[...deviceIndexes]} AND id <> ${sessionId})`

interface DeviceSighting {
  readonly sessionId: SessionId
  readonly userId: UserId
  readonly deviceIndexes: readonly string[]
}

/** As the account was read: no role added since, none taken away. Index `user_roles_user`. */
const hasRoles = ({ roles }: SignInAccount): SQL => sql`
  (SELECT count(*) FROM user_roles r WHERE r.user_id = users.id) = ${roles.length}
  AND NOT EXISTS (SELECT 1 FROM user_roles r WHERE r.user_id = users.id
    AND r.role NOT IN (SELECT value FROM json_each(${JSON.stringify(roles)})))`

/** Null when no store gave the key: sign-in goes on, and the session list will not know the device. */
async function sealDevice(
  { client }: SessionDependencies,
  { id }: SignInAccount,
  lookup: DataKeyLookup,
): Promise<string | null> {
  if (lookup.kind !== 'found') return null
  return encryptDevice(lookup.key, id, client)
}
