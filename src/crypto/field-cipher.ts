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
}

/** The stored text was altered, moved, or written under another key. */
export class CiphertextError extends Error {
  constructor() {
    super('ciphertext does not open')
    this.name = 'CiphertextError'
  }
}

const IV_BYTES = 12
const PREFIX = 'v1.'
/** Index of the first character after the IV. Three bytes are four characters. */
const IV_END = PREFIX.length + (IV_BYTES / 3) * 4

/**
 * AES-256-GCM with a random 96-bit IV (NIST SP 800-38D section 8.2.2) and AAD `table|column|owner`.
 * @returns `v1.<iv>.<ciphertext and 16-byte tag>`, base64url
 */
export async function encryptField(key: CryptoKey, place: FieldPlace, plaintext: string): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES))
  const sealed = await crypto.subtle.encrypt(
    { name: 'AES-GCM', iv, additionalData: additionalData(place) },
    key,
    utf8(plaintext),
  )
  return `${PREFIX}${toBase64url(iv)}.${toBase64url(new Uint8Array(sealed))}`
}

/**
 * Decrypts a field.
 * @throws CiphertextError unless `encryptField` wrote the text with this key for this place
 */
export async function decryptField(key: CryptoKey, place: FieldPlace, stored: string): Promise<string> {
  const isShaped = stored.startsWith(PREFIX) && stored[IV_END] === '.'
  // The IV is a whole number of groups of four characters. Both parts can therefore be decoded in one call,
  // which takes half the time.
  const bytes = fromBase64url(stored.slice(PREFIX.length, IV_END) + stored.slice(IV_END + 1))
  if (!isShaped || bytes === undefined) throw new CiphertextError()
  try {
    const plain = await crypto.subtle.decrypt(
      { name: 'AES-GCM', iv: bytes.subarray(0, IV_BYTES), additionalData: additionalData(place) },
      key,
      bytes.subarray(IV_BYTES),
    )
    return fromUtf8(new Uint8Array(plain))
  } catch {
    throw new CiphertextError()
  }
}

const additionalData = ({ table, column, owner }: FieldPlace) => utf8(`${table}|${column}|${owner}`)
