import type { Context, Limiting, TokenIssuing } from '../../context.ts'
import { prepareRateLimit } from '../../rate-limits/rate-limit.ts'
import type { AccessGrant } from '../../sessions/token-views.ts'
import { encryptClient } from '../../storage/database/event-details.ts'
import {
  requireLive,
  type SessionRef,
  selectLiveSession,
  whereSessionLives,
} from '../../storage/database/live-session.ts'
import { withSecondFactor } from '../../storage/database/session-methods.ts'
import { refuseSecondFactor } from '../refuse-second-factor.ts'
import { grantRenewed, renewSession } from '../renew-session.ts'
import { verifyTotp } from './verify-totp.ts'

type Dependencies = Limiting & TokenIssuing & Pick<Context, 'locale'>

/**
 * Authenticates the signed-in user again with a code of the authenticator app. Issues an access token with a
 * new `auth_time`, which counts as a recent sign-in for five minutes. The session stays the same, and its
 * `amr` gains the code: with the first factor that opened the session, it has two. The code is counted and
 * used up as at a sign-in, so that a code opens a session or renews one, once. Waits for storage twice.
 * @throws AppError `invalid_access_token`, `invalid_second_factor`, `rate_limited`, `unavailable`
 */
export async function stepUpByTotp(ctx: Dependencies, caller: SessionRef, code: string): Promise<AccessGrant> {
  const { userId, sessionId } = caller
  const asking = { userId, sessionId }
  const lives = whereSessionLives(asking, ctx.now)
  const { pendingKey, spend } = await verifyTotp(ctx, {
    userId,
    code,
    rateLimit: await prepareRateLimit(ctx, 'confirm-password', { holder: asking }),
    isLive: lives,
    reading: selectLiveSession(asking, ctx.now),
    judge: ([row]) => requireLive(asking, row, ctx.now),
  })
  const { steps, isSpent } = spend(lives)
  const { renewed } = await ctx.db.batch({
    spent: steps,
    renewed: renewSession(ctx, asking, {
      amr: withSecondFactor('otp'),
      onlyIf: isSpent,
      method: 'otp',
      pii: await encryptClient(ctx, await pendingKey, userId),
    }),
  })
  const [session] = renewed
  if (session === undefined)
    throw await refuseSecondFactor(ctx, { userId, method: 'otp', reason: 'changed_meanwhile', pendingKey })
  return grantRenewed(ctx, asking, session)
}
