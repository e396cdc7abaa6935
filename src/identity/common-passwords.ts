import { fromBase64url, utf8 } from '../crypto/encoding.ts'
import filter from './common-passwords.json' with { type: 'json' }

/** How many bits the filter has, and how many of them stand for one password. */
export interface FilterShape {
  readonly bits: number
  readonly hashes: number
}

/** As the list is compared: composed, and without regard to case. */
export const foldPassword = (password: string): string => password.normalize('NFC').toLowerCase()

/**
 * The bits that stand for a folded password: double hashing with two halves of one SHA-256
 * (Kirsch and Mitzenmacher 2006), so that the script that fills the filter and the Worker that asks it agree.
 */
export async function positionsOf(folded: string, { bits, hashes }: FilterShape): Promise<number[]> {
  const digest = new DataView(await crypto.subtle.digest('SHA-256', utf8(folded)))
  const [start, step] = [digest.getUint32(0), digest.getUint32(4) | 1]
  return Array.from({ length: hashes }, (_, index) => (start + index * (step >>> 0)) % bits)
}

let decoded: Uint8Array | undefined

/** 45 kB that never change: decoded once per isolate, by the first request that sets a password. */
function bitsOfFilter(): Uint8Array {
  decoded ??= fromBase64url(filter.filter) ?? new Uint8Array()
  if (decoded.length !== filter.bits / 8) throw new RangeError('common-passwords.json is damaged')
  return decoded
}

/**
 * Whether a password is on the bundled list (`@zxcvbn-ts/language-common`, everything of 8 characters and
 * more). A Bloom filter: it knows every one of them, and takes one other password in 15,000 for one of them.
 */
export async function isCommonPassword(password: string): Promise<boolean> {
  const bits = bitsOfFilter()
  const positions = await positionsOf(foldPassword(password), filter)
  return positions.every((position) => ((bits[position >> 3] ?? 0) & (1 << (position & 7))) !== 0)
}
