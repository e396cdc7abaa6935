import type { Context } from '../context.ts'
import type { ProvenMethods } from '../core/assurance.ts'
import type { SignInFailure } from '../core/audit-event.ts'
import type { DataKeyLookup } from '../core/ports.ts'
import type { SignInAccount } from '../storage/database/sign-in-account.ts'

interface SignInProof {
  readonly key: DataKeyLookup
  readonly amr: ProvenMethods
}

/** Finds the reason why an authenticated person may not sign in. */
export function findSignInBlock(
  { settings }: Pick<Context, 'settings'>,
  account: SignInAccount,
  { key, amr }: SignInProof,
): SignInFailure | undefined {
  // The vault confirms that the data key was destroyed, so this person was erased. A database restored from a
  // backup may still contain the row.
  if (key.kind === 'destroyed') return 'erased'
  if (account.isSuspended) return 'suspended'
  // The mailbox is how a new password is set, so it opens a session while one is required.
  if (account.isResetRequired && !amr.includes('email')) return 'reset_required'
  if (settings.REQUIRE_VERIFIED_EMAIL && !account.isVerified) return 'unverified'
  return undefined
}
