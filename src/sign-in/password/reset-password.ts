import { type SQL, sql } from 'drizzle-orm'
import type { AccountWriting, Context } from '../../context.ts'
import { requireKey } from '../../core/data-key.ts'
import { AppError } from '../../core/errors.ts'
import type { UserId } from '../../core/ids.ts'
import type { DataKeyLookup } from '../../core/ports.ts'
import { mintDeviceToken } from '../../crypto/device-token.ts'
import { readOneTimeToken } from '../../crypto/one-time-token.ts'
import { assertAcceptablePassword } from '../../identity/password-policy.ts'
import { lockoutCountersFor } from '../../rate-limits/counters-for.ts'
import { forgetSignIns } from '../../rate-limits/sign-in-limit.ts'
import { signInLockoutFor } from '../../rate-limits/sign-in-lockout.ts'
import { addClientToMailLater } from '../../storage/database/add-client-later.ts'
import { type Counter, clearCounts } from '../../storage/database/counters.ts'
import { endSessions } from '../../storage/database/end-sessions.ts'
import { consumerOf, consumeToken, isUsable, voidTokens } from '../../storage/database/one-time-tokens.ts'
import { encryptClient, recordEvents } from '../../storage/database/outbox.ts'
import { orderMail, sealMailPayload } from '../../storage/database/outbox-mail.ts'
import { wipeProfile } from '../../storage/database/profile-row.ts'
import { refuseToken } from '../../storage/database/refuse-token.ts'
import { columnsOf, withRows } from '../../storage/database/rows.ts'
import { type Statement, type Taken, takenFrom } from '../../storage/database/statement.ts'
import { chainBegan } from '../../storage/database/users.ts'
import { assignments, excluded, insertInto, onConflict, plusOne } from '../../storage/database/writes.ts'
import { credentials, socialLogins, users } from '../../storage/schema/index.ts'
import { credentialsVoided } from '../credentials-voided.ts'
import { type ForbiddenWords, readOwner, selectOwner } from './forbidden-words.ts'
import type { DeviceTokenView } from './reset-password-view.ts'

type Dependencies = AccountWriting & Pick<Context, 'passwords' | 'outbound' | 'sessions' | 'locale'>

const linkedProvider = { provider: socialLogins.provider } as const

/**
 * Sets a new password with a mailed link. The mailbox is proof of the address, so the account is verified by
 * it, and whatever came before is void: every session, and password, links and profile of somebody else who
 * may have registered (Better Auth GHSA-qq9h-g4jm-xgf3). An identity that was linked under the password that
 * is replaced may be a thief's, so it goes with it; the mail names what went and what still signs in. A lock
 * by failed attempts ends. Does not sign in (ASVS 6.4.3). A password that the policy refuses does not use the
 * link up.
 * @returns a device token, so that strangers' wrong passwords do not keep the owner from signing in next
 * @throws AppError `invalid_token`, `validation_failed`, `unavailable`
 */
export async function resetPassword(
  ctx: Dependencies,
  { token, newPassword }: { readonly token: string; readonly newPassword: string },
): Promise<DeviceTokenView> {
  const id = await readOneTimeToken(ctx.ring, 'reset', token)
  if (id === undefined) throw new AppError('invalid_token')
  const { userId, lookup, owner } = await readHolder(ctx, id)
  await assertAcceptablePassword(ctx, newPassword, owner, '/new_password')
  const [signInLock, confirmLock, pii, payload] = await Promise.all([
    signInLockoutFor(ctx, owner.email),
    lockoutCountersFor(ctx, 'confirm-password', { user: userId }),
    encryptClient(lookup, userId, ctx.client),
    sealMailPayload(lookup, userId, { client: ctx.client }),
  ])
  const passwordHash = await ctx.passwords.hash(newPassword, userId)
  const locks = [...signInLock.address, ...confirmLock]
  await replacePassword(ctx, { id, userId, lookup, passwordHash, locks, pii, payload })
  return { device_token: await mintDeviceToken(ctx.ring, owner.email.canonical, ctx.now) }
}

interface Replacement {
  readonly id: string
  readonly userId: UserId
  readonly lookup: DataKeyLookup
  readonly passwordHash: string
  readonly locks: readonly Counter[]
  readonly pii: string | undefined
  readonly payload: string | undefined
}

