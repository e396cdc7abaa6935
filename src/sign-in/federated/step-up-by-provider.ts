import { sql } from 'drizzle-orm'
import { calculatePKCECodeChallenge } from 'oauth4webapi'
import type { Limiting, TokenIssuing } from '../../context.ts'
import { acrOf, provenBy } from '../../core/assurance.ts'
import { AppError } from '../../core/errors.ts'
import { rpIdOf } from '../../core/relying-party.ts'
import { readOneTimeToken } from '../../crypto/one-time-token.ts'
import { assertWithinLimit, countAndRecord, prepareRateLimit, unlessRefused } from '../../rate-limits/rate-limit.ts'
import type { AccessGrant } from '../../sessions/token-views.ts'
import { encryptClient } from '../../storage/database/event-details.ts'
import {
  requireLive,
  type SessionRef,
  selectLiveSession,
  whereSessionLives,
} from '../../storage/database/live-session.ts'
import { isUsedBy, provesIdentityOf, useCode, usedCode } from '../../storage/database/oauth-flows.ts'
import { withMethods } from '../../storage/database/session-methods.ts'
import { grantRenewed, renewSession } from '../renew-session.ts'

type Dependencies = Limiting & TokenIssuing

interface ProviderCode {
  /** Of a social sign-in, from the address to which the provider sent the browser back. */
  readonly code: string
  readonly codeVerifier: string
}

/**
 * Authenticates the signed-in user again with the code of a social sign-in, whose identity is linked to the
 * account. The code is used up together with the renewal. A code of another identity stays as it was. Waits
 * for storage twice.
 * @throws AppError `invalid_access_token`, `second_factor_required`, `invalid_token`, `rate_limited`
 */
export async function stepUpByProvider(
  ctx: Dependencies,
  { userId, sessionId }: SessionRef,
  { code, codeVerifier }: ProviderCode,
): Promise<AccessGrant> {
  const { now } = ctx
  const amr = provenBy('fed')
  const asking = { userId, sessionId, proven: { level: acrOf(amr), rpId: rpIdOf(ctx.settings) } }
  const flowId = await readOneTimeToken(ctx.ring, 'code', code)
  if (flowId === undefined) throw new AppError('invalid_token')
  const [rateLimit, codeChallenge, lookup] = await Promise.all([
    prepareRateLimit(ctx, 'confirm-password', { holder: asking }),
    calculatePKCECodeChallenge(codeVerifier),
    ctx.vault.find(userId),
  ])
  const nonce = crypto.randomUUID()
  const mayUse = sql`${rateLimit.isWithinLimit} AND ${whereSessionLives(asking, now)} AND ${provesIdentityOf(userId)}`
  const batch = ctx.db.batch({
    ...countAndRecord(ctx, rateLimit),
    live: selectLiveSession(asking, now),
    used: useCode({ flowId, codeChallenge, now, nonce }, usedCode, mayUse),
    renewed: renewSession(ctx, asking, {
      amr: withMethods(amr),
      onlyIf: isUsedBy(nonce),
      method: 'fed',
      pii: await encryptClient(ctx, lookup, userId),
    }),
  })
  const { counted, live, renewed } = await unlessRefused(ctx, rateLimit, batch)
  assertWithinLimit(ctx, rateLimit, counted)
  requireLive(asking, live[0], now, 'second_factor_required')
  const [session] = renewed
  if (session === undefined) throw new AppError('invalid_token')
  return grantRenewed(ctx, asking, session)
}
