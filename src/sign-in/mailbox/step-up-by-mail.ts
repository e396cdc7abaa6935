import { sql } from 'drizzle-orm'
import type { Limiting, TokenIssuing } from '../../context.ts'
import { acrOf, provenBy } from '../../core/assurance.ts'
import { AppError } from '../../core/errors.ts'
import { rpIdOf } from '../../core/relying-party.ts'
import { assertWithinLimit, countAndRecord, prepareRateLimit, unlessRefused } from '../../rate-limits/rate-limit.ts'
import type { AccessGrant } from '../../sessions/token-views.ts'
import { addClientLater, keyOfSubject } from '../../storage/database/add-client-later.ts'
import { encryptClient } from '../../storage/database/event-details.ts'
import {
  requireLive,
  type SessionRef,
  selectLiveSession,
  whereSessionLives,
} from '../../storage/database/live-session.ts'
import { recordEvent } from '../../storage/database/outbox.ts'
import { withMethods } from '../../storage/database/session-methods.ts'
import { grantRenewed, renewSession } from '../renew-session.ts'
import { requireMailSignIn } from '../require-mail-sign-in.ts'
import { type GivenProof, lockedOut, readMailProof, takeMailProof } from './mail-proof.ts'

type Dependencies = Limiting & TokenIssuing

/**
 * Authenticates the signed-in user again with a code from their mailbox, which is enough only for an account
 * that has no other way in. Any other account is refused, and nothing of it changes. The request for the mail
 * is used up together with the renewal. Waits for storage twice.
 * @throws AppError `not_found` while `EMAIL_SIGN_IN` is off, `invalid_access_token`,
 * `second_factor_required`, `invalid_token` (the request), `invalid_credentials` (the code), `rate_limited`
 */
export async function stepUpByMail(ctx: Dependencies, caller: SessionRef, given: GivenProof): Promise<AccessGrant> {
  requireMailSignIn(ctx)
  const { now } = ctx
  const { userId, sessionId } = caller
  const asking = { userId, sessionId, proven: { level: acrOf(provenBy('email')), rpId: rpIdOf(ctx.settings) } }
  const [rateLimit, proof, lookup] = await Promise.all([
    prepareRateLimit(ctx, 'confirm-password', { holder: asking }),
    readMailProof(ctx, given, userId),
    ctx.vault.find(userId),
  ])
  const ownsAddress = sql`
    EXISTS (SELECT 1 FROM users WHERE users.id = ${userId} AND users.email_index IN ${proof.indexes})`
  const mayTry = sql`${rateLimit.isWithinLimit} AND ${whereSessionLives(asking, now)} AND ${ownsAddress}`
  const { reserved: reservation, isTaken, taken, forgotten } = takeMailProof(proof, now, mayTry)
  const batch = ctx.db.batch({
    ...countAndRecord(ctx, rateLimit),
    live: selectLiveSession(asking, now),
    reserved: reservation,
    renewed: renewSession(ctx, asking, {
      amr: withMethods(provenBy('email')),
      onlyIf: isTaken,
      method: 'email',
      pii: await encryptClient(ctx, lookup, userId),
    }),
    taken,
    forgotten,
  })
  const { counted, live, reserved, renewed } = await unlessRefused(ctx, rateLimit, batch)
  assertWithinLimit(ctx, rateLimit, counted)
  requireLive(asking, live[0], now, 'second_factor_required')
  const [session] = renewed
  if (session !== undefined) return grantRenewed(ctx, asking, session)
  const locked = lockedOut(proof, { now, counted: reserved })
  const reason = locked === undefined ? 'wrong_code' : 'locked'
  await ctx.db.batch({
    failed: recordEvent(
      ctx,
      { action: 'user.reauthentication_failed', outcome: 'failure', subjectId: userId, detail: { reason } },
      { later: addClientLater(ctx, keyOfSubject(ctx)) },
    ),
  })
  throw locked ?? new AppError('invalid_credentials')
}
