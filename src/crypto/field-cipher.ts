import { fromBase64url, fromUtf8, toBase64url, utf8 } from './encoding.ts'

/**
 * Where a ciphertext is stored. It is authenticated, so that a ciphertext that an attacker moves to another
 * place does not open.
 */
export interface FieldPlace {
  readonly table: string
  readonly column: string
  /** Owner of the data key: a user id, or `system/<yyyy-mm>`. */
  readonly owner: string
  /** Id of the row. */
  readonly row: string
  /**
   * How a ciphertext of version 0.2.0 is read, which is not bound to its row: at another place, or not at
   * all. By default at the same table and column.
   */
  readonly unbound?: 'refused' | { readonly table: string; readonly column: string }
}

/** The stored text was altered, moved, or written under another key. */
export class CiphertextError extends Error {
  constructor() {
    super('ciphertext does not open')
    this.name = 'CiphertextError'
  }
}

const IV_BYTES = 12
/** Two prefixes of one length. The second is that of version 0.2.0. */
const BOUND = 'v2.'
const UNBOUND = 'v1.'
/** Index of the first character after the IV. Three bytes are four characters. */
const IV_END = BOUND.length + (IV_BYTES / 3) * 4

/**
 * AES-256-GCM with a random 96-bit IV (NIST SP 800-38D section 8.2.2) and AAD `table|column|owner|row`.
 * @returns `v2.<iv>.<ciphertext and 16-byte tag>`, base64url
 */
export async function encryptField(key: CryptoKey, place: FieldPlace, plaintext: string): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES))
  const sealed = await crypto.subtle.encrypt(
    { name: 'AES-GCM', iv, additionalData: boundData(place) },
    key,
    utf8(plaintext),
  )
  return `${BOUND}${toBase64url(iv)}.${toBase64url(new Uint8Array(sealed))}`
}

/**
 * Decrypts a field.
 * @throws CiphertextError unless `encryptField` wrote the text with this key for this place
 */
export async function decryptField(key: CryptoKey, place: FieldPlace, stored: string): Promise<string> {
  const additionalData = dataFor(place, stored)
  // The IV is a whole number of groups of four characters. Both parts can therefore be decoded in one call,
  // which takes half the time.
  const bytes = fromBase64url(stored.slice(BOUND.length, IV_END) + stored.slice(IV_END + 1))
  if (additionalData === undefined || stored[IV_END] !== '.' || bytes === undefined) throw new CiphertextError()
  try {
    const plain = await crypto.subtle.decrypt(
      { name: 'AES-GCM', iv: bytes.subarray(0, IV_BYTES), additionalData },
      key,
      bytes.subarray(IV_BYTES),
    )
    return fromUtf8(new Uint8Array(plain))
  } catch {
    throw new CiphertextError()
  }
}

/** Whether the text is a ciphertext of version 0.2.0, which opens in any row of its owner. */
export const isUnbound = (stored: string): boolean => stored.startsWith(UNBOUND)

function dataFor(place: FieldPlace, stored: string) {
  if (stored.startsWith(BOUND)) return boundData(place)
  if (!isUnbound(stored) || place.unbound === 'refused') return undefined
  const { table, column } = place.unbound ?? place
  return utf8(`${table}|${column}|${place.owner}`)
}

const boundData = ({ table, column, owner, row }: FieldPlace) => utf8(`${table}|${column}|${owner}|${row}`)
