import type { Context } from '../../context.ts'
import { acrOf, isBelow, ONE_FACTOR } from '../../core/assurance.ts'
import { AppError } from '../../core/errors.ts'
import type { Principal } from '../../core/principal.ts'
import { rpIdOf } from '../../core/relying-party.ts'
import { mintOneTimeToken } from '../../crypto/one-time-token.ts'
import { readRefreshToken } from '../../crypto/refresh-token.ts'
import { isShown, requireLive, selectLiveSession } from '../../storage/database/live-session.ts'
import { insertReturnCode } from '../../storage/database/oauth-flows.ts'
import { returnAddress } from '../return-address.ts'
import { checkReturn } from './check-return.ts'
import type { ReturnLocation } from './return-views.ts'

interface ReturnRequest {
  /** Of the same session as the access token. */
  readonly refreshToken: string | undefined
  readonly returnTo: string
  readonly state?: string | undefined
  /** PKCE challenge (S256). Only the application knows the verifier. */
  readonly codeChallenge: string
}

/**
 * Sends a signed-in person back to an application, with a code that continues this session there. The code is
 * bound to the session, to the address and to the challenge of the application. The refresh token is required
 * as well: an access token, which other services see, must not become a session of its own.
 * @throws AppError `validation_failed`, `invalid_access_token`, `invalid_refresh_token`; `step_up_required`
 * and `factor_enrolment_required` where the account needs two factors and the session has proven fewer,
 * because the application would get no session
 */
export async function returnToApplication(
  ctx: Pick<Context, 'db' | 'ring' | 'settings' | 'now'>,
  principal: Principal,
  { refreshToken = '', returnTo: redirectUri, state: clientState, codeChallenge }: ReturnRequest,
): Promise<ReturnLocation> {
  const { db, ring, settings, now } = ctx
  checkReturn(ctx, { returnTo: redirectUri })
  const claims = await readRefreshToken(ring, refreshToken)
  if (claims?.sessionId !== principal.sessionId) throw new AppError('invalid_refresh_token')
  const level = acrOf(principal.amr)
  // A mailbox opens a session of every account that needs one factor, so it is enough here as well.
  const ref = {
    ...principal,
    proven: { level: isBelow(level, ONE_FACTOR) ? ONE_FACTOR : level, rpId: rpIdOf(settings) },
  }
  const id = crypto.randomUUID()
  const {
    live: [live],
    made,
  } = await db.batch({
    live: selectLiveSession(ref, now),
    made: insertReturnCode(ref, { id, redirectUri, codeChallenge, now }, isShown(claims, now)),
  })
  requireLive(ref, live, now)
  if (made.length === 0) throw new AppError('invalid_refresh_token')
  const code = await mintOneTimeToken(ring, 'code', id)
  return { location: returnAddress({ redirectUri, clientState, issuer: settings.ISSUER }, { code }) }
}
