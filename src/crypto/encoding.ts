import { base64url } from 'jose'

export type Bytes = Uint8Array<ArrayBuffer>

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export const utf8 = (text: string): Bytes => new Uint8Array(encoder.encode(text))

/** @throws TypeError when the bytes are not UTF-8 */
export const fromUtf8 = (bytes: Uint8Array): string => decoder.decode(bytes)

export const toBase64url = (bytes: Uint8Array): string => base64url.encode(bytes)

/** Decodes unpadded base64url; undefined when the text is not exactly what encoding its bytes gives. */
export function fromBase64url(text: string): Bytes | undefined {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) return undefined
  const bytes = new Uint8Array(base64url.decode(text))
  return toBase64url(bytes) === text ? bytes : undefined
}
