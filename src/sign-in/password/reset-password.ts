import { sql } from 'drizzle-orm'
import type { AccountWriting, Context } from '../../context.ts'
import { requireKey } from '../../core/data-key.ts'
import { AppError } from '../../core/errors.ts'
import type { UserId } from '../../core/ids.ts'
import type { DataKeyLookup } from '../../core/ports.ts'
import { mintDeviceToken } from '../../crypto/device-token.ts'
import { readOneTimeToken } from '../../crypto/one-time-token.ts'
import { assertAcceptablePassword } from '../../identity/password-policy.ts'
import { lockoutCountersFor } from '../../rate-limits/counters-for.ts'
import { signInLockoutFor } from '../../rate-limits/sign-in-lockout.ts'
import { addClientToMailLater } from '../../storage/database/add-client-later.ts'
import { type Counter, clearCounts } from '../../storage/database/counters.ts'
import { endSessions } from '../../storage/database/end-sessions.ts'
import { type EventCiphertext, encryptClients } from '../../storage/database/event-details.ts'
import { rowsOfFailures } from '../../storage/database/failure-counts.ts'
import { consumerOf, consumeToken, isUsable, voidTokens } from '../../storage/database/one-time-tokens.ts'
import { recordEvents } from '../../storage/database/outbox.ts'
import { type MailCiphertext, orderMail, sealMailPayload } from '../../storage/database/outbox-mail.ts'
import { refuseToken } from '../../storage/database/refuse-token.ts'
import { assignments, excluded, insertInto, onConflict } from '../../storage/database/writes.ts'
import { credentials, users } from '../../storage/schema/index.ts'
import { addressProven, credentialsVoided, voidOnFirstProof } from '../first-proof.ts'
import { removeIdentitiesByReset } from '../ways-to-sign-in.ts'
import { type ForbiddenWords, readOwner, selectOwner } from './forbidden-words.ts'
import type { DeviceTokenView } from './reset-password-view.ts'

type Dependencies = AccountWriting & Pick<Context, 'passwords' | 'outbound' | 'sessions' | 'locale'>

/**
 * Sets a new password with a mailed link. Does not sign in (ASVS 6.4.3). A password that the policy refuses
 * does not use up the link.
 *
 * The link proves the mailbox, so the account is verified and all sessions end. If the address was never
 * proven before, another person may have registered the account: its password, linked identities and profile
 * are void (Better Auth GHSA-qq9h-g4jm-xgf3). An identity that was linked under the replaced password may be
 * a thief's, so it is removed as well. The mail lists the removed identities and those that still sign in. A
 * lockout by failed attempts ends.
 * @returns a device token, so that other people's wrong passwords do not lock the owner out of the next
 * sign-in
 * @throws AppError `invalid_token`, `validation_failed`, `unavailable`
 */
export async function resetPassword(
  ctx: Dependencies,
  { token, newPassword }: { readonly token: string; readonly newPassword: string },
): Promise<DeviceTokenView> {
  const id = await readOneTimeToken(ctx.ring, 'reset', token)
  if (id === undefined) throw new AppError('invalid_token')
  const { userId, lookup, owner } = await readTokenOwner(ctx, id)
  await assertAcceptablePassword(ctx, newPassword, owner, '/new_password')
  const [signInLockout, confirmLockout, pii, payload] = await Promise.all([
    signInLockoutFor(ctx, owner.email),
    lockoutCountersFor(ctx, 'confirm-password', { user: userId }),
    encryptClients(ctx, lookup, { owner: userId, count: 2 }),
    sealMailPayload(ctx, lookup, { userId, payload: { client: ctx.client } }),
  ])
  const passwordHash = await ctx.passwords.hash(newPassword, userId)
  const lockouts = [...rowsOfFailures(signInLockout.address), ...confirmLockout]
  await replacePassword(ctx, { id, userId, lookup, passwordHash, lockouts, pii, payload })
  return { device_token: await mintDeviceToken(ctx.ring, owner.email.canonical, ctx.now) }
}

interface PasswordReset {
  readonly id: string
  readonly userId: UserId
  readonly lookup: DataKeyLookup
  readonly passwordHash: string
  readonly lockouts: readonly Pick<Counter, 'key'>[]
  /** From `encryptClients`: one for each of the two events. */
  readonly pii: readonly (EventCiphertext | undefined)[]
  readonly payload: MailCiphertext | undefined
}

async function replacePassword(ctx: Dependencies, replacement: PasswordReset): Promise<void> {
  const { db, now } = ctx
  const { id, userId, lookup, passwordHash, lockouts, pii, payload } = replacement
  const nonce = crypto.randomUUID()
  const owner = consumerOf(nonce)
  const isConsumed = sql`${owner} IS NOT NULL`
  const wasUnproven = sql`(SELECT id FROM users WHERE id = ${owner} AND is_verified = 0)`
  const identities = removeIdentitiesByReset(owner, wasUnproven)
  const { consumed } = await db.batch({
    consumed: consumeToken({ id, purpose: 'reset', now, nonce }, sql`u.status <> 'deleted'`),
    recorded: recordEvents(ctx, [
      [
        { action: 'user.password_reset', outcome: 'success' },
        { owner, pii: pii[0], onlyIf: isConsumed, detail: identities.detail },
      ],
      [credentialsVoided, { owner, pii: pii[1], onlyIf: sql`${wasUnproven} IS NOT NULL` }],
    ]),
    ...voidOnFirstProof(ctx, wasUnproven),
    // These replace steps of that name, because they happen to every account. The password comes after the
    // identities: which of them are removed depends on the former one.
    sessions: endSessions(ctx, 'password_reset', sql`user_id = ${owner}`),
    links: voidTokens(owner, ['verify', 'reset', 'change']),
    ...identities.steps,
    password: sql`
      ${insertInto(credentials, { user_id: userId, password_hash: passwordHash, changed_at: now }, { onlyIf: isConsumed })}
      ${onConflict(
        [credentials.userId],
        assignments(credentials, {
          password_hash: excluded(credentials.passwordHash),
          changed_at: excluded(credentials.changedAt),
          chain_began_at: null,
        }),
      )}`,
    proven: sql`UPDATE users SET ${assignments(users, addressProven)} WHERE id = ${owner}`,
    forgotten: clearCounts(lockouts, isConsumed),
    told: orderMail(ctx, {
      template: 'password-reset',
      userId,
      payload,
      onlyIf: isConsumed,
      later: addClientToMailLater(ctx, { findKey: async () => lookup, facts: identities.facts }),
    }),
  })
  if (consumed.length === 0) throw await refuseToken(ctx, { id, purpose: 'reset' })
}

/** Reads the owner of the link. The statement that consumes the link checks it again. */
async function readTokenOwner(ctx: Dependencies, id: string) {
  const { db, vault, now } = ctx
  const row = await db.first(
    selectOwner(sql`(SELECT user_id FROM one_time_tokens WHERE ${isUsable({ id, purpose: 'reset', now })})`),
  )
  if (row === undefined) throw await refuseToken(ctx, { id, purpose: 'reset' })
  const lookup = await vault.find(row.id)
  if (lookup.kind === 'destroyed') throw new AppError('invalid_token')
  const owner: ForbiddenWords = await readOwner(requireKey(lookup), row)
  return { userId: row.id, lookup, owner }
}
