import { sql } from 'drizzle-orm'
import { calculatePKCECodeChallenge } from 'oauth4webapi'
import type { Context } from '../../context.ts'
import type { SignInFailure } from '../../core/audit-event.ts'
import { AppError } from '../../core/errors.ts'
import { readOneTimeToken } from '../../crypto/one-time-token.ts'
import { endSuspension } from '../../identity/end-suspensions.ts'
import { signedInBy, useCode } from '../../storage/database/oauth-flows.ts'
import { describeUser } from '../describe-user.ts'
import type { LoginResult } from '../login.ts'
import { obstacleOf } from '../obstacle-of.ts'
import { offerRestore } from '../offer-restore.ts'
import { refuseSignIn } from '../refuse-sign-in.ts'
import { selectAccount, toAccount } from '../sign-in-account.ts'
import { startSession } from '../start-session.ts'

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

export interface CodeExchange {
  readonly code: string
  readonly codeVerifier: string
}

/**
 * Exchanges the code of a social sign-in for a session, once, with the verifier of whoever started it. The account is
 * judged here as after a right password. A link that was removed since takes the code with it.
 * @throws AppError `invalid_token`, `invalid_credentials`, `account_suspended`, `password_reset_required`,
 * `email_unverified`
 */
export async function redeemCode(ctx: Dependencies, { code, codeVerifier }: CodeExchange): Promise<LoginResult> {
  const { db, ring, now } = ctx
  const flowId = await readOneTimeToken(ring, 'code', code)
  if (flowId === undefined) throw new AppError('invalid_token')
  const codeChallenge = await calculatePKCECodeChallenge(codeVerifier)
  const nonce = crypto.randomUUID()
  const [, rows] = await db.batch([
    useCode({ flowId, codeChallenge, now, nonce }, sql`user_id IS NULL`),
    selectAccount(sql`u.id = ${signedInBy(nonce)}`, now),
  ])
  if (rows[0] === undefined) throw new AppError('invalid_token')
  const account = toAccount(rows[0])
  const pendingKey = ctx.vault.find(account.id)
  const refuse = (reason: SignInFailure) => refuseSignIn(ctx, { account, reason, pendingKey })
  const key = await pendingKey
  const obstacle = obstacleOf(ctx, account, key)
  if (obstacle !== undefined) throw await refuse(obstacle)
  if (account.status === 'deleted') {
    const offer = await offerRestore(ctx, account, { key })
    if (offer === undefined) throw await refuse('erased')
    return { kind: 'deleted', ...offer }
  }
  if (account.status === 'suspended') await endSuspension(ctx, account.id)
  const tokens = await startSession(ctx, { account, key, amr: ['fed'] })
  if (tokens === undefined) throw await refuse('changed_meanwhile')
  return { kind: 'signed-in', tokens, user: await describeUser(account, key) }
}
