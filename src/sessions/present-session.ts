import type { Context } from '../context.ts'
import { AppError } from '../core/errors.ts'
import { readRefreshToken } from '../crypto/refresh-token.ts'
import type { PresentedSession } from '../storage/database/live-session.ts'
import { authenticate } from './authenticate.ts'

/**
 * The session that a request shows, by signature alone; the verb checks in its own statement that it lives.
 * An `Authorization` header comes before the cookie, which is not looked at beside it.
 * @param readCookie the refresh token that the browser sent along, if the page that asks may use it
 * @throws AppError `invalid_access_token`, and what `readCookie` throws
 */
export async function presentSession(
  ctx: Pick<Context, 'tokens' | 'ring' | 'now'>,
  authorization: string | undefined,
  readCookie: () => string | undefined,
): Promise<PresentedSession> {
  if (authorization !== undefined) {
    const { userId, sessionId } = await authenticate(ctx, authorization)
    return { userId, sessionId }
  }
  const claims = await readRefreshToken(ctx.ring, readCookie() ?? '')
  if (claims === undefined) throw new AppError('invalid_access_token')
  return claims
}
