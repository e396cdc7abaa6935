import type { Context } from '../context.ts'
import type { Principal } from '../core/principal.ts'
import { signAccessToken } from '../crypto/access-token.ts'

/** An access token, as clients see it. */
export interface AccessGrant {
  readonly access_token: string
  readonly token_type: 'Bearer'
  /** Seconds. */
  readonly expires_in: number
}

/** Signs an access token that starts now. */
export async function issueAccessToken(
  { tokens, settings, now }: Pick<Context, 'tokens' | 'settings' | 'now'>,
  principal: Principal,
): Promise<AccessGrant> {
  const ttlSeconds = settings.ACCESS_TOKEN_MINUTES * 60
  const accessToken = await signAccessToken(tokens, principal, now, ttlSeconds)
  return { access_token: accessToken, token_type: 'Bearer', expires_in: ttlSeconds }
}
