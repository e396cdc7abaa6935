import type { Context } from '../context.ts'
import { AppError } from '../core/errors.ts'
import { readRefreshToken } from '../crypto/refresh-token.ts'
import type { PresentedSession } from '../storage/database/live-session.ts'
import { authenticate } from './authenticate.ts'

/**
 * Reads the session that a request presents, by signature alone. The verb checks in its own statement that
 * the session is live. The `Authorization` header takes precedence, and then the cookie is not read.
 * @param readCookie the refresh token from the browser's cookie, if the origin of the page may use it
 * @throws AppError `invalid_access_token`, and the errors of `readCookie`
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
