import { sql } from 'drizzle-orm'
import type { Context, Limiting } from '../context.ts'
import { AppError } from '../core/errors.ts'
import type { DataKeyLookup } from '../core/ports.ts'
import { isMailCode } from '../crypto/mail-code.ts'
import { countCode, lockoutError, secondFactorLockoutFor } from '../rate-limits/code-lockout.ts'
import { assertWithinLimit, countAndRecord, type RateLimit, unlessRefused } from '../rate-limits/rate-limit.ts'
import { type SignInAccount, selectSignInAccount } from '../storage/database/sign-in-account.ts'
import type { Statement } from '../storage/database/statement.ts'
import { allowsEnrolment, type Enrolment, mayEnrol, needsMailCode, requireEnrolling } from './enrolment.ts'
import { refuseSecondFactor } from './refuse-second-factor.ts'

type Dependencies = Limiting & Pick<Context, 'locale'>

interface MailboxProof<Read> {
  readonly enrolment: Enrolment
  /** What the person typed. */
  readonly mailCode: string | undefined
  readonly rateLimit: RateLimit
  readonly pendingKey: Promise<DataKeyLookup>
  /** What the caller reads in the same batch. */
  readonly reading?: Statement<Read>
}

interface EnrollingAccount<Read> {
  readonly account: SignInAccount
  /** The rows of `reading`. */
  readonly read: readonly Read[]
}

/**
 * Compares the mailed code of an enrolment, after the attempt was counted. A token that needs no code is
 * counted on the network alone. The counters of the code are those of the codes of an app: an account that
 * enrols has no app, and an attacker gets no more attempts than with one.
 * @throws AppError `invalid_mail_code` (missing or wrong), `invalid_token`, `email_unverified`,
 * `rate_limited`
 */
export async function proveEnrolmentMailbox<Read = never>(
  ctx: Dependencies,
  { enrolment, mailCode, rateLimit, pendingKey, reading }: MailboxProof<Read>,
): Promise<EnrollingAccount<Read>> {
  const { now, db, ring } = ctx
  const { id, userId } = enrolment
  const lockout = needsMailCode(enrolment) ? await secondFactorLockoutFor(ctx, userId) : undefined
  if (lockout !== undefined && mailCode === undefined) throw new AppError('invalid_mail_code')
  const isCounted = sql`${rateLimit.isWithinLimit} AND ${allowsEnrolment(enrolment)}`
  const batch = db.batch({
    ...countAndRecord(ctx, rateLimit),
    accounts: selectSignInAccount(mayEnrol(enrolment), now),
    reserved: lockout && countCode(lockout, now, isCounted),
    read: reading,
  })
  const { counted, accounts, reserved, read } = await unlessRefused(ctx, rateLimit, batch)
  assertWithinLimit(ctx, rateLimit, counted)
  const account = requireEnrolling(enrolment, accounts[0])
  if (lockout === undefined || mailCode === undefined) return { account, read }
  const refusal = { userId, method: 'mail_code', pendingKey, lockout } as const
  const locked = lockoutError(lockout, { now, counted: reserved })
  if (locked !== undefined) {
    await refuseSecondFactor(ctx, { ...refusal, reason: 'locked' })
    throw locked
  }
  if (await isMailCode(ring, id, mailCode)) return { account, read }
  await refuseSecondFactor(ctx, { ...refusal, reason: 'wrong_code' })
  throw new AppError('invalid_mail_code')
}
