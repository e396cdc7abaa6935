import { fromBase64url, fromUtf8, toBase64url, utf8 } from './encoding.ts'

/** Where a ciphertext lives. It is authenticated, so that a ciphertext moved elsewhere does not open. */
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
/** Where the IV ends: four characters for three bytes. */
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

/** @throws CiphertextError when the text is not what `encryptField` wrote with this key for this place */
export async function decryptField(key: CryptoKey, place: FieldPlace, stored: string): Promise<string> {
  const isShaped = stored.startsWith(PREFIX) && stored[IV_END] === '.'
  // The IV is whole groups of four, so both parts decode as one, in half the time.
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
