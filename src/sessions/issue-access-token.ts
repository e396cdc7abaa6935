import type { Context } from '../context.ts'
import type { Principal } from '../core/principal.ts'
import { signAccessToken } from '../crypto/access-token.ts'
import { type AccessGrant, showAccess } from './token-views.ts'

/** Signs an access token that is valid from now on. */
export async function issueAccessToken(
  { tokens, settings, now }: Pick<Context, 'tokens' | 'settings' | 'now'>,
  principal: Principal,
): Promise<AccessGrant> {
  const ttlSeconds = settings.ACCESS_TOKEN_MINUTES * 60
  const accessToken = await signAccessToken(tokens, principal, now, ttlSeconds)
  return showAccess(accessToken, ttlSeconds)
}