async function replacePassword(ctx: Dependencies, replacement: Replacement): Promise<void> {
  const { db, now } = ctx
  const { id, userId, lookup, passwordHash, locks, pii, payload } = replacement
  const nonce = crypto.randomUUID()
  const winner = consumerOf(nonce)
  const isWinner = sql`${winner} IS NOT NULL`
  const wasUnproven = sql`(SELECT id FROM users WHERE id = ${winner} AND is_verified = 0)`
  const isDropped = goesWithThePassword(winner, wasUnproven)
  // What goes and what stays only the batch can tell, so the mail that it orders gets it afterwards.
  const [droppedProviders, keptProviders]: [string[], string[]] = [[], []]
  const facts = () =>
    droppedProviders.length + keptProviders.length === 0 ? undefined : { droppedProviders, keptProviders }
  const { consumed } = await db.batch({
    consumed: consumeToken({ id, purpose: 'reset', now, nonce }, sql`u.status <> 'deleted'`),
    recorded: recordEvents(ctx, [
      [
        { action: 'user.password_reset', outcome: 'success' },
        { owner: winner, pii, onlyIf: isWinner, detail: namesOf(isDropped) },
      ],
      [credentialsVoided, { owner: winner, pii, onlyIf: sql`${wasUnproven} IS NOT NULL` }],
    ]),
    dropped: namesInto(
      droppedProviders,
      sql`DELETE FROM social_logins WHERE ${isDropped} RETURNING ${columnsOf(linkedProvider)}`,
    ),
    kept: namesInto(
      keptProviders,
      sql`
        SELECT DISTINCT ${columnsOf(linkedProvider)} FROM social_logins
        WHERE user_id = ${winner} ORDER BY provider`,
    ),
    wiped: wipeProfile({ userIds: wasUnproven, now }),
    password: sql`
      ${insertInto(credentials, { user_id: userId, password_hash: passwordHash, changed_at: now }, { onlyIf: isWinner })}
      ${onConflict(
        [credentials.userId],
        assignments(credentials, {
          password_hash: excluded(credentials.passwordHash),
          changed_at: excluded(credentials.changedAt),
          chain_began_at: null,
        }),
      )}`,
    proven: sql`UPDATE users SET ${assignments(users, proven)} WHERE id = ${winner}`,
    ended: endSessions(ctx, 'password_reset', sql`user_id = ${winner}`),
    voided: voidTokens(winner, ['verify', 'reset', 'change']),
    forgotten: clearCounts(locks, isWinner),
    told: orderMail(ctx, {
      template: 'password-reset',
      userId,
      payload,
      onlyIf: isWinner,
      later: addClientToMailLater(ctx, { findKey: async () => lookup, facts }),
    }),
  })
  if (consumed.length === 0) throw await refuseToken(ctx, { id, purpose: 'reset' })
}

const proven = { is_verified: true, security_epoch: plusOne(users.securityEpoch), ...forgetSignIns }

/**
 * SQL condition on `social_logins`: linked since the first of the passwords that lead to the one which is
 * replaced now, or by somebody who had not proven the address. A thief who knew a password may have changed
 * it since, which must not save what he has linked. Without such a chain of passwords the identities are the
 * way in, and stay.
 */
const goesWithThePassword = (winner: SQL, wasUnproven: SQL): SQL => sql`
  social_logins.user_id = ${winner} AND (social_logins.user_id = ${wasUnproven} OR social_logins.linked_at > (
    SELECT ${chainBegan} FROM credentials
    WHERE user_id = ${winner} AND (password_hash IS NOT NULL OR chain_began_at IS NOT NULL)))`

/** SQL: the event's detail, null without such identities. */
const namesOf = (condition: SQL): SQL => sql`
  (SELECT json_object('dropped_identities', json_group_array(json_object('identity_id', id, 'provider', provider)))
    FROM social_logins WHERE ${condition} HAVING count(*) > 0)`

/** A statement that answers with linked providers: the list gets the name of each, once. */
const namesInto = (names: string[], statement: SQL): Statement<Taken> =>
  takenFrom(withRows(linkedProvider, statement), (rows) => {
    names.push(...new Set(rows.map(({ provider }) => provider)))
  })

/** Whose link it is; consuming checks again. */
async function readHolder(ctx: Dependencies, id: string) {
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
