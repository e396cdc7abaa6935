import { toBase64url, utf8 } from './encoding.ts'
import type { KeyRing, VersionKeys } from './key-ring.ts'

type IndexPurpose =
  | 'emailIndex'
  | 'emailDomainIndex'
  | 'attemptIndex'
  | 'deviceIndex'
  | 'clientIndex'
  | 'identityIndex'
  | 'retryIndex'

/**
 * Computes a blind index: a keyed hash by which a value can be found but not read. The format is `<root key
 * version>.<43 characters>`, HMAC-SHA-256 in base64url. The version lets a key rotation count the rows that
 * are still indexed under an old key.
 * @param value canonical text; the caller must normalize different spellings of one value to the same text
 */
export async function blindIndex(keys: VersionKeys, purpose: IndexPurpose, value: string): Promise<string> {
  const mac = await crypto.subtle.sign('HMAC', keys[purpose], utf8(value))
  return `${keys.version}.${toBase64url(new Uint8Array(mac))}`
}

/**
 * The blind index of a value under every root key version, newest first. A look-up searches for all of them,
 * and a write stores the first.
 */
export type BlindIndexes = [string, ...string[]]

/**
 * Computes the blind index of a value under every root key version, so that a look-up also works during a
 * rotation.
 */
export function blindIndexes({ newest, all }: KeyRing, purpose: IndexPurpose, value: string): Promise<BlindIndexes> {
  const older = all.slice(1).map((keys) => blindIndex(keys, purpose, value))
  return Promise.all([blindIndex(newest, purpose, value), ...older])
}
