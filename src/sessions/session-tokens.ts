import type { Context } from '../context.ts'
import type { View } from '../core/answer-schema.ts'
import type { Principal } from '../core/principal.ts'
import { mintRefreshToken } from '../crypto/refresh-token.ts'
import { issueAccessToken } from './issue-access-token.ts'
import { showTokens, type tokensView } from './token-views.ts'

/** The tokens of a session. */
export interface SessionTokens {
  /** Without the refresh token, because a browser keeps it in a cookie. */
  readonly view: View<typeof tokensView>
  readonly refreshToken: string
}

interface Grant extends Principal {
  readonly generation: number
  readonly refreshExpiresAtMs: number
}

/**
 * Issues the tokens of a session. The refresh token depends only on the session and its generation, so a
 * retry gets the same one.
 */
export async function issueSessionTokens(
  ctx: Pick<Context, 'tokens' | 'ring' | 'settings' | 'now'>,
  grant: Grant,
): Promise<SessionTokens> {
  const [access, refreshToken] = await Promise.all([issueAccessToken(ctx, grant), mintRefreshToken(ctx.ring, grant)])
  const secondsLeft = Math.floor((grant.refreshExpiresAtMs - ctx.now) / 1000)
  return { view: showTokens(access, Math.max(0, secondsLeft)), refreshToken }
}
