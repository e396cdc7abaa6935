import type { Context } from '../context.ts'
import type { Principal } from '../core/principal.ts'
import { mintRefreshToken } from '../crypto/refresh-token.ts'
import { type AccessGrant, issueAccessToken } from './issue-access-token.ts'

/** What a client gets to act with, as clients see it. */
export interface SessionTokens extends AccessGrant {
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
  ctx: Pick<Context, 'tokens' | 'ring' | 'settings' | 'now'>,
  grant: Grant,
): Promise<SessionTokens> {
  const [access, refreshToken] = await Promise.all([issueAccessToken(ctx, grant), mintRefreshToken(ctx.ring, grant)])
  const secondsLeft = Math.floor((grant.refreshExpiresAtMs - ctx.now) / 1000)
  return { ...access, refresh_token: refreshToken, refresh_expires_in: Math.max(0, secondsLeft) }
}
