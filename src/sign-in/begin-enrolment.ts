import type { Context, Limiting } from '../context.ts'
import { requireKey } from '../core/data-key.ts'
import { assertWithinLimit, countAndRecord, prepareRateLimit, unlessRefused } from '../rate-limits/rate-limit.ts'
import { selectSignInAccount } from '../storage/database/sign-in-account.ts'
import { decryptEmail } from '../storage/database/users.ts'
import { type Enrolment, mayEnrol, openEnrolment, requireEnrolling } from './enrolment.ts'

type Dependencies = Limiting & Pick<Context, 'settings'>

interface BegunEnrolment {
  readonly enrolment: Enrolment
  /** The address of the account: its name in an authenticator. */
  readonly email: string
}

/**
 * Begins adding a factor without a session. Nothing is stored. The account and its data key are read in
 * parallel, so there is one wait.
 * @throws AppError `invalid_token`, `email_unverified`, `rate_limited`, `unavailable`
 */
export async function beginEnrolment(ctx: Dependencies, token: string): Promise<BegunEnrolment> {
  const enrolment = await openEnrolment(ctx, token)
  const { userId } = enrolment
  const rateLimit = await prepareRateLimit(ctx, 'second-factor', {})
  const pendingKey = ctx.vault.find(userId)
  const batch = ctx.db.batch({
    ...countAndRecord(ctx, rateLimit),
    accounts: selectSignInAccount(mayEnrol(enrolment), ctx.now),
  })
  const { counted, accounts } = await unlessRefused(ctx, rateLimit, batch)
  assertWithinLimit(ctx, rateLimit, counted)
  const { emailEnc } = requireEnrolling(enrolment, accounts[0])
  return { enrolment, email: await decryptEmail(requireKey(await pendingKey), userId, emailEnc) }
}
