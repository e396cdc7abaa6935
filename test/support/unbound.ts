import { toBase64url } from '../../src/crypto/encoding.ts'
import type { FieldPlace } from '../../src/crypto/field-cipher.ts'

/** Encrypts a field as version 0.2.0 did, without its row. */
export async function encryptUnbound(
  key: CryptoKey,
  { table, column, owner }: Omit<FieldPlace, 'row'>,
  plaintext: string,
): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(12))
  const encoder = new TextEncoder()
  const additionalData = encoder.encode(`${table}|${column}|${owner}`)
  const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData }, key, encoder.encode(plaintext))
  return `v1.${toBase64url(iv)}.${toBase64url(new Uint8Array(sealed))}`
}
