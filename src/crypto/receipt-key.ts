import { CompactSign, calculateJwkThumbprint, compactVerify, decodeProtectedHeader, importJWK } from 'jose'
import { parseJson } from '../core/json.ts'
import { fromBase64url, fromUtf8, utf8 } from './encoding.ts'
import type { KeyRing, VersionKeys } from './key-ring.ts'
import { deriveP256KeyPair, type P256KeyPair } from './p256-key.ts'

/**
 * The kinds of documents that this service signs. It is the `typ` of the JWS, so that one kind is never
 * accepted as another.
 */
export type ReceiptType =
  | 'latchkey-erasure+jws'
  | 'latchkey-checkpoint+jws'
  | 'latchkey-endorsement+jws'
  | 'latchkey-restored+jws'
  | 'latchkey-erased+jws'
  | 'latchkey-cutover+jws'
  | 'latchkey-publication+jws'

export type ReceiptPublicKey = P256KeyPair['publicJwk'] & { readonly kid: string }

/** The public receipt key of a root key version. */
export interface DerivedReceiptKey {
  readonly version: number
  readonly key: ReceiptPublicKey
  /** False for a version in `DISTRUSTED_ROOT_KEYS`. */
  readonly isTrusted: boolean
}

/** Signs receipts and checkpoints: ES256, one key per root key version, `kid` = RFC 7638 thumbprint. */
export interface ReceiptSigner {
  readonly publicKey: ReceiptPublicKey
  /** The keys of all root key versions, newest first. */
  readonly derived: readonly DerivedReceiptKey[]
  /**
   * @param by the thumbprint of one of the derived keys; the newest by default
   * @returns compact JWS of the JSON
   */
  sign(type: ReceiptType, payload: object, by?: string): Promise<string>
}

/**
 * Creates the signer of the newest root key. The `kid` is a thumbprint of the key, so that an attacker cannot
 * substitute another key under the same `kid`.
 */
export async function createReceiptSigner(ring: KeyRing): Promise<ReceiptSigner> {
  const newest = await deriveReceiptKey(ring.newest)
  const pairs = await Promise.all(ring.all.map((keys) => (keys === ring.newest ? newest : deriveReceiptKey(keys))))
  return {
    publicKey: newest.key,
    derived: pairs.map(({ keys, key }) => ({ version: keys.version, key, isTrusted: ring.trusted.includes(keys) })),
    async sign(type, payload, by = newest.key.kid) {
      const pair = pairs.find(({ key }) => key.kid === by)
      if (pair === undefined) throw new RangeError('no root key derives this key')
      return await new CompactSign(utf8(JSON.stringify(payload)))
        .setProtectedHeader({ alg: 'ES256', typ: type, kid: by })
        .sign(pair.privateKey)
    },
  }
}

async function deriveReceiptKey(keys: VersionKeys) {
  const { privateKey, publicJwk } = await deriveP256KeyPair(keys.root, 'receipt')
  return { keys, privateKey, key: await named(publicJwk) }
}

async function named(publicJwk: P256KeyPair['publicJwk']): Promise<ReceiptPublicKey> {
  return { ...publicJwk, kid: await calculateJwkThumbprint(publicJwk, 'sha256') }
}

/**
 * Checks a receipt, checkpoint or endorsement against known public keys. Needs no secret.
 * @param findKey returns the public JWK with a `kid`; the `kid` must be the thumbprint of that JWK
 * @returns the payload, or undefined for a wrong signature, type, key or `kid`
 */
export async function verifyReceipt(
  type: ReceiptType,
  jws: string,
  findKey: (kid: string) => Promise<unknown>,
): Promise<unknown> {
  // The last character of a part has spare bits. A lenient decoder ignores them, so the text could be altered
  // without notice.
  if (!jws.split('.').every((part) => fromBase64url(part) !== undefined)) return undefined
  try {
    const { kid, typ } = decodeProtectedHeader(jws)
    if (kid === undefined || typ !== type) return undefined
    const jwk = (await findKey(kid)) as { kty: 'EC'; crv: string; x: string; y: string }
    if ((await calculateJwkThumbprint(jwk, 'sha256')) !== kid) return undefined
    const { payload } = await compactVerify(jws, await importJWK(jwk, 'ES256'), { algorithms: ['ES256'] })
    return parseJson(fromUtf8(payload))
  } catch {
    return undefined
  }
}
