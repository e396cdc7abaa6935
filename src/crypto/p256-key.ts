import { type Bytes, toHex } from './encoding.ts'
import { deriveBytes } from './key-ring.ts'

/** An ES256 key pair. It is derived when it is needed, and never stored. */
export interface P256KeyPair {
  /** Not extractable. */
  readonly privateKey: CryptoKey
  readonly publicKey: CryptoKey
  readonly publicJwk: { readonly kty: 'EC'; readonly crv: 'P-256'; readonly x: string; readonly y: string }
}

/** Order of the P-256 group (FIPS 186-5, SP 800-186 section 3.2.1.3). */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

/**
 * The PKCS#8 encoding of a P-256 key up to its 32-byte scalar (RFC 5958, RFC 5915), without the optional
 * public point.
 */
const PKCS8_PREFIX = '3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420'

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' } as const

/**
 * Derives the key pair for one purpose: 48 derived bytes are reduced to a scalar as in FIPS 186-5 A.2.1,
 * which keeps the bias below 2^-128. The platform computes the public point on import.
 */
export async function deriveP256KeyPair(root: CryptoKey, purpose: string): Promise<P256KeyPair> {
  const pkcs8 = encodePkcs8(reduceToScalar(await deriveBytes(root, purpose, 48)))
  const extractable = await crypto.subtle.importKey('pkcs8', pkcs8, ALGORITHM, true, ['sign'])
  const { x, y } = (await crypto.subtle.exportKey('jwk', extractable)) as JsonWebKey
  if (x === undefined || y === undefined) throw new Error('the platform gave no public point')
  const publicJwk = { kty: 'EC', crv: 'P-256', x, y } as const
  const [privateKey, publicKey] = await Promise.all([
    crypto.subtle.importKey('pkcs8', pkcs8, ALGORITHM, false, ['sign']),
    crypto.subtle.importKey('jwk', publicJwk, ALGORITHM, true, ['verify']),
  ])
  pkcs8.fill(0)
  return { privateKey, publicKey, publicJwk }
}

/** @param wide 48 bytes @returns `wide mod (n - 1) + 1`, 32 bytes as hexadecimal */
export function reduceToScalar(wide: Bytes): string {
  const integer = BigInt(`0x${toHex(wide)}`)
  return ((integer % (ORDER - 1n)) + 1n).toString(16).padStart(64, '0')
}

function encodePkcs8(scalarHex: string): Bytes {
  const hex = PKCS8_PREFIX + scalarHex
  return Uint8Array.from({ length: hex.length / 2 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16))
}
