import { sql } from 'drizzle-orm'
import { calculatePKCECodeChallenge } from 'oauth4webapi'
import type { Context } from '../../context.ts'
import { provenBy } from '../../core/assurance.ts'
import { AppError } from '../../core/errors.ts'
import { readOneTimeToken } from '../../crypto/one-time-token.ts'
import type { SessionDependencies } from '../../sessions/start-session.ts'
import { signedInBy, useCode } from '../../storage/database/oauth-flows.ts'
import { selectSignInAccount, toSignInAccount } from '../../storage/database/sign-in-account.ts'
import { completeSignIn, type LoginResult } from '../complete-sign-in.ts'

type Dependencies = SessionDependencies & Pick<Context, 'vault'>

export interface CodeExchange {
  readonly code: string
  readonly codeVerifier: string
}

/**
 * Exchanges the code of a social sign-in for a session, once. The application that started the flow proves
 * itself with the PKCE verifier. The account passes the same checks as after a right password. A code is void
 * if its identity was unlinked meanwhile.
 * @throws AppError `invalid_token`, `invalid_credentials`, `account_suspended`, `password_reset_required`,
 * `email_unverified`
 */
export async function redeemCode(ctx: Dependencies, { code, codeVerifier }: CodeExchange): Promise<LoginResult> {
  const { db, ring, now } = ctx
  const flowId = await readOneTimeToken(ring, 'code', code)
  if (flowId === undefined) throw new AppError('invalid_token')
  const codeChallenge = await calculatePKCECodeChallenge(codeVerifier)
  const nonce = crypto.randomUUID()
  const {
    accounts: [row],
  } = await db.batch({
    used: useCode({ flowId, codeChallenge, now, nonce }, sql`user_id IS NULL`),
    accounts: selectSignInAccount(sql`u.id = ${signedInBy(nonce)}`, now),
  })
  if (row === undefined) throw new AppError('invalid_token')
  const account = toSignInAccount(row)
  return completeSignIn(ctx, { account, pendingKey: ctx.vault.find(account.id), amr: provenBy('fed') })
}
