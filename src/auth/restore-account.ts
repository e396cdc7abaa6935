import { sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { AppError } from '../core/errors.ts'
import { readOneTimeToken } from '../crypto/one-time-token.ts'
import { recordEvent } from '../storage/outbox.ts'
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
  | 'outbox'
  | 'defer'
>

/**
 * Brings a deleted account back, once, and signs in. The token's row takes a nonce from the one request that consumes
 * it; the other statements of the batch look for that nonce, so they act for the winner alone. A purge that has
 * claimed the account wins over any restore.
 * @throws AppError `invalid_token`
 */
export async function restoreAccount(ctx: Dependencies, token: string): Promise<SignIn> {
  const tokenId = await readOneTimeToken(ctx.ring, 'restore', token)
  if (tokenId === undefined) throw new AppError('invalid_token')
  const { db, now } = ctx
  const nonce = crypto.randomUUID()
  const owner = sql`(SELECT user_id FROM one_time_tokens WHERE nonce = ${nonce})`
  const [, , , , rows] = await db.batch([
    sql`
      UPDATE one_time_tokens SET consumed_at = ${now}, nonce = ${nonce}
      WHERE id = ${tokenId} AND purpose = 'restore' AND consumed_at IS NULL AND expires_at > ${now}
        AND EXISTS (SELECT 1 FROM users u WHERE u.id = one_time_tokens.user_id AND u.status = 'deleted'
          AND u.purge_after > ${now})
        AND NOT EXISTS (SELECT 1 FROM erasures e WHERE e.user_id = one_time_tokens.user_id AND e.started_at IS NOT NULL)`,
    recordEvent(
      ctx,
      { action: 'user.restored', outcome: 'success' },
      { owner, onlyIf: sql`EXISTS (SELECT 1 FROM one_time_tokens WHERE nonce = ${nonce})` },
    ),
    sql`UPDATE users SET status = 'active', deleted_at = NULL, purge_after = NULL WHERE id = ${owner}`,
    sql`DELETE FROM erasures WHERE user_id = ${owner} AND started_at IS NULL`,
    selectAccount(sql`u.id = ${owner}`),
  ])
  if (rows[0] === undefined) throw new AppError('invalid_token')
  const account = toAccount(rows[0])
  const key = await ctx.vault.find(account.id)
  const tokens = key.kind === 'destroyed' ? undefined : await startSession(ctx, { account, key })
  if (tokens === undefined) throw new AppError('invalid_token')
  return { tokens, user: await describeUser(account, key) }
}
