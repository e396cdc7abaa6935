import type { Context } from '../context.ts'
import { type AssuranceLevel, acrOf, isBelow, levelToRenew, ONE_FACTOR } from '../core/assurance.ts'
import { AppError } from '../core/errors.ts'
import type { Principal } from '../core/principal.ts'
import { rpIdOf } from '../core/relying-party.ts'
import { verifyAccessToken } from '../crypto/access-token.ts'

const STEP_UP_MS = 5 * 60_000

/** Any number of spaces may follow the scheme (RFC 9110 section 11.4). */
const BEARER = /^Bearer +([A-Za-z0-9._-]+)$/i

/**
 * Authenticates a request by the signature and claims of the access token in its `Authorization` header. Only
 * the scheme `Bearer` is supported, and cookies are ignored. Reads no store: each verb checks in its own
 * statement that the session is still live.
 * @throws AppError `invalid_access_token`
 */
export async function authenticate(
  { tokens, now }: Pick<Context, 'tokens' | 'now'>,
  authorization: string | undefined,
): Promise<Principal> {
  const [, token] = BEARER.exec(authorization ?? '') ?? []
  const principal = token === undefined ? undefined : await verifyAccessToken(tokens, token, now)
  if (principal === undefined) throw new AppError('invalid_access_token')
  return principal
}

/**
 * Requires a sign-in or step-up within the last five minutes (ASVS 7.5.1). The refusal names the level that
 * is needed (RFC 9470).
 * @param leastLevel the level that the route requires of every account
 * @returns the caller with the level that is proven. Every verb then requires in its own statement that the
 * account needs no higher level, so no store is asked here.
 * @throws AppError `step_up_required`
 */
export function requireStepUp(
  { now, settings }: Pick<Context, 'now' | 'settings'>,
  principal: Principal,
  leastLevel: AssuranceLevel = ONE_FACTOR,
): Principal {
  const { amr, authTimeMs } = principal
  const ownLevel = levelToRenew(amr)
  const neededLevel = isBelow(ownLevel, leastLevel) ? leastLevel : ownLevel
  if (authTimeMs < now - STEP_UP_MS) throw new AppError('step_up_required', { neededLevel })
  return { ...principal, proven: { level: acrOf(amr), rpId: rpIdOf(settings) } }
}
