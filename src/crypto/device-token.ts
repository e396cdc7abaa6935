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
 * Creates a device token, `lk_dev_<nonce>.<HMAC-SHA-256>`. It proves that the device which holds it has
 * signed in to this address before. It grants no access: it only lets the device's attempts be counted apart
 * from others. It is not stored. The nonce is a UUID v7, so the token contains the time at which it was
 * created.
 * @param canonicalEmail the MAC covers the blind index of this address, under the same root key version as
 * the MAC
 */
export async function mintDeviceToken(ring: KeyRing, canonicalEmail: string, now: number): Promise<string> {
  const nonce = newTimeOrderedId(now)
  const input = await macInput(ring.newest, nonce, canonicalEmail)
  const mac = await crypto.subtle.sign('HMAC', ring.newest.token, input)
  return writeDeviceToken(nonce, toBase64url(new Uint8Array(mac)))
}

interface ReadOptions {
  /** The address of the sign-in. */
  readonly canonicalEmail: string
  readonly now: number
}

/**
 * Returns the nonce of a device token for this address. Returns undefined for a token of another address, a
 * token older than 180 days, and any text that this service did not create. Reads no store.
 */
export async function readDeviceToken(
  ring: KeyRing,
  token: string,
  { canonicalEmail, now }: ReadOptions,
): Promise<string | undefined> {
  const [, nonce = '', macText = ''] = PATTERN.exec(token) ?? []
  const mac = fromBase64url(macText)
  if (mac === undefined || !nonceSchema.safeParse(nonce).success) return undefined
  // A nonce begins with its time, so comparing the texts compares the times.
  if (nonce < timePrefix(now - DEVICE_TOKEN_DAYS * DAY_MS)) return undefined
  for (const keys of ring.trusted) {
    const input = await macInput(keys, nonce, canonicalEmail)
    if (await crypto.subtle.verify('HMAC', keys.token, mac, input)) return nonce
  }
  return undefined
}

/**
 * Returns when the token with this nonce was created, in Unix milliseconds: the first 48 bits of a UUID v7
 * (RFC 9562 section 5.7).
 */
export const deviceTokenTime = (nonce: string): number => Number.parseInt(nonce.slice(0, 8) + nonce.slice(9, 13), 16)

async function macInput(keys: VersionKeys, nonce: string, canonicalEmail: string) {
  return utf8(`device|${nonce}|${await blindIndex(keys, 'emailIndex', canonicalEmail)}`)
}
