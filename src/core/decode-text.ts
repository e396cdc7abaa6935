/**
 * Text of bytes from outside, or undefined when they are not UTF-8. The runtime's own `text()` and `json()`
 * put U+FFFD in the place of each wrong byte: a password in Latin-1 would be stored as one that many others
 * match. A byte order mark is passed over (RFC 8259 section 8.1).
 */
export function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes)
  } catch {
    return undefined
  }
}
