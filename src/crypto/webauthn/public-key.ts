import * as z from 'zod'
import { type Bytes, fromBase64url } from '../encoding.ts'
import { CeremonyError } from './ceremony-error.ts'
import { readEcdsaSignature } from './ecdsa-signature.ts'

/** A coordinate or a part of a key, base64url. */
const part = z.string()

/**
 * The public key of a passkey, as JSON in `passkeys.public_key`: its COSE algorithm, and a JWK (RFC 7517).
 */
export const publicKeySchema = z.discriminatedUnion('alg', [
  z.object({
    alg: z.literal(-7),
    jwk: z.object({ kty: z.literal('EC'), crv: z.literal('P-256'), x: part, y: part }),
  }),
  z.object({ alg: z.literal(-8), jwk: z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: part }) }),
  z.object({ alg: z.literal(-257), jwk: z.object({ kty: z.literal('RSA'), n: part, e: part }) }),
])

/** ES256 (-7), EdDSA over Ed25519 (-8) or RS256 (-257). */
export type PublicKey = Readonly<z.infer<typeof publicKeySchema>>

const importParameters = {
  [-7]: { name: 'ECDSA', namedCurve: 'P-256' },
  [-8]: { name: 'Ed25519' },
  [-257]: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
} as const

/**
 * Imports a public key for verification.
 * @throws CeremonyError `public_key` if the platform refuses it, for example a point that is not on the curve
 */
export async function importPublicKey({ alg, jwk }: PublicKey): Promise<CryptoKey> {
  try {
    return await crypto.subtle.importKey('jwk', jwk, importParameters[alg], false, ['verify'])
  } catch {
    throw new CeremonyError('public_key')
  }
}

/**
 * Whether a signature of an authenticator is right. ECDSA signatures are in DER (WebAuthn section 6.5.5).
 * @throws CeremonyError `public_key`; `signature` for an ECDSA signature that is not strict DER
 */
export async function isSignedBy(publicKey: PublicKey, signature: Bytes, signed: Bytes): Promise<boolean> {
  const key = await importPublicKey(publicKey)
  const plain = publicKey.alg === -7 ? readEcdsaSignature(signature) : signature
  const parameters = { name: key.algorithm.name, hash: 'SHA-256' }
  // workerd throws for an Ed25519 signature that has not 64 bytes, where the standard returns false.
  return crypto.subtle.verify(parameters, key, plain, signed).catch(() => false)
}

/** @throws CeremonyError `malformed` if the text is not exactly the base64url encoding of its bytes */
export function decodeBytes(text: string): Bytes {
  const bytes = fromBase64url(text)
  if (bytes === undefined) throw new CeremonyError('malformed')
  return bytes
}
