import { sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { AppError } from '../core/errors.ts'
import { readOneTimeToken } from '../crypto/one-time-token.ts'
import { canBeRestored } from '../storage/database/can-be-restored.ts'
import { consumerOf, consumeToken, voidTokens } from '../storage/database/one-time-tokens.ts'
import { recordEvent } from '../storage/outbox.ts'
import { orderMail } from '../storage/outbox-mail.ts'
import { addClientToMailLater } from './add-client-later.ts'
import { describeUser, type SignIn } from './describe-user.ts'
import { selectAccount, toAccount } from './sign-in-account.ts'
import { startSession } from './start-session.ts'

type Dependencies = Pick<
  Context,
  | 'settings'
  | 'ring'
  | 'tokens'
  | 'db'
  | 'vault'
  | 'sessions'
  | 'actor'
  | 'client'
  | 'requestId'
  | 'now'
  | 'locale'
  | 'outbox'
  | 'defer'
>

/**
 * Brings a deleted account back, once, tells its owner, and signs in. A purge that has claimed the account wins over
 * any restore.
 * @throws AppError `invalid_token`
 */
export async function restoreAccount(ctx: Dependencies, token: string): Promise<SignIn> {
  const tokenId = await readOneTimeToken(ctx.ring, 'restore', token)
  if (tokenId === undefined) throw new AppError('invalid_token')
  const { db, now } = ctx
  const nonce = crypto.randomUUID()
  const owner = consumerOf(nonce)
  const [, , , , , rows, jobs] = await db.batch([
    consumeToken({ id: tokenId, purpose: 'restore', now, nonce }, canBeRestored(now)),
    recordEvent(ctx, { action: 'user.restored', outcome: 'success' }, { owner, onlyIf: sql`${owner} IS NOT NULL` }),
    sql`UPDATE users SET status = 'active', deleted_at = NULL, purge_after = NULL WHERE id = ${owner}`,
    sql`DELETE FROM erasures WHERE user_id = ${owner} AND started_at IS NULL`,
    voidTokens(owner, ['restore']),
    selectAccount(sql`u.id = ${owner}`),
    orderMail(ctx, { template: 'account-restored', userId: owner, onlyIf: sql`${owner} IS NOT NULL` }),
  ])
  if (rows[0] === undefined) throw new AppError('invalid_token')
  const account = toAccount(rows[0])
  const pendingKey = ctx.vault.find(account.id)
  addClientToMailLater(ctx, jobs, { userId: account.id, pendingKey })
  const key = await pendingKey
  const tokens = key.kind === 'destroyed' ? undefined : await startSession(ctx, { account, key })
  if (tokens === undefined) throw new AppError('invalid_token')
  return { tokens, user: await describeUser(account, key) }
}
