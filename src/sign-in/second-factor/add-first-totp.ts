import { sql } from 'drizzle-orm'
import type { Limiting } from '../../context.ts'
import { addProof, recordedMethods } from '../../core/assurance.ts'
import { AppError } from '../../core/errors.ts'
import { countersOf, secondFactorLockoutFor } from '../../rate-limits/code-lockout.ts'
import { prepareRateLimit, type RateLimit } from '../../rate-limits/rate-limit.ts'
import type { SessionDependencies, Spending } from '../../sessions/start-session.ts'
import { clearCounts, countDown } from '../../storage/database/counters.ts'
import { spendTicket } from '../../storage/database/spent-tickets.ts'
import { completeSignIn } from '../complete-sign-in.ts'
import type { SignIn } from '../describe-sign-in.ts'
import { type EnrolledTotp, enrolTotp } from './enrol-totp.ts'
import { allowsEnrolment, type Enrolment, needsMailCode, openEnrolment } from './enrolment.ts'
import type { TotpAdded } from './factors-view.ts'
import { proveEnrolmentMailbox } from './prove-enrolment-mailbox.ts'
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

/** A sign-in that waited for the factor, or the recovery codes alone: then the person signs in. */
export type FirstTotpAdded =
  | ({ readonly kind: 'signed-in' } & SignIn)
  | { readonly kind: 'added'; readonly view: TotpAdded }

/**
 * Adds an authenticator app without a session, to an account that has no second factor and needs one.
 * Two-step sign-in is on afterwards. A token of a sign-in opens the session that it waited for, by the gate
 * and in the same batch. Any other token opens none. The token is used up only if the factor is added.
 * @throws AppError `invalid_token`, `invalid_second_factor` (wrong code of the app, or its ticket),
 * `invalid_mail_code`, `email_unverified`, `rate_limited` (also for wrong mailed codes), `unavailable`, and
 * what `completeSignIn` throws
 */
export async function addFirstTotp(ctx: Dependencies, input: FirstTotp): Promise<FirstTotpAdded> {
  const enrolment = await openEnrolment(ctx, input.enrolmentToken)
  const { id: enrolId, userId } = enrolment
  const { ticket, code } = input
  const confirmed = await confirmTotp(ctx, { userId, holder: { enrolId }, ticket, code })
  const rateLimit = await prepareRateLimit(ctx, 'second-factor', {})
  const pendingKey = ctx.vault.find(userId)
  const account = await proveEnrolmentMailbox(ctx, { enrolment, mailCode: input.mailCode, rateLimit, pendingKey })
  const lookup = await pendingKey
  const enrolled = await enrolTotp(ctx, { userId, lookup, confirmed, turnsOn: true, keptSession: undefined })
  const spend = await spendEnrolment(ctx, enrolment, enrolled)
  if (!needsMailCode(enrolment)) return addAlone(ctx, { enrolled, spend, rateLimit })
  const result = await completeSignIn(ctx, {
    account,
    pendingKey,
    amr: addProof(recordedMethods(enrolment.amr), 'otp'),
    authTimeMs: enrolment.authTimeMs,
    onSuccess: (isLetIn) => [countDown(rateLimit.counters, ctx.now, isLetIn)],
    spend,
    refusedAs: 'invalid_token',
    ...(enrolment.typed !== undefined && { typed: enrolment.typed }),
  })
  // Never another question: two factors are proven, and the account was active.
  if (result.kind !== 'signed-in') throw new AppError('invalid_token')
  return { ...result, view: { ...result.view, ...shown(enrolled) } }
}

/** Adds the factor only if the token still allows it, and uses both up together. */
async function spendEnrolment(ctx: Dependencies, enrolment: Enrolment, { steps, isDone }: EnrolledTotp) {
  const lockout = await secondFactorLockoutFor(ctx, enrolment.userId)
  const spending: Spending = (mayOpen) => ({
    steps: [
      ...steps(sql`${mayOpen} AND ${allowsEnrolment(enrolment)}`),
      spendTicket(enrolment, isDone),
      clearCounts(countersOf(lockout), isDone),
    ],
    isSpent: isDone,
  })
  return spending
}

interface Added {
  readonly enrolled: EnrolledTotp
  readonly spend: Spending
  readonly rateLimit: RateLimit
}

async function addAlone(ctx: Dependencies, { enrolled, spend, rateLimit }: Added): Promise<FirstTotpAdded> {
  const { steps, isSpent } = spend(sql`true`)
  await ctx.db.batch({ steps, takenBack: countDown(rateLimit.counters, ctx.now, isSpent) })
  // An account without a factor always gets recovery codes.
  const view = shown(enrolled)
  if (view.recovery_codes === undefined) throw new AppError('invalid_token')
  return { kind: 'added', view }
}

function shown({ codes }: EnrolledTotp): TotpAdded {
  const given = codes()
  return given === undefined ? {} : { recovery_codes: given }
}
