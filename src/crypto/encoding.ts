import { base64url } from 'jose'

/**
 * Bytes in an ArrayBuffer that is not shared, which the types of WebCrypto require. The assertion `as Bytes`
 * is used only for bytes that the platform or jose has just created.
 */
export type Bytes = Uint8Array<ArrayBuffer>

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export const utf8 = (text: string): Bytes => encoder.encode(text) as Bytes

/** @throws TypeError when the bytes are not UTF-8 */
export const fromUtf8 = (bytes: Uint8Array): string => decoder.decode(bytes)

/** Lower-case hexadecimal, two digits a byte. */
export const toHex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

export const toBase64url = (bytes: Uint8Array): string => base64url.encode(bytes)

/** Decodes unpadded base64url; undefined if the text is not exactly the encoding of its bytes. */
export function fromBase64url(text: string): Bytes | undefined {
  const lastGroup = text.slice(text.length - (text.length % 4))
  return ALPHABET.test(text) && LAST_GROUP.test(lastGroup) ? (base64url.decode(text) as Bytes) : undefined
}

/**
 * One character class without groups: V8 keeps a backtracking position for each repetition of a group, and
 * fails after some megabytes of text.
 */
const ALPHABET = /^[\w-]*$/

/**
 * The characters after the last full group of four: none, two whose last four bits are zero, or three whose
 * last two bits are zero.
 */
const LAST_GROUP = /^(?:[\w-][AQgw]|[\w-]{2}[AEIMQUYcgkosw048])?$/
