import { base64url } from 'jose'

export type Bytes = Uint8Array<ArrayBuffer>

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export const utf8 = (text: string): Bytes => encoder.encode(text) as Bytes

/** @throws TypeError when the bytes are not UTF-8 */
export const fromUtf8 = (bytes: Uint8Array): string => decoder.decode(bytes)

export const toBase64url = (bytes: Uint8Array): string => base64url.encode(bytes)

/** Decodes unpadded base64url; undefined when the text is not exactly what encoding its bytes gives. */
export function fromBase64url(text: string): Bytes | undefined {
  return CANONICAL.test(text) ? (base64url.decode(text) as Bytes) : undefined
}

/** Whole groups of four; then two characters, the last without its four spare bits, or three without two. */
const CANONICAL = /^(?:[\w-]{4})*(?:[\w-][AQgw]|[\w-]{2}[AEIMQUYcgkosw048])?$/
