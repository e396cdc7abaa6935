import { sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { AppError } from '../core/errors.ts'
import type { UserId } from '../core/ids.ts'
import type { DataKeyLookup } from '../core/ports.ts'
import { readOneTimeToken } from '../crypto/one-time-token.ts'
import { forgetSignIns, maySignIn, refuseSurplusSignIn } from '../rate-limits/sign-in-limit.ts'
import { type SessionDependencies, startSession } from '../sessions/start-session.ts'
import { addClientToMailLater } from '../storage/database/add-client-later.ts'
import { consumerOf, consumeToken, voidTokens } from '../storage/database/one-time-tokens.ts'
import { recordEvents } from '../storage/database/outbox.ts'
import { orderMail } from '../storage/database/outbox-mail.ts'
import { wipeProfile } from '../storage/database/profile-row.ts'
import { refuseToken } from '../storage/database/refuse-token.ts'
import { columnsOf, computed, type Row, withRows } from '../storage/database/rows.ts'
import { selectSignInAccount, toSignInAccount } from '../storage/database/sign-in-account.ts'
import { canBeRestored } from '../storage/database/users.ts'
import { assignments, whether } from '../storage/database/writes.ts'
import { credentials, oneTimeTokens, users } from '../storage/schema/index.ts'
import { credentialsVoided } from './credentials-voided.ts'
import { describeSignIn, type SignIn } from './describe-sign-in.ts'

type Dependencies = SessionDependencies & Pick<Context, 'vault'>

/**
 * Brings a deleted account back, once, tells its owner, and signs in. A purge that has claimed the account
 * wins over any restore, and so does a suspension from before the deletion. After a sign-in within the grace
 * period the session is that sign-in's. A mailed link is proof of the mailbox and of no password: its session
 * never counts as a recent sign-in, and the password of before is good for nothing until it is replaced. An
 * account that had no proof of its mailbox before is verified by the link, and what somebody else who may
 * have registered has put there is void (Better Auth GHSA-qq9h-g4jm-xgf3). Over the quota of sign-ins nothing
 * is restored and the token is kept; a mailed link begins the quota anew.
 * @throws AppError `invalid_token`, `rate_limited`
 */
export async function restoreAccount(ctx: Dependencies, token: string): Promise<SignIn> {
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
    password: sql`
      UPDATE credentials SET ${assignments(credentials, { password_hash: null, changed_at: now, chain_began_at: null })}
      WHERE user_id = ${wasUnproven}`,
    links: sql`DELETE FROM social_logins WHERE user_id = ${wasUnproven}`,
    profile: wipeProfile({ userIds: wasUnproven, now }),
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
  const key = await findKey(account.id)
  const proof = offer.purpose === 'recover' ? MAILBOX : proofOf(answers.offered[0])
  const tokens = key.kind === 'destroyed' ? undefined : await startSession(ctx, { account, key, ...proof })
  if (tokens === undefined) throw new AppError('invalid_token')
  return describeSignIn(ctx, { account, key, tokens })
}

const offeredProof = {
  user_id: oneTimeTokens.userId,
  amr: computed.textsOrNull(sql`${oneTimeTokens.amr}`),
  created_at: oneTimeTokens.createdAt,
} as const

/** No recent sign-in, whenever the link was opened. */
const MAILBOX = { amr: ['email'], authTimeMs: 0 } as const

/**
 * Of the sign-in that was offered the token; one from before `amr` was kept with it says nothing of itself.
 */
const proofOf = (token: Row<typeof offeredProof> | undefined) =>
  token?.amr == null ? { amr: [], authTimeMs: 0 } : { amr: token.amr, authTimeMs: token.created_at }

/** An account that is active again. Whoever comes by mail needs a new password, if there was one. */
const restored = (now: number, isMailed: boolean) => ({
  status: 'active' as const,
  deleted_at: null,
  purge_after: null,
  suspended_at: null,
  suspended_until: null,
  is_verified: sql`max(${users.isVerified}, ${whether(isMailed)})`,
  reset_required_at: sql`
    CASE WHEN ${whether(isMailed)} AND ${hasPassword} THEN ${now} ELSE ${users.resetRequiredAt} END`,
  ...(isMailed && forgetSignIns),
})

/** SQL condition on `users`: there is a password. */
const hasPassword = sql.raw(
  'EXISTS (SELECT 1 FROM credentials WHERE credentials.user_id = users.id AND credentials.password_hash IS NOT NULL)',
)

async function readRestoreToken({ ring }: Dependencies, token: string) {
  for (const purpose of ['restore', 'recover'] as const) {
    const id = await readOneTimeToken(ring, purpose, token)
    if (id !== undefined) return { id, purpose }
  }
  return undefined
}
