import { fromBase64url, utf8 } from '../crypto/encoding.ts'
import filter from './common-passwords.json' with { type: 'json' }

/** The size of the filter in bits, and how many bits are set for one password. */
export interface FilterShape {
  readonly bits: number
  readonly hashes: number
}

/** Normalises a password for the list: NFC, lower case. */
export const foldPassword = (password: string): string => password.normalize('NFC').toLowerCase()

/**
 * The positions of the bits for a folded password: double hashing with two halves of one SHA-256 (Kirsch and
 * Mitzenmacher 2006). The script that fills the filter uses the same function as the Worker.
 */
export async function positionsOf(folded: string, { bits, hashes }: FilterShape): Promise<number[]> {
  const digest = new DataView(await crypto.subtle.digest('SHA-256', utf8(folded)))
  const [start, step] = [digest.getUint32(0), digest.getUint32(4) | 1]
  return Array.from({ length: hashes }, (_, index) => (start + index * (step >>> 0)) % bits)
}

let decoded: Uint8Array | undefined

/**
 * The filter is 45 kB and constant, so it is decoded once per isolate, by the first request that sets a
 * password.
 */
function bitsOfFilter(): Uint8Array {
  decoded ??= fromBase64url(filter.filter) ?? new Uint8Array()
  if (decoded.length !== filter.bits / 8) throw new RangeError('common-passwords.json is damaged')
  return decoded
}

/**
 * Checks whether a password is on the bundled list (all entries of `@zxcvbn-ts/language-common` with 8
 * characters or more). The list is a Bloom filter: it recognises every entry, and about one in 15,000 other
 * passwords by mistake.
 */
export async function isCommonPassword(password: string): Promise<boolean> {
  const bits = bitsOfFilter()
  const positions = await positionsOf(foldPassword(password), filter)
  return positions.every((position) => ((bits[position >> 3] ?? 0) & (1 << (position & 7))) !== 0)
}
