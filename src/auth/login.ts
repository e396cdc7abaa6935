import type { Context } from '../context.ts'
import type { SignInFailure } from '../core/audit-event.ts'
import { AppError, type ProblemCode } from '../core/errors.ts'
import { eventKeyOwner } from '../core/key-owner.ts'
import type { DataKeyLookup } from '../core/ports.ts'
import type { EmailAddress } from '../identity/email-address.ts'
import { recordEvent, sealClient } from '../storage/outbox.ts'
import { describeUser, type SignIn } from './describe-user.ts'
import { offerRestore, type RestoreOffer } from './offer-restore.ts'
import { openAttempt, type SignInAccount, type SignInAttempt } from './open-attempt.ts'
import { rehashPassword } from './rehash-password.ts'
import { startSession } from './start-session.ts'

/** A session; or, for an account that its owner has deleted, the offer to bring it back. */
export type LoginResult = ({ readonly kind: 'signed-in' } & SignIn) | ({ readonly kind: 'deleted' } & RestoreOffer)

type Dependencies = Context

/**
 * Signs in with a password. Waits for storage twice, before and after the hash, and does the same work whether the
 * address is unknown, the password wrong, absent, or the account locked (ASVS 6.3.8).
 * @throws AppError `invalid_credentials`; after a correct password also `account_suspended`, `email_unverified`
 */
export async function login(ctx: Dependencies, input: { email: EmailAddress; password: string }): Promise<LoginResult> {
  const attempt = await openAttempt(ctx, input.email)
  const { account } = attempt
  // Asked for before the hash keeps the processor busy, needed after it.
  const pendingKey = account ? ctx.vault.find(account.id) : ctx.vault.system(ctx.now)
  const comparable = attempt.isLocked ? null : account?.passwordHash
  const check = ctx.passwords.check(input.password, comparable)
  const key = await pendingKey
  const failure = account && check.matches ? refusalOf(ctx, account, key) : mismatchReason(attempt)
  if (account === undefined || failure !== undefined)
    throw await refuse(ctx, attempt, key, failure ?? 'unknown_address')

  if (account.status === 'deleted') {
    const offer = await offerRestore(ctx, account, { key, attemptKey: attempt.key })
    if (offer === undefined) throw await refuse(ctx, attempt, key, 'erased')
    return { kind: 'deleted', ...offer }
  }
  const tokens = await startSession(ctx, { account, attemptKey: attempt.key, key })
  if (tokens === undefined) throw await refuse(ctx, attempt, key, 'changed_meanwhile')
  const user = await describeUser(account, key, input.email.display)
  if (check.needsRehash) ctx.defer(rehashPassword(ctx, account, input.password))
  return { kind: 'signed-in', tokens, user }
}

/** Why the password was not even right, for the audit trail alone. */
function mismatchReason({ account, isLocked }: SignInAttempt): SignInFailure {
  if (isLocked) return 'locked'
  if (account === undefined) return 'unknown_address'
  return account.passwordHash === null ? 'no_password' : 'wrong_password'
}

/** Why an account whose password was right may still not sign in. */
function refusalOf({ settings }: Dependencies, account: SignInAccount, key: DataKeyLookup): SignInFailure | undefined {
  // The vault's own word that the key does not exist: this person was erased, whatever a restored database says.
  if (key.kind === 'destroyed') return 'erased'
  if (account.status === 'suspended') return 'suspended'
  if (settings.REQUIRE_VERIFIED_EMAIL && !account.isVerified) return 'unverified'
  return undefined
}

const problemOf = (failure: SignInFailure): ProblemCode => {
  if (failure === 'suspended') return 'account_suspended'
  if (failure === 'unverified') return 'email_unverified'
  return 'invalid_credentials'
}

/** Records the failure in one batch, so that both paths wait alike; @returns what to throw */
async function refuse(
  ctx: Dependencies,
  { account }: SignInAttempt,
  key: DataKeyLookup,
  reason: SignInFailure,
): Promise<AppError> {
  const pii = await sealClient(key, eventKeyOwner(account?.id, ctx.now), ctx.client)
  const event = { action: 'user.sign_in_failed', outcome: 'failure', detail: { reason } } as const
  await ctx.db.batch([recordEvent(ctx, account ? { ...event, subjectId: account.id } : event, { pii })])
  return new AppError(problemOf(reason))
}
