import { sql } from 'drizzle-orm'
import type { Context, Limiting } from '../../context.ts'
import type { SecondFactorFailure } from '../../core/audit-event.ts'
import { requireKey } from '../../core/data-key.ts'
import type { UserId } from '../../core/ids.ts'
import { MAX_WRONG_CODES } from '../../core/rate-limit-policies.ts'
import { findTotpStep } from '../../crypto/totp.ts'
import {
  type CodeLockout,
  countCode,
  countersOf,
  isCodeReserved,
  lockoutError,
  secondFactorLockoutFor,
} from '../../rate-limits/code-lockout.ts'
import { assertWithinLimit, countAndRecord, unlessRefused } from '../../rate-limits/rate-limit.ts'
import type { Spending } from '../../sessions/start-session.ts'
import { clearCounts, countDown } from '../../storage/database/counters.ts'
import { columnsOf, withRows } from '../../storage/database/rows.ts'
import { openTotpSecret } from '../../storage/database/totp-secret.ts'
import { assignments, plusOne } from '../../storage/database/writes.ts'
import { totpFactors } from '../../storage/schema/index.ts'
import { refuseSecondFactor } from '../refuse-second-factor.ts'
import type { FactorAttempt, RightFactor } from './second-factor-attempt.ts'

type Dependencies = Limiting & Pick<Context, 'locale'>

const factorMembers = {
  secret_enc: totpFactors.secretEnc,
  last_step: totpFactors.lastStep,
  failures: totpFactors.failures,
} as const

/**
 * Compares a code of the authenticator app of an account. Reserves the attempt first, on counters of this
 * account alone, whatever the network, the sign-in or the session: 5 in 15 minutes, 20 a day, and
 * `MAX_WRONG_CODES` in all until a second factor is right. The caller spends the code in its own batch.
 * @throws AppError `rate_limited` (also for the lockout, with the quota `second-factor`),
 * `invalid_second_factor`, `unavailable`, and what `judge` throws
 */
export async function verifyTotp<Read, Judged>(
  ctx: Dependencies,
  { userId, code, rateLimit, isLive, reading, judge }: FactorAttempt<Read, Judged>,
): Promise<RightFactor<Judged>> {
  const { db, now, settings } = ctx
  const lockout = await secondFactorLockoutFor(ctx, userId)
  const isCounted = sql`${rateLimit.isWithinLimit} AND ${isLive}`
  const pendingKey = ctx.vault.find(userId)
  const batch = db.batch({
    ...countAndRecord(ctx, rateLimit),
    read: reading,
    reserved: countCode(lockout, now, isCounted),
    factors: withRows(
      factorMembers,
      sql`
        UPDATE totp_factors SET ${assignments(totpFactors, { failures: plusOne(totpFactors.failures) })}
        WHERE user_id = ${userId} AND ${isCounted} AND ${isCodeReserved(lockout)}
        RETURNING ${columnsOf(factorMembers)}`,
    ),
  })
  const { counted, read, reserved, factors } = await unlessRefused(ctx, rateLimit, batch)
  assertWithinLimit(ctx, rateLimit, counted)
  const judged = await judge(read)
  const refuse = (reason: SecondFactorFailure) =>
    refuseSecondFactor(ctx, { userId, method: 'otp', reason, pendingKey, lockout })
  const locked = lockoutError(lockout, { now, counted: reserved })
  if (locked !== undefined) {
    await refuse('locked')
    throw locked
  }
  const [factor] = factors
  if (factor === undefined) throw await refuse('no_factor')
  if (factor.failures > MAX_WRONG_CODES) throw await refuse('too_many_failures')

  const lookup = await pendingKey
  if (lookup.kind === 'unavailable') await takeBack(ctx, { userId, lockout })
  // The person was erased, and a database restored from a backup still has the row.
  if (lookup.kind === 'destroyed') throw await refuse('no_factor')
  const key = requireKey(lookup)
  const secret = await openTotpSecret(key, userId, factor.secret_enc)
  const step = findTotpStep(secret, { code, now, driftSteps: settings.TOTP_DRIFT_STEPS })
  if (step === undefined) throw await refuse('wrong_code')
  if (step <= factor.last_step) throw await refuse('used_code')
  return { judged, pendingKey, spend: spendStep({ userId, secretEnc: factor.secret_enc, step, lockout }) }
}

interface RightCode {
  readonly userId: UserId
  /** The secret whose code it is. An app that was replaced meanwhile does not accept it. */
  readonly secretEnc: string
  readonly step: number
  readonly lockout: CodeLockout
}

/** Accepts the step once (RFC 6238 section 5.2), and ends the lockout. */
function spendStep({ userId, secretEnc, step, lockout }: RightCode): Spending {
  const nonce = crypto.randomUUID()
  const isSpent = sql`EXISTS (SELECT 1 FROM totp_factors WHERE user_id = ${userId} AND nonce = ${nonce})`
  return (mayOpen) => ({
    steps: [
      sql`
        UPDATE totp_factors SET ${assignments(totpFactors, { last_step: step, failures: 0, nonce })}
        WHERE user_id = ${userId} AND secret_enc = ${secretEnc} AND last_step < ${step} AND ${mayOpen}`,
      clearCounts(countersOf(lockout), isSpent),
    ],
    isSpent,
  })
}

interface Reservation {
  readonly userId: UserId
  readonly lockout: CodeLockout
}

/** Takes a reservation back while no store has the data key: an outage is no guess, and must not lock out. */
async function takeBack({ db, now }: Dependencies, { userId, lockout }: Reservation): Promise<void> {
  await db.batch({
    reserved: countDown(countersOf(lockout), now),
    failures: sql`
      UPDATE totp_factors SET ${assignments(totpFactors, { failures: sql`${totpFactors.failures} - 1` })}
      WHERE user_id = ${userId} AND failures > 0`,
  })
}
