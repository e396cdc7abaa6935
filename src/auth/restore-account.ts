import { sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { AppError } from '../core/errors.ts'
import { readOneTimeToken } from '../crypto/one-time-token.ts'
import { canBeRestored } from '../storage/database/can-be-restored.ts'
import { consumerOf, consumeToken, voidTokens } from '../storage/database/one-time-tokens.ts'
import { refuseToken } from '../storage/database/refuse-token.ts'
import { recordEvent } from '../storage/outbox.ts'
import { orderMail } from '../storage/outbox-mail.ts'
import { addClientToMailLater } from './add-client-later.ts'
import { describeUser, type SignIn } from './describe-user.ts'
import { issueDeviceToken } from './issue-device-token.ts'
import { selectAccount, toAccount } from './sign-in-account.ts'
import { type SessionDependencies, startSession } from './start-session.ts'

type Dependencies = SessionDependencies & Pick<Context, 'vault'>

/**
 * Brings a deleted account back, once, tells its owner, and signs in. A purge that has claimed the account wins over
 * any restore, and so does a suspension from before the deletion. A mailed link is proof of the mailbox: an account that
 * had none before is verified by it, and the password and links of somebody else who may have registered are void
 * (Better Auth GHSA-qq9h-g4jm-xgf3).
 * @throws AppError `invalid_token`
 */
export async function restoreAccount(ctx: Dependencies, token: string): Promise<SignIn> {
  const offer = await readRestoreToken(ctx, token)
  if (offer === undefined) throw new AppError('invalid_token')
  const { db, now } = ctx
  const isMailed = offer.purpose === 'recover' ? 1 : 0
  const nonce = crypto.randomUUID()
  const owner = consumerOf(nonce)
  const wasUnproven = sql`(SELECT id FROM users WHERE id = ${owner} AND is_verified = 0 AND ${isMailed})`
  const [, , , , , , , rows, jobs] = await db.batch([
    consumeToken({ ...offer, now, nonce }, canBeRestored(now)),
    recordEvent(ctx, { action: 'user.restored', outcome: 'success' }, { owner, onlyIf: sql`${owner} IS NOT NULL` }),
    sql`UPDATE credentials SET password_hash = NULL, changed_at = ${now} WHERE user_id = ${wasUnproven}`,
    sql`DELETE FROM social_logins WHERE user_id = ${wasUnproven}`,
    sql`
      UPDATE users SET status = 'active', deleted_at = NULL, purge_after = NULL, suspended_at = NULL,
        suspended_until = NULL, is_verified = max(is_verified, ${isMailed})
      WHERE id = ${owner}`,
    sql`DELETE FROM erasures WHERE user_id = ${owner} AND started_at IS NULL`,
    voidTokens(owner, ['restore', 'recover']),
    selectAccount(sql`u.id = ${owner}`, now),
    orderMail(ctx, { template: 'account-restored', userId: owner, onlyIf: sql`${owner} IS NOT NULL` }),
  ])
  if (rows[0] === undefined) throw await refuseToken(ctx, offer)
  const account = toAccount(rows[0])
  const pendingKey = ctx.vault.find(account.id)
  addClientToMailLater(ctx, jobs, { userId: account.id, pendingKey })
  const key = await pendingKey
  const amr = offer.purpose === 'restore' && account.passwordHash === null ? (['fed'] as const) : (['pwd'] as const)
  const tokens = key.kind === 'destroyed' ? undefined : await startSession(ctx, { account, key, amr })
  if (tokens === undefined) throw new AppError('invalid_token')
  const user = await describeUser(account, key)
  return { tokens, user, deviceToken: await issueDeviceToken(ctx, user.email) }
}

async function readRestoreToken({ ring }: Dependencies, token: string) {
  for (const purpose of ['restore', 'recover'] as const) {
    const id = await readOneTimeToken(ring, purpose, token)
    if (id !== undefined) return { id, purpose }
  }
  return undefined
}
