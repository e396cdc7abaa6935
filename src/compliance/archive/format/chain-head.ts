import { toHex, utf8 } from '../../../crypto/encoding.ts'

/** The end of a chain: its newest segment. */
export interface ChainHead {
  readonly sequence: number
  /** Digest of the newest segment, hexadecimal. */
  readonly hash: string
  /** Events in all segments up to this one. */
  readonly eventCount: number
}

/** The head of an empty chain. */
export const GENESIS: ChainHead = { sequence: 0, hash: '0'.repeat(64), eventCount: 0 }

/** The path of the public half of a receipt key. `kid` is its RFC 7638 thumbprint. */
export const receiptKeyPath = (kid: string): string => `receipt-keys/${kid}.json`

/** SHA-256 of a text's UTF-8 bytes, hexadecimal. */
export async function hashText(text: string): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(text))))
}
