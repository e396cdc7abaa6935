/**
 * Decodes bytes that a client sent; undefined when they are not UTF-8. The runtime's own `text()` and
 * `json()` replace each invalid byte by U+FFFD. A password in Latin-1 would then be stored as a text that
 * many other passwords match. A byte order mark is skipped (RFC 8259 section 8.1).
 */
export function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes)
  } catch {
    return undefined
  }
}
