import {
  type VerifyAuthenticationResponseOpts,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server'
import { fromBase64url } from '../../src/crypto/encoding.ts'
import { readAuthenticatorData } from '../../src/crypto/webauthn/authenticator-data.ts'
import { decodeMap } from '../../src/crypto/webauthn/cbor.ts'
import type { RegistrationResponse } from '../../src/crypto/webauthn/responses.ts'

interface Expected {
  readonly challenge: string
  readonly origins: readonly string[]
  readonly rpId: string
  readonly needsUserVerification: boolean
  readonly algorithms: readonly number[]
}

const oracleExpects = (expected: Expected) => ({
  expectedChallenge: expected.challenge,
  expectedOrigin: [...expected.origins],
  expectedRPID: expected.rpId,
  requireUserVerification: expected.needsUserVerification,
})

/** Whether SimpleWebAuthn accepts a registration. */
export const oracleRegisters = (
  { id, rawId, type, response }: RegistrationResponse,
  expected: Expected,
): Promise<boolean> =>
  isVerified(
    verifyRegistrationResponse({
      ...oracleExpects(expected),
      response: { id, rawId, type, response: { ...response, transports: [] }, clientExtensionResults: {} },
      supportedAlgorithmIDs: [...expected.algorithms],
    }),
  )

/** Whether SimpleWebAuthn accepts an assertion of the registered passkey. */
export const oracleProves = (
  created: RegistrationResponse,
  response: VerifyAuthenticationResponseOpts['response'],
  expected: Expected,
): Promise<boolean> =>
  isVerified(
    verifyAuthenticationResponse({
      ...oracleExpects(expected),
      response,
      credential: { id: created.id, publicKey: coseKeyOf(created), counter: 0 },
    }),
  )

/** It refuses by an error or by its result. */
const isVerified = (verification: Promise<{ readonly verified: boolean }>): Promise<boolean> =>
  verification.then(
    ({ verified }) => verified,
    () => false,
  )

function coseKeyOf({ response }: RegistrationResponse) {
  const authData = decodeMap(fromBase64url(response.attestationObject) ?? new Uint8Array()).get('authData')
  if (!(authData instanceof Uint8Array)) throw new Error('the registration has no authenticator data')
  const { credential } = readAuthenticatorData(new Uint8Array(authData))
  if (credential === undefined) throw new Error('the registration has no credential')
  return credential.coseKey
}
