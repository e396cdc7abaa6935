import type { Context } from '../context.ts'
import type { Principal } from '../core/principal.ts'
import { signAccessToken } from '../crypto/access-token.ts'
import { mintRefreshToken } from '../crypto/refresh-token.ts'

/** What a client gets to act with, as clients see it. */
export interface SessionTokens {
  readonly access_token: string
  readonly token_type: 'Bearer'
  /** Seconds. */
  readonly expires_in: number
  readonly refresh_token: string
  /** Seconds until the refresh token ends if it is not used. */
  readonly refresh_expires_in: number
}

interface Grant extends Principal {
  readonly generation: number
  readonly refreshExpiresAtMs: number
}

/** Signs what a session of this generation hands out. Same generation, same refresh token. */
export async function issueSessionTokens(
  { tokens, ring, settings, now }: Pick<Context, 'tokens' | 'ring' | 'settings' | 'now'>,
  grant: Grant,
): Promise<SessionTokens> {
  const ttlSeconds = settings.ACCESS_TOKEN_MINUTES * 60
  const [accessToken, refreshToken] = await Promise.all([
    signAccessToken(tokens, grant, now, ttlSeconds),
    mintRefreshToken(ring, grant),
  ])
  return {
    access_token: accessToken,
    token_type: 'Bearer',
    expires_in: ttlSeconds,
    refresh_token: refreshToken,
    refresh_expires_in: Math.max(0, Math.floor((grant.refreshExpiresAtMs - now) / 1000)),
  }
}
