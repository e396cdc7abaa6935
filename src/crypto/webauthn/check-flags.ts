import { toHex, utf8 } from '../encoding.ts'
import type { AuthenticatorData } from './authenticator-data.ts'
import { check } from './ceremony-error.ts'

interface ExpectedFlags {
  readonly rpId: string
  readonly needsUserPresence: boolean
  readonly needsUserVerification: boolean
}

/**
 * Checks what every answer of an authenticator says about itself: steps 14 to 17 of WebAuthn section 7.1, 15
 * to 18 of section 7.2.
 * @throws CeremonyError `rp_id`, `user_presence`, `user_verification`, `backup_state`
 */
export async function checkFlags(data: AuthenticatorData, expected: ExpectedFlags): Promise<void> {
  const rpIdHash = await crypto.subtle.digest('SHA-256', utf8(expected.rpId))
  check(toHex(data.rpIdHash) === toHex(new Uint8Array(rpIdHash)), 'rp_id')
  check(data.isUserPresent || !expected.needsUserPresence, 'user_presence')
  check(data.isUserVerified || !expected.needsUserVerification, 'user_verification')
  check(data.isBackupEligible || !data.isBackedUp, 'backup_state')
}
