import { toBase64url, utf8 } from './encoding.ts'
import type { KeyRing, VersionKeys } from './key-ring.ts'

type IndexPurpose = 'emailIndex' | 'emailDomainIndex' | 'attemptIndex' | 'deviceIndex' | 'identityIndex' | 'retryIndex'

/**
 * A keyed fingerprint by which a value can be found and not read: `<root key version>.<43 characters>`,
 * HMAC-SHA-256 in base64url. The version lets a rotation count what is still indexed under an old key.
 * @param value canonical text; two spellings of one value must be one text before they come here
 */
export async function blindIndex(keys: VersionKeys, purpose: IndexPurpose, value: string): Promise<string> {
  const mac = await crypto.subtle.sign('HMAC', keys[purpose], utf8(value))
  return `${keys.version}.${toBase64url(new Uint8Array(mac))}`
}

/**
 * The index under every root key version, newest first. A look-up asks for all of them, and a write stores
 * the first.
 */
export type BlindIndexes = [string, ...string[]]

/** The index under every root key version: what a look-up asks for during a rotation. */
export function blindIndexes({ newest, all }: KeyRing, purpose: IndexPurpose, value: string): Promise<BlindIndexes> {
  const older = all.slice(1).map((keys) => blindIndex(keys, purpose, value))
  return Promise.all([blindIndex(newest, purpose, value), ...older])
}
