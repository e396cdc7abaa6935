import { type Bytes, fromBase64url, toBase64url, utf8 } from './encoding.ts'
import { CiphertextError } from './field-cipher.ts'
import { deriveBytes, importAesKey, type KeyRing } from './key-ring.ts'

/**
 * The data key is wrapped under a root key that is not in `ROOT_KEYS`. It is not lost: the missing root key
 * can unwrap it.
 */
export class MissingRootKeyError extends CiphertextError {
  readonly version: number

  constructor(version: number) {
    super()
    this.name = 'MissingRootKeyError'
    this.version = version
  }
}

const IV_BYTES = 12
const KEY_BYTES = 32

/** @returns 32 random bytes: a person's data key for AES-256-GCM */
export const newDataKey = (): Bytes => crypto.getRandomValues(new Uint8Array(KEY_BYTES))

/**
 * Wraps a data key under the newest root key with AES-256-GCM. The additional data is the owner, so that a
 * wrapped key that an attacker copies to another user does not open.
 * @returns `<root key version>.<iv>.<wrapped key and tag>`, base64url
 */
export async function wrapDataKey(ring: KeyRing, owner: string, dataKey: Bytes): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES))
  const { kek, version } = ring.newest
  const wrapped = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: utf8(owner) }, kek, dataKey)
  return `${version}.${toBase64url(iv)}.${toBase64url(new Uint8Array(wrapped))}`
}

/**
 * @throws CiphertextError when the text was altered or belongs to another owner; MissingRootKeyError when its
 * root key is not in `ROOT_KEYS`
 */
export async function unwrapDataKey(ring: KeyRing, owner: string, wrapped: string): Promise<CryptoKey> {
  return importAesKey(await openWrapped(ring, owner, wrapped))
}

/** Wraps the same data key under the newest root key. @throws as `unwrapDataKey` */
export async function rewrapDataKey(ring: KeyRing, owner: string, wrapped: string): Promise<string> {
  const raw = await openWrapped(ring, owner, wrapped)
  try {
    return await wrapDataKey(ring, owner, raw)
  } finally {
    raw.fill(0)
  }
}

/**
 * Derives 32 bytes from a data key with HKDF-SHA-256, without giving the data key itself to the caller.
 * @throws as `unwrapDataKey`
 */
export async function deriveFromDataKey(
  ring: KeyRing,
  owner: string,
  { wrapped, purpose }: { readonly wrapped: string; readonly purpose: string },
): Promise<Bytes> {
  const raw = await openWrapped(ring, owner, wrapped)
  try {
    const root = await crypto.subtle.importKey('raw', raw, 'HKDF', false, ['deriveBits'])
    return await deriveBytes(root, purpose, KEY_BYTES)
  } finally {
    raw.fill(0)
  }
}

/** Whether two wrapped keys hold the same data key. @throws as `unwrapDataKey` */
export async function holdSameDataKey(ring: KeyRing, owner: string, one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([openWrapped(ring, owner, one), openWrapped(ring, owner, other)])
  return a.every((byte, i) => byte === b[i])
}

/**
 * Returns the version of the root key under which a data key is wrapped; undefined if the text is not a
 * wrapped key.
 */
export function wrappedUnder(wrapped: string): number | undefined {
  const [, version] = /^([1-9]\d{0,8})\.[\w-]{16}\.[\w-]{64}$/.exec(wrapped) ?? []
  return version === undefined ? undefined : Number(version)
}

async function openWrapped(ring: KeyRing, owner: string, wrapped: string): Promise<Bytes> {
  const version = wrappedUnder(wrapped)
  const [, ivText = '', sealedText = ''] = wrapped.split('.')
  const iv = fromBase64url(ivText)
  const sealed = fromBase64url(sealedText)
  if (version === undefined || iv === undefined || sealed === undefined) throw new CiphertextError()
  const keys = ring.all.find((candidate) => candidate.version === version)
  if (keys === undefined) throw new MissingRootKeyError(version)
  try {
    const algorithm = { name: 'AES-GCM', iv, additionalData: utf8(owner) }
    return new Uint8Array(await crypto.subtle.decrypt(algorithm, keys.kek, sealed))
  } catch {
    throw new CiphertextError()
  }
}
