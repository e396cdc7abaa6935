import { sql } from 'drizzle-orm'
import type { Limiting } from '../../context.ts'
import { addProof, type ProvenMethods, recordedMethods, type SecondProof } from '../../core/assurance.ts'
import type { SecondFactorFailure } from '../../core/audit-event.ts'
import { AppError } from '../../core/errors.ts'
import { openTicket, type Ticket } from '../../crypto/ticket.ts'
import type { AssertionResponse } from '../../crypto/webauthn/responses.ts'
import { countersFor } from '../../rate-limits/counters-for.ts'
import { prepareRateLimit, type RateLimit } from '../../rate-limits/rate-limit.ts'
import type { SessionDependencies, Spending } from '../../sessions/start-session.ts'
import { type Counter, countDown } from '../../storage/database/counters.ts'
import {
  isUnchangedSince,
  type SignInAccount,
  type SignInRow,
  selectSignInAccount,
  toSignInAccount,
} from '../../storage/database/sign-in-account.ts'
import { isUnspent, spendTicket } from '../../storage/database/spent-tickets.ts'
import { completeSignIn } from '../complete-sign-in.ts'
import type { SignIn } from '../describe-sign-in.ts'
import type { PasskeyRefusal } from '../judge-passkey.ts'
import { refuseSecondFactor } from '../refuse-second-factor.ts'
import type { FactorAttempt, RightFactor } from './second-factor-attempt.ts'
import { verifyRecoveryCode } from './verify-recovery-code.ts'
import { verifyTotp } from './verify-totp.ts'

type MfaTicket = Ticket<'mfa'>
type Dependencies = SessionDependencies & Limiting

/** What the person typed, or what an authenticator has answered. */
export type TypedFactor =
  | { readonly totp: string }
  | { readonly recoveryCode: string }
  | { readonly passkey: AssertionResponse }

interface SecondStep {
  /** From the answer to the first step. */
  readonly mfaToken: string
  readonly typed: TypedFactor
}

/**
 * The second step of a sign-in. The ticket of the first step names the account and what was proven; nothing
 * is stored in between. A wrong factor does not use the ticket up, because the counters bound the guesses: a
 * wrong passkey uses up its challenge alone. A right factor does, in the batch that opens the session. Waits
 * for storage twice.
 * @throws AppError `invalid_second_factor` (a wrong or used code; a ticket that is expired, used, or older
 * than a change of the account), `rate_limited`, `unavailable`, and what `completeSignIn` throws
 */
export async function proveSecondFactor(ctx: Dependencies, { mfaToken, typed }: SecondStep): Promise<SignIn> {
  const ticket = await openTicket(ctx.ring, 'mfa', mfaToken, ctx.now)
  if (ticket === undefined) throw new AppError('invalid_second_factor')
  const rateLimit = await prepareRateLimit(ctx, 'second-factor', {})
  const { judged: account, pendingKey, spend, codesLeft, passkeyId } = await verify(ctx, { ticket, typed, rateLimit })
  const counted = [...rateLimit.counters, ...(await countersOfFirstStep(ctx, ticket))]
  const result = await completeSignIn(ctx, {
    account,
    pendingKey,
    amr: methodsWith(ticket, typed),
    authTimeMs: ticket.authTimeMs,
    onSuccess: (isLetIn) => [countDown(counted, ctx.now, isLetIn)],
    spend: spendWithTicket(ticket, spend),
    passkeyId,
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

async function verify(ctx: Dependencies, { ticket, typed, rateLimit }: Attempt): Promise<RightFactor<SignInAccount>> {
  const { userId } = ticket
  const isLive = sql`${isUnspent(ticket)} AND EXISTS (SELECT 1 FROM users u WHERE ${isUnchangedSince(ticket)})`
  const reading = selectSignInAccount(sql`${isUnchangedSince(ticket)} AND ${isUnspent(ticket)}`, ctx.now)
  const method = methodOf(typed)
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
  if ('passkey' in typed) return verifyOwnPasskey(ctx, { ...request, ticket, response: typed.passkey })
  return 'totp' in typed
    ? verifyTotp(ctx, { ...request, code: typed.totp })
    : verifyRecoveryCode(ctx, { ...request, code: typed.recoveryCode })
}

function methodOf(typed: TypedFactor): SecondProof {
  if ('passkey' in typed) return 'pop'
  return 'totp' in typed ? 'otp' : 'recovery'
}

const methodsWith = ({ amr }: MfaTicket, typed: TypedFactor): ProvenMethods =>
  addProof(recordedMethods(amr), methodOf(typed))

interface PasskeyProof extends Omit<FactorAttempt<SignInRow, SignInAccount>, 'code'> {
  readonly ticket: MfaTicket
  readonly response: AssertionResponse
}

/** A ticket without a challenge is of an account that had no passkey when it was asked. */
async function verifyOwnPasskey(
  ctx: Dependencies,
  { ticket, ...attempt }: PasskeyProof,
): Promise<RightFactor<SignInAccount>> {
  const { challenge, expiresAtMs, userId } = ticket
  if (challenge === undefined) throw new AppError('invalid_second_factor')
  const { verifyPasskey } = await import('../verify-passkey.ts')
  const verified = await verifyPasskey(ctx, {
    ...attempt,
    challenge,
    expiresAtMs,
    refuse: (reason, pendingKey) =>
      refuseSecondFactor(ctx, { userId, method: 'pop', reason: failureOf(reason), pendingKey }),
  })
  return { ...verified, passkeyId: verified.passkey.id }
}

const failureOf = (reason: PasskeyRefusal): SecondFactorFailure =>
  reason === 'unknown_passkey' || reason === 'passkey_removed' ? 'no_factor' : reason

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
