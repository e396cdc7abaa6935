import { base64url } from 'jose'

/**
 * Bytes in memory of their own, as WebCrypto's types ask. `as Bytes` stands where the platform or jose has
 * just made them so.
 */
export type Bytes = Uint8Array<ArrayBuffer>

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export const utf8 = (text: string): Bytes => encoder.encode(text) as Bytes

/** @throws TypeError when the bytes are not UTF-8 */
export const fromUtf8 = (bytes: Uint8Array): string => decoder.decode(bytes)

export const toBase64url = (bytes: Uint8Array): string => base64url.encode(bytes)

/** Decodes unpadded base64url; undefined when the text is not exactly what encoding its bytes gives. */
export function fromBase64url(text: string): Bytes | undefined {
  const lastGroup = text.slice(text.length - (text.length % 4))
  return ALPHABET.test(text) && LAST_GROUP.test(lastGroup) ? (base64url.decode(text) as Bytes) : undefined
}

/**
 * One class and no groups: V8 keeps a place to go back to for each group, and gives up after some megabytes
 * of text.
 */
const ALPHABET = /^[\w-]*$/

/**
 * What is left of groups of four: two characters, the last without its four spare bits, or three without two.
 */
const LAST_GROUP = /^(?:[\w-][AQgw]|[\w-]{2}[AEIMQUYcgkosw048])?$/
