import type { Bytes } from '../encoding.ts'
import { readAuthenticatorData } from './authenticator-data.ts'
import { check, refused, type WebAuthnFailure } from './ceremony-error.ts'
import { checkFlags } from './check-flags.ts'
import { checkClientData } from './client-data.ts'
import { decodeBytes, isSignedBy, type PublicKey } from './public-key.ts'
import type { AssertionResponse } from './responses.ts'

export interface ExpectedAssertion {
  /** Base64url. */
  readonly challenge: string
  readonly origins: readonly string[]
  readonly rpId: string
  readonly needsUserVerification: boolean
}

/** What is stored about the passkey that the answer names. */
export interface KnownCredential {
  readonly publicKey: PublicKey
  readonly isBackupEligible: boolean
}

export interface ProvenCredential {
  readonly ok: true
  /** The caller compares it with the stored counter (WebAuthn section 6.1.1). */
  readonly signCount: number
  readonly isUserVerified: boolean
  readonly isBackedUp: boolean
}

/**
 * Verifies the answer to `navigator.credentials.get` (WebAuthn Level 3 section 7.2, steps 7 to 21). The
 * caller finds the passkey by its id and checks the user handle (steps 5 and 6), and judges the counter (step
 * 22). What depends on the stored passkey is judged after the signature. Otherwise the time of a refusal
 * would show something about a passkey to a client that does not hold it.
 */
export async function verifyAssertion(
  response: AssertionResponse,
  credential: KnownCredential,
  expected: ExpectedAssertion,
): Promise<ProvenCredential | { readonly ok: false; readonly failure: WebAuthnFailure }> {
  try {
    return await judge(response, credential, expected)
  } catch (error) {
    return refused(error)
  }
}

async function judge(
  { id, rawId, response }: AssertionResponse,
  credential: KnownCredential,
  expected: ExpectedAssertion,
): Promise<ProvenCredential> {
  check(id === rawId, 'credential_id')
  const clientData = decodeBytes(response.clientDataJSON)
  const authenticatorData = decodeBytes(response.authenticatorData)
  const signature = decodeBytes(response.signature)
  checkClientData(clientData, { ...expected, type: 'webauthn.get' })
  const authenticator = readAuthenticatorData(authenticatorData)
  await checkFlags(authenticator, { ...expected, needsUserPresence: true })
  const signed = await signedBytes(authenticatorData, clientData)
  check(await isSignedBy(credential.publicKey, signature, signed), 'signature')
  check(authenticator.isBackupEligible === credential.isBackupEligible, 'backup_eligibility')
  const { signCount, isUserVerified, isBackedUp } = authenticator
  return { ok: true, signCount, isUserVerified, isBackedUp }
}

/** The authenticator data, and the SHA-256 of the client data. */
async function signedBytes(authenticatorData: Bytes, clientData: Bytes): Promise<Bytes> {
  const clientDataHash = new Uint8Array(await crypto.subtle.digest('SHA-256', clientData))
  const signed = new Uint8Array(authenticatorData.length + clientDataHash.length)
  signed.set(authenticatorData)
  signed.set(clientDataHash, authenticatorData.length)
  return signed
}
