import type { Bytes } from '../encoding.ts'
import { check } from './ceremony-error.ts'

const SEQUENCE = 0x30
const INTEGER = 0x02
const SCALAR_BYTES = 32

/**
 * Turns a P-256 signature from DER (RFC 3279 section 2.2.3) into the form of WebCrypto: r and s, 32 bytes
 * each. It accepts DER alone and no other BER, so a signature has one encoding.
 * @throws CeremonyError `signature`
 */
export function readEcdsaSignature(der: Bytes): Bytes {
  // r and s have at most 33 bytes each, so every length fits into one byte.
  check(der[0] === SEQUENCE && der[1] === der.length - 2, 'signature')
  const r = readScalar(der, 2)
  const s = readScalar(der, r.end)
  check(s.end === der.length, 'signature')
  const raw = new Uint8Array(2 * SCALAR_BYTES)
  raw.set(r.value, SCALAR_BYTES - r.value.length)
  raw.set(s.value, 2 * SCALAR_BYTES - s.value.length)
  return raw
}

/** Reads a positive integer of at most 256 bits, without superfluous zeros. */
function readScalar(der: Bytes, start: number): { readonly value: Bytes; readonly end: number } {
  const length = der[start + 1] ?? 0
  const first = start + 2
  const end = first + length
  check(der[start] === INTEGER && end <= der.length, 'signature')
  const [high = 0, next = 0] = der.subarray(first, end)
  const hasSignByte = high === 0
  // A zero byte in front is right only where the number would be negative without it. So neither zero nor an
  // empty number is a scalar.
  check(hasSignByte ? next >= 0x80 : high < 0x80, 'signature')
  const value = der.subarray(hasSignByte ? first + 1 : first, end)
  check(value.length <= SCALAR_BYTES, 'signature')
  return { value, end }
}
