import { sql } from 'drizzle-orm'
import { calculatePKCECodeChallenge } from 'oauth4webapi'
import type { Context } from '../../context.ts'
import { provenBy } from '../../core/assurance.ts'
import { AppError } from '../../core/errors.ts'
import { newSessionId } from '../../core/ids.ts'
import { readOneTimeToken } from '../../crypto/one-time-token.ts'
import type { SessionDependencies } from '../../sessions/start-session.ts'
import { codeSignsIn, signedInBy, useCode, usedSignInCode } from '../../storage/database/oauth-flows.ts'
import { selectSignInAccount, toSignInAccount } from '../../storage/database/sign-in-account.ts'
import { completeSignIn, type LoginResult } from '../complete-sign-in.ts'

type Dependencies = SessionDependencies & Pick<Context, 'vault'>

export interface CodeExchange {
  readonly code: string
  readonly codeVerifier: string
  /** The address to which the code was sent. Required for a code of the service's own pages. */
  readonly redirectUri?: string | undefined
}

/**
 * Exchanges the code of a social sign-in, or of a return from the service's own pages, for a session, once.
 * The application that asked for the code proves itself with the PKCE verifier. The account passes the same
 * checks as after a right password. A code is void if its identity was unlinked or its session has ended
 * meanwhile. A second use ends the session that the first one has opened (RFC 6749 section 4.1.2).
 * @throws AppError `invalid_token`, `invalid_credentials`, `account_suspended`, `password_reset_required`,
 * `email_unverified`
 */
export async function redeemCode(ctx: Dependencies, input: CodeExchange): Promise<LoginResult> {
  const { db, ring, now } = ctx
  const flowId = await readOneTimeToken(ring, 'code', input.code)
  if (flowId === undefined) throw new AppError('invalid_token')
  const codeChallenge = await calculatePKCECodeChallenge(input.codeVerifier)
  const opens = newSessionId()
  const use = { flowId, codeChallenge, redirectUri: input.redirectUri }
  const {
    used: [code],
    accounts: [row],
  } = await db.batch({
    used: useCode({ ...use, now, nonce: opens }, usedSignInCode, codeSignsIn(now)),
    accounts: selectSignInAccount(sql`u.id = ${signedInBy(opens)}`, now),
  })
  if (code === undefined) {
    const { endSessionOfCode } = await import('./end-session-of-code.ts')
    await endSessionOfCode(ctx, use)
  }
  if (code === undefined || row === undefined) throw new AppError('invalid_token')
  const account = toSignInAccount(row)
  const pendingKey = ctx.vault.find(account.id)
  if (code.session_id === null) return completeSignIn(ctx, { account, pendingKey, amr: provenBy('fed'), opens })
  const { continueSession } = await import('./continue-session.ts')
  const { session_id: sessionId, origin, redirect_uri: returnTo } = code
  const { host: application } = new URL(returnTo ?? '')
  return continueSession(ctx, { account, pendingKey, opens, sessionId, origin: origin ?? '', application })
}
