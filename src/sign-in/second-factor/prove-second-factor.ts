import { type SQL, sql } from 'drizzle-orm'
import type { Limiting } from '../../context.ts'
import { addProof, type ProvenMethods, recordedMethods } from '../../core/assurance.ts'
import { AppError } from '../../core/errors.ts'
import { openTicket, type Tickets } from '../../crypto/ticket.ts'
import { countersFor } from '../../rate-limits/counters-for.ts'
import { prepareRateLimit, type RateLimit } from '../../rate-limits/rate-limit.ts'
import type { SessionDependencies, Spending } from '../../sessions/start-session.ts'
import { type Counter, countDown } from '../../storage/database/counters.ts'
import {
  type SignInAccount,
  type SignInRow,
  selectSignInAccount,
  toSignInAccount,
} from '../../storage/database/sign-in-account.ts'
import { isUnspent, spendTicket } from '../../storage/database/spent-tickets.ts'
import { completeSignIn } from '../complete-sign-in.ts'
import type { SignIn } from '../describe-sign-in.ts'
import { refuseSecondFactor } from './refuse-second-factor.ts'
import type { RightFactor } from './second-factor-attempt.ts'
import { verifyRecoveryCode } from './verify-recovery-code.ts'
import { verifyTotp } from './verify-totp.ts'

type MfaTicket = Tickets['mfa']
type Dependencies = SessionDependencies & Limiting

/** What the person typed. */
export type TypedFactor = { readonly totp: string } | { readonly recoveryCode: string }

interface SecondStep {
  /** From the answer to the first step. */
  readonly mfaToken: string
  readonly typed: TypedFactor
}

/**
 * The second step of a sign-in. The ticket of the first step names the account and what was proven; nothing
 * is stored in between. A wrong factor does not use the ticket up, because the counters bound the guesses. A
 * right one does, in the batch that opens the session. Waits for storage twice.
 * @throws AppError `invalid_second_factor` (a wrong or used code; a ticket that is expired, used, or older
 * than a change of the account), `rate_limited`, `unavailable`, and what `completeSignIn` throws
 */
export async function proveSecondFactor(ctx: Dependencies, { mfaToken, typed }: SecondStep): Promise<SignIn> {
  const ticket = await openTicket(ctx.ring, 'mfa', mfaToken, ctx.now)
  if (ticket === undefined) throw new AppError('invalid_second_factor')
  const rateLimit = await prepareRateLimit(ctx, 'second-factor', {})
  const { judged: account, pendingKey, spend, codesLeft } = await verify(ctx, { ticket, typed, rateLimit })
  const counted = [...rateLimit.counters, ...(await countersOfFirstStep(ctx, ticket))]
  const result = await completeSignIn(ctx, {
    account,
    pendingKey,
    amr: methodsWith(ticket, typed),
    authTimeMs: ticket.authTimeMs,
    onSuccess: (isLetIn) => [countDown(counted, ctx.now, isLetIn)],
    spend: spendWithTicket(ticket, spend),
    refusedAs: 'invalid_second_factor',
    ...(ticket.typed !== undefined && { typed: ticket.typed }),
  })
  // Never another question: two factors are proven, and the account was active.
  if (result.kind !== 'signed-in') throw new AppError('invalid_second_factor')
  const left = codesLeft?.()
  return left === undefined ? result : { ...result, view: { ...result.view, recovery_codes_left: left } }
}

interface Attempt {
  readonly ticket: MfaTicket
  readonly typed: TypedFactor
  readonly rateLimit: RateLimit
}

function verify(ctx: Dependencies, { ticket, typed, rateLimit }: Attempt): Promise<RightFactor<SignInAccount>> {
  const { userId } = ticket
  const isLive = sql`${isUnspent(ticket)} AND EXISTS (SELECT 1 FROM users u WHERE ${isUnchanged(ticket)})`
  const reading = selectSignInAccount(sql`${isUnchanged(ticket)} AND ${isUnspent(ticket)}`, ctx.now)
  const method = 'totp' in typed ? 'otp' : 'recovery'
  const judge = async ([row]: readonly SignInRow[]) => {
    if (row !== undefined) return toSignInAccount(row)
    throw await refuseSecondFactor(ctx, {
      userId,
      method,
      reason: 'changed_meanwhile',
      reasonNow: sql`iif(${isUnspent(ticket)}, 'changed_meanwhile', 'ticket_spent')`,
      pendingKey: ctx.vault.find(userId),
    })
  }
  const request = { userId, rateLimit, isLive, reading, judge }
  return 'totp' in typed
    ? verifyTotp(ctx, { ...request, code: typed.totp })
    : verifyRecoveryCode(ctx, { ...request, code: typed.recoveryCode })
}

const methodsWith = ({ amr }: MfaTicket, typed: TypedFactor): ProvenMethods =>
  addProof(recordedMethods(amr), 'totp' in typed ? 'otp' : 'recovery')

/** SQL condition on `users u`: the account is active, and its credentials are those of the first step. */
const isUnchanged = ({ userId, epoch }: MfaTicket): SQL =>
  sql`u.id = ${userId} AND u.status = 'active' AND u.security_epoch = ${epoch}`

/** Spends the ticket together with the factor: either both, with the session, or neither. */
const spendWithTicket =
  (ticket: MfaTicket, spend: Spending): Spending =>
  (mayOpen) => {
    const { steps, isSpent } = spend(sql`${mayOpen} AND ${isUnspent(ticket)}`)
    return { steps: [...steps, spendTicket(ticket, isSpent)], isSpent }
  }

/**
 * The counters on which a first step with a password was counted, if it came from this network. They are
 * taken back with the second step, as a sign-in with one factor takes them back, so that an office with one
 * address is limited by its failures and not by its size.
 */
const countersOfFirstStep = async (ctx: Dependencies, { amr }: MfaTicket): Promise<readonly Counter[]> =>
  amr.includes('pwd') ? countersFor(ctx, 'sign-in', {}) : []
