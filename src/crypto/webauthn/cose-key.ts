import { type Bytes, toBase64url } from '../encoding.ts'
import { type CborMap, decodeMap } from './cbor.ts'
import { CeremonyError, check } from './ceremony-error.ts'
import type { PublicKey } from './public-key.ts'

/** Labels of a COSE_Key (RFC 9052 section 7.1, RFC 9053 section 7, RFC 8230 section 4). */
const label = { kty: 1, alg: 3, crv: -1, x: -2, y: -3, n: -1, e: -2 } as const
const keyType = { okp: 1, ec2: 2, rsa: 3 } as const
const curve = { p256: 1, ed25519: 6 } as const

const LEAST_MODULUS_BYTES = 256
const MOST_MODULUS_BYTES = 512
/** 65537, the exponent that authenticators use. */
const EXPONENT = 'AQAB'

/**
 * Reads the public key of a new credential.
 * @param algorithms the COSE algorithms that the options offered
 * @throws CeremonyError `algorithm` if the key is for none of them; `public_key` if the key does not fit its
 * algorithm; `malformed`
 */
export function readCoseKey(bytes: Bytes, algorithms: readonly number[]): PublicKey {
  const key = decodeMap(bytes)
  const alg = key.get(label.alg)
  check(typeof alg === 'number' && algorithms.includes(alg), 'algorithm')
  switch (alg) {
    case -7:
      return readP256(key)
    case -8:
      return readEd25519(key)
    case -257:
      return readRsa(key)
    default:
      throw new CeremonyError('algorithm')
  }
}

/** WebAuthn section 5.8.5: for ES256 the curve is P-256, and the point is not compressed. */
function readP256(key: CborMap): PublicKey {
  requireParameters(key, keyType.ec2, curve.p256)
  return { alg: -7, jwk: { kty: 'EC', crv: 'P-256', x: read(key, label.x, 32), y: read(key, label.y, 32) } }
}

/** WebAuthn section 5.8.5: for EdDSA the curve is Ed25519. */
function readEd25519(key: CborMap): PublicKey {
  requireParameters(key, keyType.okp, curve.ed25519)
  return { alg: -8, jwk: { kty: 'OKP', crv: 'Ed25519', x: read(key, label.x, 32) } }
}

/** A modulus of 2048 to 4096 bits. */
function readRsa(key: CborMap): PublicKey {
  check(key.get(label.kty) === keyType.rsa, 'public_key')
  const modulus = key.get(label.n)
  check(modulus instanceof Uint8Array && modulus.length <= MOST_MODULUS_BYTES, 'public_key')
  // A modulus of exactly the least length has its highest bit set; no modulus has a zero byte in front.
  const [high = 0] = modulus
  check(
    modulus.length > LEAST_MODULUS_BYTES ? high > 0 : modulus.length === LEAST_MODULUS_BYTES && high >= 0x80,
    'public_key',
  )
  const e = read(key, label.e, 3)
  check(e === EXPONENT, 'public_key')
  return { alg: -257, jwk: { kty: 'RSA', n: toBase64url(modulus), e } }
}

function requireParameters(key: CborMap, kty: number, crv: number): void {
  check(key.get(label.kty) === kty && key.get(label.crv) === crv, 'public_key')
}

function read(key: CborMap, at: number, length: number): string {
  const bytes = key.get(at)
  check(bytes instanceof Uint8Array && bytes.length === length, 'public_key')
  return toBase64url(bytes)
}
