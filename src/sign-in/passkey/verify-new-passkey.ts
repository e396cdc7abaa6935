import { AppError } from '../../core/errors.ts'
import type { RelyingParty } from '../../core/relying-party.ts'
import type { NewPasskey } from '../../crypto/ticket.ts'
import type { RegistrationResponse } from '../../crypto/webauthn/responses.ts'
import { type RegisteredCredential, verifyRegistration } from '../../crypto/webauthn/verify-registration.ts'
import { passkeyAlgorithms } from './describe-creation.ts'

/** What the options asked for, from the ticket. */
interface WantedPasskey extends NewPasskey {
  readonly challenge: string
}

/** A credential that was verified, and what it can be used for. */
export interface VerifiedCredential {
  readonly registered: RegisteredCredential
  readonly isDiscoverable: boolean
  /** False for a second factor alone. */
  readonly isUvInitialized: boolean
}

/**
 * Verifies a new passkey or security key. Everything about the key is read from the authenticator data
 * (WebAuthn section 7.1). Any attestation is ignored, so a registration proves nothing about who made it.
 * @returns undefined if a check fails
 */
export async function verifyNewPasskey(
  relyingParty: RelyingParty,
  { challenge, kind, isConditional }: WantedPasskey,
  response: RegistrationResponse,
): Promise<VerifiedCredential | undefined> {
  const registered = await verifyRegistration(response, {
    challenge,
    origins: relyingParty.origins,
    rpId: relyingParty.id,
    needsUserPresence: !isConditional,
    needsUserVerification: kind === 'passkey' && !isConditional,
    algorithms: passkeyAlgorithms,
  })
  if (!registered.ok) return undefined
  return {
    registered,
    // A browser may not say it. Then the options decide. A security key is not found, so that it stays one.
    isDiscoverable: kind === 'passkey' && response.clientExtensionResults?.credProps?.rk !== false,
    // A security key is a second factor, even if it has verified its user this time.
    isUvInitialized: kind === 'passkey' && registered.isUserVerified,
  }
}

/** One error for every reason, because the client learns none of them. */
export const notAccepted = () =>
  new AppError('validation_failed', { errors: [{ pointer: '/credential', detail: 'is not accepted' }] })
