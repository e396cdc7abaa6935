import type { Limiting } from '../../context.ts'
import { prepareRateLimit } from '../../rate-limits/rate-limit.ts'
import type { SessionDependencies } from '../../sessions/start-session.ts'
import { openEnrolment } from '../enrolment.ts'
import { type EnrolmentResult, finishEnrolment } from '../finish-enrolment.ts'
import { proveEnrolmentMailbox } from '../prove-enrolment-mailbox.ts'
import { enrolTotp } from './enrol-totp.ts'
import { confirmTotp } from './totp-ticket.ts'

type Dependencies = SessionDependencies & Limiting

interface FirstTotp {
  readonly enrolmentToken: string
  /** From `offerFirstTotp`. */
  readonly ticket: string
  readonly code: string
  /** From the mail. Only a token of a sign-in needs it. */
  readonly mailCode: string | undefined
}

/**
 * Adds an authenticator app without a session, to an account that has no second factor and needs one.
 * Two-step sign-in is on afterwards.
 * @throws AppError `invalid_token`, `invalid_second_factor` (wrong code of the app, or its ticket),
 * `invalid_mail_code`, `email_unverified`, `rate_limited` (also for wrong mailed codes), `unavailable`, and
 * what `completeSignIn` throws
 */
export async function addFirstTotp(ctx: Dependencies, input: FirstTotp): Promise<EnrolmentResult> {
  const enrolment = await openEnrolment(ctx, input.enrolmentToken)
  const { id: enrolId, userId } = enrolment
  const { ticket, code } = input
  const confirmed = await confirmTotp(ctx, { userId, holder: { enrolId }, ticket, code })
  const rateLimit = await prepareRateLimit(ctx, 'second-factor', {})
  const pendingKey = ctx.vault.find(userId)
  const { account } = await proveEnrolmentMailbox(ctx, { enrolment, mailCode: input.mailCode, rateLimit, pendingKey })
  const lookup = await pendingKey
  const factor = await enrolTotp(ctx, { userId, lookup, confirmed, turnsOn: true, keptSession: undefined })
  return finishEnrolment(ctx, { enrolment, factor, method: 'otp', account, rateLimit, pendingKey })
}
