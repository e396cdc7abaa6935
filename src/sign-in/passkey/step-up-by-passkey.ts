import { type SQL, sql } from 'drizzle-orm'
import type { Context, Limiting, TokenIssuing } from '../../context.ts'
import { provenByPasskey } from '../../core/assurance.ts'
import type { SignInFailure } from '../../core/audit-event.ts'
import { AppError } from '../../core/errors.ts'
import type { UserId } from '../../core/ids.ts'
import type { DataKeyLookup } from '../../core/ports.ts'
import { openTicket } from '../../crypto/ticket.ts'
import type { AssertionResponse } from '../../crypto/webauthn/responses.ts'
import { prepareRateLimit } from '../../rate-limits/rate-limit.ts'
import type { AccessGrant } from '../../sessions/token-views.ts'
import { addClientLater } from '../../storage/database/add-client-later.ts'
import { encryptClient } from '../../storage/database/event-details.ts'
import {
  requireLive,
  type SessionRef,
  selectLiveSession,
  whereSessionLives,
} from '../../storage/database/live-session.ts'
import { recordEvent } from '../../storage/database/outbox.ts'
import { maySignInAlone } from '../../storage/database/passkeys.ts'
import { hasFirstFactor, withMethods, withSecondFactor } from '../../storage/database/session-methods.ts'
import type { RightPasskey } from '../judge-passkey.ts'
import { grantRenewed, renewSession } from '../renew-session.ts'
import { verifyPasskey } from '../verify-passkey.ts'

type Dependencies = Limiting & TokenIssuing & Pick<Context, 'locale'>

interface PasskeyStepUp {
  /** From `offerPasskeyStepUp`. */
  readonly ticket: string
  readonly response: AssertionResponse
}

/**
 * Authenticates the signed-in user again with a passkey or a security key. Issues an access token with a new
 * `auth_time`, which counts as a recent sign-in for five minutes. A passkey must have verified its user, and
 * is two factors then. A security key renews a session that has a first factor. Waits for storage twice.
 * @throws AppError `invalid_access_token`, `invalid_credentials`, `rate_limited`, `misconfigured`
 */
export async function stepUpByPasskey(
  ctx: Dependencies,
  { userId, sessionId }: SessionRef,
  { ticket: sealed, response }: PasskeyStepUp,
): Promise<AccessGrant> {
  const asking = { userId, sessionId }
  const ticket = await openTicket(ctx.ring, 'passkey-step-up', sealed, ctx.now)
  if (ticket?.userId !== userId || ticket.sessionId !== sessionId) throw new AppError('invalid_credentials')
  const lives = whereSessionLives(asking, ctx.now)
  const refuse = (reason: SignInFailure, pendingKey: Promise<DataKeyLookup>) =>
    refuseStepUp(ctx, { userId, reason, pendingKey })
  const verified = await verifyPasskey(ctx, {
    userId,
    response,
    challenge: ticket.challenge,
    expiresAtMs: ticket.expiresAtMs,
    rateLimit: await prepareRateLimit(ctx, 'confirm-password', { holder: asking }),
    isLive: lives,
    reading: selectLiveSession(asking, ctx.now),
    judge: ([row]) => requireLive(asking, row, ctx.now),
    refuse,
  })
  const { pendingKey } = verified
  const worth = worthOf(verified)
  if (worth === undefined) throw await refuse('passkey_unverified', pendingKey)
  const { steps, isSpent } = verified.spend(lives)
  const { renewed } = await ctx.db.batch({
    spent: steps,
    renewed: renewSession(ctx, asking, {
      amr: worth.amr,
      onlyIf: sql`${isSpent} AND ${worth.onlyIf}`,
      method: 'pop',
      passkeyId: verified.passkey.id,
      pii: await encryptClient(ctx, await pendingKey, userId),
    }),
  })
  const [session] = renewed
  if (session === undefined) throw await refuse('changed_meanwhile', pendingKey)
  return grantRenewed(ctx, asking, session)
}

/**
 * What the session gains, and under which condition on `sessions`. Undefined: a passkey did not verify its
 * user, so whoever holds the device could be anybody.
 */
function worthOf({ passkey, proven }: RightPasskey): { readonly amr: SQL; readonly onlyIf: SQL } | undefined {
  if (!maySignInAlone(passkey)) return { amr: withSecondFactor('pop'), onlyIf: hasFirstFactor }
  return proven.isUserVerified ? { amr: withMethods(provenByPasskey), onlyIf: sql`true` } : undefined
}

interface RefusedStepUp {
  readonly userId: UserId
  readonly reason: SignInFailure
  readonly pendingKey: Promise<DataKeyLookup>
}

async function refuseStepUp(ctx: Dependencies, { userId, reason, pendingKey }: RefusedStepUp): Promise<AppError> {
  const event = {
    action: 'user.reauthentication_failed',
    outcome: 'failure',
    subjectId: userId,
    detail: { reason },
  } as const
  await ctx.db.batch({ failed: recordEvent(ctx, event, { later: addClientLater(ctx, () => pendingKey) }) })
  return new AppError('invalid_credentials')
}
