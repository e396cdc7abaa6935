import { sql } from 'drizzle-orm'
import type { Context, Limiting } from '../../context.ts'
import { requireKey } from '../../core/data-key.ts'
import { AppError } from '../../core/errors.ts'
import { assertAcceptablePassword } from '../../identity/password-policy.ts'
import { endSessions } from '../../storage/database/end-sessions.ts'
import { type EventCiphertext, encryptClient } from '../../storage/database/event-details.ts'
import { type SessionRef, whereSessionLives } from '../../storage/database/live-session.ts'
import { voidTokens } from '../../storage/database/one-time-tokens.ts'
import { recordEvent } from '../../storage/database/outbox.ts'
import { type MailCiphertext, orderMail, sealMailPayload } from '../../storage/database/outbox-mail.ts'
import { columnsOf, withRows } from '../../storage/database/rows.ts'
import { chainBegan } from '../../storage/database/users.ts'
import { assignments, plusOne } from '../../storage/database/writes.ts'
import { credentials, sessions, users } from '../../storage/schema/index.ts'
import { readOwner, selectOwner } from './forbidden-words.ts'
import { type ProvenOwner, verifyOwnPassword } from './verify-own-password.ts'

type Dependencies = Limiting & Pick<Context, 'passwords' | 'outbound' | 'sessions' | 'locale'>

const credentialRow = { user_id: credentials.userId } as const

/**
 * Changes the password after checking the current one (ASVS 6.2.3). Ends all other sessions and mails the
 * owner, with the list of providers at which sign-in is still possible (ASVS 7.4.3). Also voids a pending
 * change of the e-mail address, since a thief may have requested it. Of two concurrent changes one wins. The
 * other fails because its current password is no longer right.
 * @throws AppError `invalid_access_token`, `step_up_required`, `invalid_credentials`, `rate_limited`,
 * `validation_failed`, `unavailable`
 */
export async function changePassword(
  ctx: Dependencies,
  ref: SessionRef,
  { currentPassword, newPassword }: { readonly currentPassword: string; readonly newPassword: string },
): Promise<void> {
  const pendingKey = ctx.vault.find(ref.userId)
  const proven = await verifyOwnPassword(ctx, ref, { password: currentPassword })
  const [lookup, row] = await Promise.all([pendingKey, ctx.db.first(selectOwner(sql`${ref.userId}`))])
  const key = requireKey(lookup)
  if (row === undefined) throw new AppError('invalid_access_token')
  await assertAcceptablePassword(ctx, newPassword, await readOwner(key, row), '/new_password')
  const [pii, payload] = await Promise.all([
    encryptClient(ctx, lookup, ref.userId),
    sealMailPayload(ctx, lookup, { userId: ref.userId, payload: { client: ctx.client, keptProviders: row.providers } }),
  ])
  const passwordHash = await ctx.passwords.hash(newPassword, ref.userId)
  await replace(ctx, ref, { ...proven, passwordHash, pii, payload })
}

/**
 * A thief may have known the old password and set the new one. So the new password continues the chain of the
 * old one, and a reset also removes identities that were linked under earlier passwords.
 */
const sameChain = { chain_began_at: chainBegan } as const

interface PasswordChange extends ProvenOwner {
  readonly passwordHash: string
  readonly pii: EventCiphertext | undefined
  readonly payload: MailCiphertext | undefined
}

/**
 * Moves the current session to the user's new security epoch. All other sessions keep the old epoch and are
 * ended.
 */
async function replace(ctx: Dependencies, ref: SessionRef, replacement: PasswordChange): Promise<void> {
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
