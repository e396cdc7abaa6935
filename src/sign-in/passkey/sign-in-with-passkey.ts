import { sql } from 'drizzle-orm'
import type { Context, Limiting } from '../../context.ts'
import { provenByPasskey } from '../../core/assurance.ts'
import type { SignInFailure } from '../../core/audit-event.ts'
import { AppError } from '../../core/errors.ts'
import type { UserId } from '../../core/ids.ts'
import { type RelyingParty, requireRelyingParty } from '../../core/relying-party.ts'
import { openTicket, type Ticket } from '../../crypto/ticket.ts'
import { readUserHandle, userHandleOf } from '../../crypto/user-handle.ts'
import type { AssertionResponse } from '../../crypto/webauthn/responses.ts'
import {
  assertWithinLimit,
  countAndRecord,
  prepareRateLimit,
  type RateLimit,
  unlessRefused,
} from '../../rate-limits/rate-limit.ts'
import type { SessionDependencies } from '../../sessions/start-session.ts'
import { countDown } from '../../storage/database/counters.ts'
import { maySignInAlone } from '../../storage/database/passkeys.ts'
import { selectSignInAccount, toSignInAccount } from '../../storage/database/sign-in-account.ts'
import { spendChallenge } from '../../storage/database/spent-tickets.ts'
import { completeSignIn, type LoginResult } from '../complete-sign-in.ts'
import { judgePasskey, selectNamedPasskey } from '../judge-passkey.ts'
import { refuseSignIn } from '../refuse-sign-in.ts'
import { spendPasskey } from '../spend-passkey.ts'

type Dependencies = SessionDependencies & Limiting & Pick<Context, 'sessions'>

interface PasskeySignIn {
  /** From `offerPasskeySignIn`. */
  readonly ticket: string
  readonly response: AssertionResponse
}

/**
 * Signs in with a passkey. Its authenticator has verified the person, so the passkey is two factors. The
 * challenge is used up before the signature is looked at, whatever the outcome. Waits for storage twice. The
 * work and the answer are the same for an unknown passkey, another account's, a suspended one and a wrong
 * signature.
 * @throws AppError `invalid_credentials`, `passkey_removed` (the signature is right), `rate_limited`,
 * `misconfigured`; after a right signature what `completeSignIn` throws
 */
export async function signInWithPasskey(
  ctx: Dependencies,
  { ticket: sealed, response }: PasskeySignIn,
): Promise<LoginResult> {
  const relyingParty = requireRelyingParty(ctx.settings)
  const ticket = await openTicket(ctx.ring, 'passkey-sign-in', sealed, ctx.now)
  if (ticket === undefined) throw new AppError('invalid_credentials')
  const userId = readUserHandle(response.response.userHandle ?? '')
  // Starts now, so that it overlaps with the batch and the signature. A refusal does not wait for it.
  const pendingKey = userId === undefined ? ctx.vault.system(ctx.now) : ctx.vault.find(userId)
  const rateLimit = await prepareRateLimit(ctx, 'sign-in', {})
  const { isFirstAnswer, passkey, account } = await readOnce(ctx, { ticket, response, userId, relyingParty, rateLimit })
  const refuse = (reason: SignInFailure) =>
    refuseSignIn(ctx, {
      account: passkey && account,
      reason,
      pendingKey: passkey === undefined ? ctx.vault.system(ctx.now) : pendingKey,
      ...(reason === 'passkey_removed' && { refusedAs: reason }),
    })
  const right = await judgePasskey(ctx, {
    passkey,
    response,
    challenge: ticket.challenge,
    isFirstAnswer,
    relyingParty,
    needsUserVerification: true,
    pendingKey,
  })
  if (typeof right === 'string') throw await refuse(right)
  if (account === undefined) throw await refuse('unknown_passkey')
  if (!maySignInAlone(right.passkey)) throw await refuse('passkey_unverified')
  const result = await completeSignIn(ctx, {
    account,
    pendingKey,
    amr: provenByPasskey,
    passkeyId: right.passkey.id,
    onSuccess: (isLetIn) => [countDown(rateLimit.counters, ctx.now, isLetIn)],
    spend: await spendPasskey(ctx, right),
  })
  if (result.kind !== 'signed-in') return result
  const signal = {
    user_handle: userHandleOf(account.id),
    rp_id: relyingParty.id,
    accepted_credential_ids: [...right.passkey.accepted],
  }
  return { ...result, view: { ...result.view, passkey: signal } }
}

interface Reading {
  readonly ticket: Ticket<'passkey-sign-in'>
  readonly response: AssertionResponse
  readonly userId: UserId | undefined
  readonly relyingParty: RelyingParty
  readonly rateLimit: RateLimit
}

/** Counts the request, uses the challenge up, and reads the passkey and the account, in one batch. */
async function readOnce(ctx: Dependencies, { ticket, response, userId, relyingParty, rateLimit }: Reading) {
  const { counted, spent, passkeys, accounts } = await unlessRefused(
    ctx,
    rateLimit,
    ctx.db.batch({
      ...countAndRecord(ctx, rateLimit),
      spent: spendChallenge(ticket, rateLimit.isWithinLimit),
      passkeys: selectNamedPasskey({ credentialId: response.id, userId, relyingParty }),
      accounts: selectSignInAccount(sql`u.id = ${userId ?? ''}`, ctx.now),
    }),
  )
  assertWithinLimit(ctx, rateLimit, counted)
  const [passkey] = passkeys
  const [row] = accounts
  return { isFirstAnswer: spent.length === 1, passkey, account: row && toSignInAccount(row) }
}
