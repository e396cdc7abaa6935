import type { Context } from '../../context.ts'
import { provenBy } from '../../core/assurance.ts'
import type { SignInFailure } from '../../core/audit-event.ts'
import { AppError } from '../../core/errors.ts'
import type { DataKeyLookup } from '../../core/ports.ts'
import type { PasswordVerification } from '../../crypto/passwords/password-hash.ts'
import type { EmailAddress } from '../../identity/email/email-address.ts'
import type { OnSuccess, SessionDependencies } from '../../sessions/start-session.ts'
import { completeSignIn, type LoginResult } from '../complete-sign-in.ts'
import { refuseSignIn } from '../refuse-sign-in.ts'
import { rehashPassword } from './rehash-password.ts'
import { reserveAttempt, type SignInAttempt, takeBackAttempt } from './reserve-attempt.ts'
import { retryLockedAttempt } from './retry-locked-attempt.ts'

type Dependencies = SessionDependencies & Pick<Context, 'passwords' | 'vault' | 'limiter'>

/**
 * Signs in with a password. Waits for storage twice, before and after the hash. The work is the same for an
 * unknown address, a wrong password, an account without a password and a locked account (ASVS 6.3.8).
 * @throws AppError `rate_limited`, `invalid_credentials`; after a correct password also `account_suspended`,
 * `password_reset_required`, `email_unverified`; `misconfigured` instead of a refusal while a root key is
 * missing
 */
export async function login(ctx: Dependencies, input: SignInInput): Promise<LoginResult> {
  const attempt = await reserveAttempt(ctx, input)
  const { account, decoyCost } = attempt
  const isLocked = attempt.reservation === 'locked'
  // Start the key look-up now so that it overlaps with hashing.
  const pendingKey = account ? ctx.vault.find(account.id) : ctx.vault.system(ctx.now)
  const check = await ctx.passwords.check(input.password, isLocked ? null : account, decoyCost)
  if (!isLocked) return decide(ctx, input, { attempt, check, pendingKey })
  const retry = await retryLockedAttempt(ctx, attempt, pendingKey)
  if (retry === undefined) throw new AppError('invalid_credentials')
  const secondCheck = await ctx.passwords.check(input.password, retry.account, decoyCost)
  return decide(ctx, input, { attempt: retry, check: secondCheck, pendingKey })
}

interface SignInInput {
  readonly email: EmailAddress
  readonly password: string
  /** Issued by an earlier sign-in on this device. */
  readonly deviceToken?: string | undefined
}

interface Comparison {
  readonly attempt: SignInAttempt
  readonly check: PasswordVerification
  readonly pendingKey: Promise<DataKeyLookup>
}

async function decide(
  ctx: Dependencies,
  input: SignInInput,
  { attempt, check, pendingKey }: Comparison,
): Promise<LoginResult> {
  const { account } = attempt
  const refuse = (reason: SignInFailure) => refuseSignIn(ctx, { account, reason, pendingKey })
  if (account === undefined || !check.matches) throw await refuse(mismatchReason(attempt))
  // In private mode, registration does not reveal whether an address has an account. A sign-in right after a
  // registration must not reveal it either.
  if (ctx.settings.REGISTRATION_MODE === 'private' && !account.isVerified) throw await refuse('unproven')

  const onSuccess: OnSuccess = (isLetIn) => takeBackAttempt(attempt, ctx.now, isLetIn)
  const proven = { account, pendingKey, amr: provenBy('pwd'), onSuccess, typed: input.email.display }
  const result = await completeSignIn(ctx, proven)
  // The password was right, whether or not a second factor is missing.
  if (result.kind !== 'deleted' && check.needsRehash) ctx.defer(rehashPassword(ctx, account, input.password))
  return result
}

/** Finds why the password did not match. Only the audit trail records the reason. */
function mismatchReason({ account, isRootKeyMissing }: SignInAttempt): SignInFailure {
  // A missing root key hides accounts, so it is unknown whether the address has one. Record the same reason
  // for every address.
  if (isRootKeyMissing) return 'root_key_missing'
  if (account === undefined) return 'unknown_address'
  return account.passwordHash === null ? 'no_password' : 'wrong_password'
}
