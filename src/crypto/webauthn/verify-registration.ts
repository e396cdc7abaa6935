import { type AuthenticatorData, readAuthenticatorData } from './authenticator-data.ts'
import { decodeMap } from './cbor.ts'
import { check, refused, type WebAuthnFailure } from './ceremony-error.ts'
import { checkFlags } from './check-flags.ts'
import { checkClientData } from './client-data.ts'
import { readCoseKey } from './cose-key.ts'
import { decodeBytes, importPublicKey, type PublicKey } from './public-key.ts'
import type { RegistrationResponse } from './responses.ts'

export interface ExpectedRegistration {
  /** Base64url. */
  readonly challenge: string
  readonly origins: readonly string[]
  readonly rpId: string
  /** False only for `mediation: "conditional"`, in which the browser asks the person nothing. */
  readonly needsUserPresence: boolean
  readonly needsUserVerification: boolean
  /** The COSE algorithms that the options offered. */
  readonly algorithms: readonly number[]
}

export interface RegisteredCredential {
  readonly ok: true
  /** Base64url, 1 to 1023 bytes. */
  readonly credentialId: string
  readonly publicKey: PublicKey
  readonly signCount: number
  readonly isUserVerified: boolean
  /** Whether the credential may be synchronized to other devices. It never changes. */
  readonly isBackupEligible: boolean
  readonly isBackedUp: boolean
  /** The model of the authenticator as a UUID. Without attestation anyone can claim any model. */
  readonly aaguid: string
  /** Sorted, each once. */
  readonly transports: string[]
}

/**
 * Verifies the answer to `navigator.credentials.create` (WebAuthn Level 3 section 7.1, steps 5 to 20). Any
 * attestation is ignored. Everything about the credential is read from the authenticator data, never from the
 * copies that the browser adds. The caller checks that the credential is not registered already (step 26).
 */
export async function verifyRegistration(
  response: RegistrationResponse,
  expected: ExpectedRegistration,
): Promise<RegisteredCredential | { readonly ok: false; readonly failure: WebAuthnFailure }> {
  try {
    return await judge(response, expected)
  } catch (error) {
    return refused(error)
  }
}

async function judge(
  { id, rawId, response }: RegistrationResponse,
  expected: ExpectedRegistration,
): Promise<RegisteredCredential> {
  checkClientData(decodeBytes(response.clientDataJSON), { ...expected, type: 'webauthn.create' })
  const authenticator = readAttested(response.attestationObject)
  await checkFlags(authenticator, expected)
  const { credential } = authenticator
  check(credential !== undefined, 'malformed')
  const publicKey = readCoseKey(credential.coseKey, expected.algorithms)
  await importPublicKey(publicKey)
  check(credential.id === id && id === rawId, 'credential_id')
  const { signCount, isUserVerified, isBackupEligible, isBackedUp } = authenticator
  return {
    ok: true,
    credentialId: id,
    publicKey,
    signCount,
    isUserVerified,
    isBackupEligible,
    isBackedUp,
    aaguid: credential.aaguid,
    transports: transportsOf(response.transports),
  }
}

/** The authenticator data in an attestation object (WebAuthn section 6.5). */
function readAttested(attestationObject: string): AuthenticatorData {
  const object = decodeMap(decodeBytes(attestationObject))
  const authData = object.get('authData')
  check(typeof object.get('fmt') === 'string' && object.get('attStmt') instanceof Map, 'malformed')
  check(authData instanceof Uint8Array, 'malformed')
  return readAuthenticatorData(new Uint8Array(authData))
}

/** Names as in WebAuthn section 5.8.4; browsers ignore those that they do not know. */
const TRANSPORT = /^[a-z][a-z-]*$/

const transportsOf = (claimed: readonly string[] = []): string[] =>
  [...new Set(claimed.filter((name) => TRANSPORT.test(name)))].sort()
