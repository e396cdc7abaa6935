import { type CBORType, decodePartialCBOR } from '@levischuck/tiny-cbor'
import type { Bytes } from '../encoding.ts'
import { CeremonyError, check } from './ceremony-error.ts'

/** A CBOR map with keys that are text or integers, the only maps of WebAuthn. */
export type CborMap = ReadonlyMap<string | number, CBORType>

/**
 * Decodes the map that starts at an offset (RFC 8949). A map with the same key twice is refused.
 * @returns the map, and the offset of the byte after it
 * @throws CeremonyError `malformed`
 */
export function decodeMapAt(bytes: Bytes, offset: number): { readonly map: CborMap; readonly end: number } {
  const [value, length] = decodeAt(bytes, offset)
  // The library cuts off a byte string that goes beyond the end, and counts its declared length.
  check(value instanceof Map && offset + length <= bytes.length, 'malformed')
  return { map: value, end: offset + length }
}

function decodeAt(bytes: Bytes, offset: number): [CBORType, number] {
  try {
    return decodePartialCBOR(bytes, offset)
  } catch {
    // Includes the overflow of the stack by arrays that are nested thousands of levels deep.
    throw new CeremonyError('malformed')
  }
}

/** Decodes a map that takes up all bytes. @throws CeremonyError `malformed` */
export function decodeMap(bytes: Bytes): CborMap {
  const { map, end } = decodeMapAt(bytes, 0)
  check(end === bytes.length, 'malformed')
  return map
}
