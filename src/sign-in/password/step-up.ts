import { sql } from 'drizzle-orm'
import type { Context, Limiting, TokenIssuing } from '../../context.ts'
import { acrOf, provenBy } from '../../core/assurance.ts'
import { AppError } from '../../core/errors.ts'
import { rpIdOf } from '../../core/relying-party.ts'
import type { AccessGrant } from '../../sessions/token-views.ts'
import { encryptClient } from '../../storage/database/event-details.ts'
import type { SessionRef } from '../../storage/database/live-session.ts'
import { withMethods } from '../../storage/database/session-methods.ts'
import { grantRenewed, renewSession } from '../renew-session.ts'
import { verifyOwnPassword } from './verify-own-password.ts'

type Dependencies = Limiting & TokenIssuing & Pick<Context, 'passwords'>

/**
 * Authenticates the signed-in user again. Issues an access token with a new `auth_time`, which counts as a
 * recent sign-in for five minutes (RFC 9470, ASVS 7.5.1). The session stays the same, and its `amr` gains the
 * password. Where the account needs two factors, a password is not compared: it would prove one.
 * @throws AppError `invalid_access_token`, `invalid_credentials`, `second_factor_required`, `rate_limited`
 */
export async function stepUp(ctx: Dependencies, caller: SessionRef, password: string): Promise<AccessGrant> {
  const { userId, sessionId } = caller
  const asking = { userId, sessionId, proven: { level: acrOf(provenBy('pwd')), rpId: rpIdOf(ctx.settings) } }
  const pendingKey = ctx.vault.find(userId)
  const { account, onSuccess } = await verifyOwnPassword(ctx, asking, { password, tooLow: 'second_factor_required' })
  const { renewed } = await ctx.db.batch({
    renewed: renewSession(ctx, asking, {
      amr: withMethods(provenBy('pwd')),
      onlyIf: sql`
        EXISTS (SELECT 1 FROM credentials WHERE user_id = ${userId} AND password_hash = ${account.passwordHash})`,
      pii: await encryptClient(ctx, await pendingKey, userId),
    }),
    proven: onSuccess(),
  })
  const [session] = renewed
  if (session === undefined) throw new AppError('invalid_access_token')
  return grantRenewed(ctx, asking, session)
}
