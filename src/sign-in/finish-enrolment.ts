import { type SQL, sql } from 'drizzle-orm'
import type { Limiting } from '../context.ts'
import { addProof, recordedMethods, type SecondProof } from '../core/assurance.ts'
import { AppError } from '../core/errors.ts'
import type { DataKeyLookup } from '../core/ports.ts'
import { countersOf, secondFactorLockoutFor } from '../rate-limits/code-lockout.ts'
import type { RateLimit } from '../rate-limits/rate-limit.ts'
import type { SessionDependencies, Spending } from '../sessions/start-session.ts'
import type { Step } from '../storage/database/batch.ts'
import { clearCounts, countDown } from '../storage/database/counters.ts'
import type { SignInAccount } from '../storage/database/sign-in-account.ts'
import { spendTicket } from '../storage/database/spent-tickets.ts'
import { completeSignIn } from './complete-sign-in.ts'
import type { SignIn } from './describe-sign-in.ts'
import { allowsEnrolment, type Enrolment, needsMailCode } from './enrolment.ts'

type Dependencies = SessionDependencies & Limiting

/** A factor that is about to be added. */
export interface EnrolledFactor {
  /**
   * For the batch of the request, after what it reads.
   * @param mayAdd SQL condition: the request may add a factor to this account
   */
  readonly steps: (mayAdd: SQL) => readonly Step[]
  /** SQL condition: the steps have added the factor. */
  readonly isDone: SQL
  /** New recovery codes, once the batch has stored them. */
  readonly codes: () => string[] | undefined
}

interface FinishedEnrolment {
  readonly enrolment: Enrolment
  readonly factor: EnrolledFactor
  /** What the factor proves. */
  readonly method: SecondProof
  /** A factor that is a passkey or a security key. */
  readonly passkeyId?: string
  /** From `proveEnrolmentMailbox`. */
  readonly account: SignInAccount
  readonly rateLimit: RateLimit
  readonly pendingKey: Promise<DataKeyLookup>
}

/** A sign-in that waited for the factor; or the recovery codes alone: then the person signs in. */
export type EnrolmentResult =
  | ({ readonly kind: 'signed-in' } & SignIn)
  | { readonly kind: 'added'; readonly codes: string[] }

/**
 * Adds the first second factor of an account. A token of a sign-in opens the session that it waited for, by
 * the gate and in the same batch. Any other token opens none. The token is used up only if the factor is
 * added.
 * @throws AppError `invalid_token`, and what `completeSignIn` throws
 */
export async function finishEnrolment(ctx: Dependencies, finished: FinishedEnrolment): Promise<EnrolmentResult> {
  const { enrolment, factor, account, rateLimit, pendingKey } = finished
  const spend = await spendEnrolment(ctx, finished)
  if (!needsMailCode(enrolment)) return addAlone(ctx, finished, spend)
  const result = await completeSignIn(ctx, {
    account,
    pendingKey,
    amr: addProof(recordedMethods(enrolment.amr), finished.method),
    authTimeMs: enrolment.authTimeMs,
    passkeyId: finished.passkeyId,
    onSuccess: (isLetIn) => [countDown(rateLimit.counters, ctx.now, isLetIn)],
    spend,
    refusedAs: 'invalid_token',
    ...(enrolment.typed !== undefined && { typed: enrolment.typed }),
  })
  // Never another question: two factors are proven, and the account was active.
  if (result.kind !== 'signed-in') throw new AppError('invalid_token')
  const codes = factor.codes()
  return { ...result, view: { ...result.view, ...(codes && { recovery_codes: codes }) } }
}

/** Adds the factor only if the token still allows it, and uses both up together. */
async function spendEnrolment(ctx: Dependencies, { enrolment, factor }: FinishedEnrolment): Promise<Spending> {
  const { steps, isDone } = factor
  const lockout = await secondFactorLockoutFor(ctx, enrolment.userId)
  return (mayOpen) => ({
    steps: [
      ...steps(sql`${mayOpen} AND ${allowsEnrolment(enrolment)}`),
      spendTicket(enrolment, isDone),
      clearCounts(countersOf(lockout), isDone),
    ],
    isSpent: isDone,
  })
}

async function addAlone(
  ctx: Dependencies,
  { factor, rateLimit }: FinishedEnrolment,
  spend: Spending,
): Promise<EnrolmentResult> {
  const { steps, isSpent } = spend(sql`true`)
  await ctx.db.batch({ steps, takenBack: countDown(rateLimit.counters, ctx.now, isSpent) })
  // An account without a factor always gets recovery codes.
  const codes = factor.codes()
  if (codes === undefined) throw new AppError('invalid_token')
  return { kind: 'added', codes }
}
