import { type Bytes, fromBase64url, toBase64url, utf8 } from './encoding.ts'
import { CiphertextError } from './field-cipher.ts'
import { importAesKey, type KeyRing } from './key-ring.ts'

const IV_BYTES = 12
const KEY_BYTES = 32

/** @returns 32 random bytes: one person's data key, AES-256-GCM */
export const newDataKey = (): Bytes => crypto.getRandomValues(new Uint8Array(KEY_BYTES))

/**
 * Wraps a data key under the newest root key: AES-256-GCM, AAD = owner, so that one user's wrapped key cannot be
 * put in another's place. @returns `<root key version>.<iv>.<wrapped key and tag>`, base64url
 */
export async function wrapDataKey(ring: KeyRing, owner: string, dataKey: Bytes): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES))
  const { kek, version } = ring.newest
  const wrapped = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: utf8(owner) }, kek, dataKey)
  return `${version}.${toBase64url(iv)}.${toBase64url(new Uint8Array(wrapped))}`
}

/** @throws CiphertextError when the text was altered, belongs to another owner, or its root key is gone */
export async function unwrapDataKey(ring: KeyRing, owner: string, wrapped: string): Promise<CryptoKey> {
  const [version, ivText, sealedText, ...rest] = wrapped.split('.')
  const keys = ring.all.find((candidate) => String(candidate.version) === version)
  const iv = fromBase64url(ivText ?? '')
  const sealed = fromBase64url(sealedText ?? '')
  if (!keys || rest.length > 0 || iv?.length !== IV_BYTES || sealed === undefined) throw new CiphertextError()
  try {
    const algorithm = { name: 'AES-GCM', iv, additionalData: utf8(owner) }
    const raw = new Uint8Array(await crypto.subtle.decrypt(algorithm, keys.kek, sealed))
    return await importAesKey(raw)
  } catch {
    throw new CiphertextError()
  }
}
