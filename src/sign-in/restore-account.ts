import { sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { provenBy, recordedMethods } from '../core/assurance.ts'
import { AppError } from '../core/errors.ts'
import type { UserId } from '../core/ids.ts'
import type { DataKeyLookup } from '../core/ports.ts'
import { readOneTimeToken } from '../crypto/one-time-token.ts'
import { maySignIn, refuseSurplusSignIn } from '../rate-limits/sign-in-limit.ts'
import type { SessionDependencies } from '../sessions/start-session.ts'
import { hasPassword } from '../storage/database/account-level.ts'
import { addClientToMailLater } from '../storage/database/add-client-later.ts'
import type { Row } from '../storage/database/members.ts'
import { consumerOf, consumeToken, voidTokens } from '../storage/database/one-time-tokens.ts'
import { recordEvents } from '../storage/database/outbox.ts'
import { orderMail } from '../storage/database/outbox-mail.ts'
import { refuseToken } from '../storage/database/refuse-token.ts'
import { columnsOf, computed, withRows } from '../storage/database/rows.ts'
import { selectSignInAccount, toSignInAccount } from '../storage/database/sign-in-account.ts'
import { canBeRestored } from '../storage/database/users.ts'
import { assignments, whether } from '../storage/database/writes.ts'
import { oneTimeTokens, users } from '../storage/schema/index.ts'
import { completeSignIn, type LoginResult } from './complete-sign-in.ts'
import { addressProven, credentialsVoided, voidOnFirstProof } from './first-proof.ts'

type Dependencies = SessionDependencies & Pick<Context, 'vault'>

/**
 * Restores a deleted account once, mails its owner, and signs in, or asks for the second factor. A purge that
 * has claimed the account wins over a restore. While a suspension from before the deletion lasts, the account
 * cannot be restored.
 *
 * A token from a sign-in within the grace period opens a session with the authentication method and time of
 * that sign-in. A mailed link proves the mailbox but no password. Its session never counts as a recent
 * sign-in, and the old password does not sign in until it is replaced. If the address was never proven
 * before, the link verifies it. Then another person may have registered the account, so its password, linked
 * identities and profile are void (Better Auth GHSA-qq9h-g4jm-xgf3).
 *
 * Above the quota of sign-ins nothing is restored, and the token stays usable. A mailed link resets the
 * quota. An account that may not sign in is restored all the same, without a session.
 * @throws AppError `invalid_token`, `rate_limited`, `password_reset_required`, `email_unverified`,
 * `second_factor_required`
 */
export async function restoreAccount(ctx: Dependencies, token: string): Promise<LoginResult> {
  const offer = await readRestoreToken(ctx, token)
  if (offer === undefined) throw new AppError('invalid_token')
  const { db, now } = ctx
  const isMailed = offer.purpose === 'recover'
  const nonce = crypto.randomUUID()
  const owner = consumerOf(nonce)
  const wasUnproven = sql`(SELECT id FROM users WHERE id = ${owner} AND NOT is_verified AND ${whether(isMailed)})`
  let pendingKey: Promise<DataKeyLookup> | undefined
  const findKey = (userId: UserId) => {
    pendingKey ??= ctx.vault.find(userId)
    return pendingKey
  }
  const answers = await db.batch({
    offered: withRows(offeredProof, sql`SELECT ${columnsOf(offeredProof)} FROM one_time_tokens WHERE id = ${offer.id}`),
    consumed: consumeToken(
      { ...offer, now, nonce },
      sql`${canBeRestored(now)} AND (${whether(isMailed)} OR ${maySignIn(ctx)})`,
    ),
    recorded: recordEvents(ctx, [
      [
        { action: 'user.restored', outcome: 'success' },
        { owner, onlyIf: sql`${owner} IS NOT NULL` },
      ],
      [credentialsVoided, { owner, onlyIf: sql`${wasUnproven} IS NOT NULL` }],
    ]),
    ...(isMailed && voidOnFirstProof(ctx, wasUnproven)),
    restored: sql`UPDATE users SET ${assignments(users, restored(now, isMailed))} WHERE id = ${owner}`,
    erasure: sql`DELETE FROM erasures WHERE user_id = ${owner} AND started_at IS NULL`,
    offers: voidTokens(owner, ['restore', 'recover']),
    accounts: selectSignInAccount(sql`u.id = ${owner}`, now),
    told: orderMail(ctx, {
      template: 'account-restored',
      userId: owner,
      onlyIf: sql`${owner} IS NOT NULL`,
      later: addClientToMailLater(ctx, { findKey }),
    }),
  })
  const [row] = answers.accounts
  if (row === undefined) {
    const [offered] = answers.offered
    if (!isMailed && offered !== undefined) await refuseSurplusSignIn(ctx, offered.user_id)
    throw await refuseToken(ctx, offer)
  }
  const account = toSignInAccount(row)
  const proof = isMailed ? MAILBOX : proofOf(answers.offered[0])
  const pending = { account, pendingKey: findKey(account.id), refusedAs: 'invalid_token' } as const
  return completeSignIn(ctx, { ...pending, ...proof })
}

const offeredProof = {
  user_id: oneTimeTokens.userId,
  amr: computed.textsOrNull(sql`${oneTimeTokens.amr}`),
  created_at: oneTimeTokens.createdAt,
} as const

/** Never a recent sign-in, no matter when the link was opened. */
const MAILBOX = { amr: provenBy('email'), authTimeMs: 0 }

/**
 * Method and time of the sign-in for which the token was issued. A token from before `one_time_tokens.amr`
 * existed has neither.
 */
const proofOf = (token: Row<typeof offeredProof> | undefined) => ({
  amr: recordedMethods(token?.amr ?? []),
  authTimeMs: token?.amr == null ? 0 : token.created_at,
})

/**
 * The values of `users` that make the account active. A restore by mail requires a new password if the
 * account had one.
 */
const restored = (now: number, isMailed: boolean) => ({
  status: 'active' as const,
  deleted_at: null,
  purge_after: null,
  suspended_at: null,
  suspended_until: null,
  reset_required_at: sql`
    CASE WHEN ${whether(isMailed)} AND ${hasPassword} THEN ${now} ELSE ${users.resetRequiredAt} END`,
  ...(isMailed && addressProven),
})

async function readRestoreToken({ ring }: Dependencies, token: string) {
  for (const purpose of ['restore', 'recover'] as const) {
    const id = await readOneTimeToken(ring, purpose, token)
    if (id !== undefined) return { id, purpose }
  }
  return undefined
}
