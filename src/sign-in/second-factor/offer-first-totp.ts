import type { Context, Limiting } from '../../context.ts'
import { requireKey } from '../../core/data-key.ts'
import { assertWithinLimit, countAndRecord, prepareRateLimit, unlessRefused } from '../../rate-limits/rate-limit.ts'
import { selectSignInAccount } from '../../storage/database/sign-in-account.ts'
import { decryptEmail } from '../../storage/database/users.ts'
import { mayEnrol, openEnrolment, requireEnrolling } from './enrolment.ts'
import type { TotpOffer } from './factors-view.ts'
import { offerTotpTo } from './totp-ticket.ts'

type Dependencies = Limiting & Pick<Context, 'settings'>

/**
 * Begins adding an authenticator app without a session. Nothing is stored. The account and its data key are
 * read in parallel, so there is one wait.
 * @throws AppError `invalid_token`, `email_unverified`, `rate_limited`, `unavailable`
 */
export async function offerFirstTotp(ctx: Dependencies, token: string): Promise<TotpOffer> {
  const enrolment = await openEnrolment(ctx, token)
  const { id: enrolId, userId } = enrolment
  const rateLimit = await prepareRateLimit(ctx, 'second-factor', {})
  const pendingKey = ctx.vault.find(userId)
  const batch = ctx.db.batch({
    ...countAndRecord(ctx, rateLimit),
    accounts: selectSignInAccount(mayEnrol(enrolment), ctx.now),
  })
  const { counted, accounts } = await unlessRefused(ctx, rateLimit, batch)
  assertWithinLimit(ctx, rateLimit, counted)
  const { emailEnc } = requireEnrolling(enrolment, accounts[0])
  const account = await decryptEmail(requireKey(await pendingKey), userId, emailEnc)
  return offerTotpTo(ctx, { userId, holder: { enrolId }, account })
}
