import * as z from 'zod'
import { newTimeOrderedId, timePrefix } from '../core/ids.ts'
import { DEVICE_TOKEN_DAYS } from '../core/lifetimes.ts'
import { DAY_MS } from '../core/time.ts'
import { writeDeviceToken } from '../core/token-text.ts'
import { blindIndex } from './blind-index.ts'
import { fromBase64url, toBase64url, utf8 } from './encoding.ts'
import type { KeyRing, VersionKeys } from './key-ring.ts'

const PATTERN = /^lk_dev_([0-9a-f-]{36})\.([A-Za-z0-9_-]{43})$/

const nonceSchema = z.uuidv7()

/**
 * `lk_dev_<nonce>.<HMAC-SHA-256>`: shows that somebody who could sign in to this address did so on the device
 * that has it. It opens nothing; it only gives the device attempts of its own. Nothing of it is stored. The
 * nonce is a UUID v7, so the token says itself when it was made.
 * @param canonicalEmail the MAC covers its index, under the root key version that makes the MAC
 */
export async function mintDeviceToken(ring: KeyRing, canonicalEmail: string, now: number): Promise<string> {
  const nonce = newTimeOrderedId(now)
  const input = await macInput(ring.newest, nonce, canonicalEmail)
  const mac = await crypto.subtle.sign('HMAC', ring.newest.token, input)
  return writeDeviceToken(nonce, toBase64url(new Uint8Array(mac)))
}

interface ReadOptions {
  /** The address that is to be signed in to. */
  readonly canonicalEmail: string
  readonly now: number
}

/**
 * The nonce of a token for this address; undefined for one of another address, one that is older than 180
 * days, and anything that this service did not mint. Costs no storage.
 */
export async function readDeviceToken(
  ring: KeyRing,
  token: string,
  { canonicalEmail, now }: ReadOptions,
): Promise<string | undefined> {
  const [, nonce = '', macText = ''] = PATTERN.exec(token) ?? []
  const mac = fromBase64url(macText)
  if (mac === undefined || !nonceSchema.safeParse(nonce).success) return undefined
  // Times sort as the nonces' beginnings do.
  if (nonce < timePrefix(now - DEVICE_TOKEN_DAYS * DAY_MS)) return undefined
  for (const keys of ring.trusted) {
    const input = await macInput(keys, nonce, canonicalEmail)
    if (await crypto.subtle.verify('HMAC', keys.token, mac, input)) return nonce
  }
  return undefined
}

/**
 * When the token with this nonce was made, in Unix milliseconds: the first 48 bits of a UUID v7 (RFC 9562
 * section 5.7).
 */
export const deviceTokenTime = (nonce: string): number => Number.parseInt(nonce.slice(0, 8) + nonce.slice(9, 13), 16)

async function macInput(keys: VersionKeys, nonce: string, canonicalEmail: string) {
  return utf8(`device|${nonce}|${await blindIndex(keys, 'emailIndex', canonicalEmail)}`)
}
