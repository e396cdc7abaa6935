import type { Context } from '../context.ts'
import type { SignInFailure } from '../core/audit-event.ts'
import type { DataKeyLookup } from '../core/ports.ts'
import type { SignInAccount } from '../storage/database/sign-in-account.ts'

/** Why somebody who proved who they are may still not sign in. */
export function findSignInBlock(
  { settings }: Pick<Context, 'settings'>,
  account: SignInAccount,
  key: DataKeyLookup,
): SignInFailure | undefined {
  // The vault's own word that the key does not exist: this person was erased, whatever a restored database
  // says.
  if (key.kind === 'destroyed') return 'erased'
  if (account.isSuspended) return 'suspended'
  if (account.isResetRequired) return 'reset_required'
  if (settings.REQUIRE_VERIFIED_EMAIL && !account.isVerified) return 'unverified'
  return undefined
}
