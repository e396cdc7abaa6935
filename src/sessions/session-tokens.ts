import type { Context } from '../context.ts'
import type { View } from '../core/answer-schema.ts'
import type { Principal } from '../core/principal.ts'
import { mintRefreshToken } from '../crypto/refresh-token.ts'
import { issueAccessToken } from './issue-access-token.ts'
import { showTokens, type tokensView } from './token-views.ts'

/** What a client gets to act with. */
export interface SessionTokens {
  /** Without the refresh token, which a browser keeps in a cookie. */
  readonly view: View<typeof tokensView>
  readonly refreshToken: string
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
  return { view: showTokens(access, Math.max(0, secondsLeft)), refreshToken }
}
