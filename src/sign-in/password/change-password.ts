import { sql } from 'drizzle-orm'
import type { Context, Limiting } from '../../context.ts'
import { requireKey } from '../../core/data-key.ts'
import { AppError } from '../../core/errors.ts'
import { assertAcceptablePassword } from '../../identity/password-policy.ts'
import { endSessions } from '../../storage/database/end-sessions.ts'
import { type SessionRef, whereSessionLives } from '../../storage/database/live-session.ts'
import { voidTokens } from '../../storage/database/one-time-tokens.ts'
import { encryptClient, recordEvent } from '../../storage/database/outbox.ts'
import { orderMail, sealMailPayload } from '../../storage/database/outbox-mail.ts'
import { columnsOf, withRows } from '../../storage/database/rows.ts'
import { chainBegan } from '../../storage/database/users.ts'
import { assignments, plusOne } from '../../storage/database/writes.ts'
import { credentials, sessions, users } from '../../storage/schema/index.ts'
import { readOwner, selectOwner } from './forbidden-words.ts'
import { type ProvenOwner, verifyOwnPassword } from './verify-own-password.ts'

type Dependencies = Limiting & Pick<Context, 'passwords' | 'outbound' | 'sessions' | 'locale'>

const credentialRow = { user_id: credentials.userId } as const

/**
 * Replaces the password with the current one's proof, ends the other sessions and tells the owner, also where
 * else somebody can still sign in to the account (ASVS 6.2.3, 7.4.3). A change of address that is on its way
 * dies too: a thief may have asked for it, and this is how he is shaken off. Of two changes at once one wins,
 * and the other finds that its current password is no longer right.
 * @throws AppError `invalid_access_token`, `invalid_credentials`, `rate_limited`, `validation_failed`,
 * `unavailable`
 */
export async function changePassword(
  ctx: Dependencies,
  ref: SessionRef,
  { currentPassword, newPassword }: { readonly currentPassword: string; readonly newPassword: string },
): Promise<void> {
  const pendingKey = ctx.vault.find(ref.userId)
  const proven = await verifyOwnPassword(ctx, ref, currentPassword)
  const [lookup, row] = await Promise.all([pendingKey, ctx.db.first(selectOwner(sql`${ref.userId}`))])
  const key = requireKey(lookup)
  if (row === undefined) throw new AppError('invalid_access_token')
  await assertAcceptablePassword(ctx, newPassword, await readOwner(key, row), '/new_password')
  const [pii, payload] = await Promise.all([
    encryptClient(lookup, ref.userId, ctx.client),
    sealMailPayload(lookup, ref.userId, { client: ctx.client, keptProviders: row.providers }),
  ])
  const passwordHash = await ctx.passwords.hash(newPassword, ref.userId)
  await replace(ctx, ref, { ...proven, passwordHash, pii, payload })
}

/** Whoever knew the old password may be a thief, so the new one proves no more than the old one did. */
const sameChain = { chain_began_at: chainBegan } as const

interface Replacement extends ProvenOwner {
  readonly passwordHash: string
  readonly pii: string | undefined
  readonly payload: string | undefined
}

/**
 * The session at hand moves on to the new epoch with its user; all others stay behind in the old one, and
 * end.
 */
async function replace(ctx: Dependencies, ref: SessionRef, replacement: Replacement): Promise<void> {
  const { db, now } = ctx
  const { userId, sessionId } = ref
  const { account, passwordHash, onSuccess, pii, payload } = replacement
  const isDone = sql`EXISTS (SELECT 1 FROM credentials WHERE user_id = ${userId} AND password_hash = ${passwordHash})`
  const { replaced } = await db.batch({
    replaced: withRows(
      credentialRow,
      sql`
        UPDATE credentials SET ${assignments(credentials, { password_hash: passwordHash, changed_at: now, ...sameChain })}
        WHERE user_id = ${userId} AND password_hash = ${account.passwordHash} AND ${whereSessionLives(ref, now)}
        RETURNING ${columnsOf(credentialRow)}`,
    ),
    epoch: sql`
      UPDATE users SET ${assignments(users, { security_epoch: plusOne(users.securityEpoch) })}
      WHERE id = ${userId} AND ${isDone}`,
    moved: sql`
      UPDATE sessions
      SET ${assignments(sessions, { security_epoch: sql`(SELECT ${users.securityEpoch} FROM users WHERE id = ${userId})` })}
      WHERE id = ${sessionId} AND ${isDone}`,
    ended: endSessions(ctx, 'password_changed', sql`user_id = ${userId} AND id <> ${sessionId} AND ${isDone}`),
    voided: voidTokens(sql`SELECT id FROM users WHERE id = ${userId} AND ${isDone}`, ['reset', 'change']),
    recorded: recordEvent(
      ctx,
      { action: 'user.password_changed', outcome: 'success', subjectId: userId },
      { pii, onlyIf: isDone },
    ),
    told: orderMail(ctx, { template: 'password-changed', userId, payload, onlyIf: isDone }),
    forgotten: onSuccess(isDone),
  })
  if (replaced.length === 0) throw new AppError('invalid_credentials')
}
