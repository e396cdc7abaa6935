import { type Bytes, utf8 } from './encoding.ts'

/** One version of the operator's secret: 32 random bytes. */
export interface RootKey {
  readonly version: number
  readonly secret: Bytes
}

/** Everything one root key gives. Keys are not extractable, except the pepper, which Argon2 takes as bytes. */
export interface VersionKeys {
  readonly version: number
  /** 32 bytes, Argon2's secret parameter K. */
  readonly pepper: Bytes
  /** AES-256-GCM, wraps data keys. */
  readonly kek: CryptoKey
  /** HMAC-SHA-256 each. */
  readonly emailIndex: CryptoKey
  readonly emailDomainIndex: CryptoKey
  readonly attemptIndex: CryptoKey
  readonly deviceIndex: CryptoKey
  /** Of provider and subject. */
  readonly identityIndex: CryptoKey
  readonly retryIndex: CryptoKey
  readonly token: CryptoKey
  /** AES-256-GCM, seals what a browser carries through a social sign-in. */
  readonly flow: CryptoKey
  /** HKDF-SHA-256 base key for what is derived on demand (`jwt/<period>`). */
  readonly root: CryptoKey
}

/** Newest first; the first one writes, all of them read. */
export interface KeyRing {
  readonly newest: VersionKeys
  readonly all: readonly VersionKeys[]
}

/**
 * Derives every key from the root keys with HKDF-SHA-256 (RFC 5869): no salt, `info = "latchkey/<purpose>/v1"`.
 * The root keys are uniformly random, which is what lets the salt be empty (RFC 5869 section 3.1).
 * @param rootKeys at least one, newest first
 */
export async function deriveKeyRing(rootKeys: readonly RootKey[]): Promise<KeyRing> {
  const all = await Promise.all(rootKeys.map(deriveVersion))
  const [newest] = all
  if (newest === undefined) throw new RangeError('a key ring needs a root key')
  return { newest, all }
}

/** @returns `length` bytes for one purpose; purposes are independent of one another */
export async function deriveBytes(root: CryptoKey, purpose: string, length: number): Promise<Bytes> {
  const info = utf8(`latchkey/${purpose}/v1`)
  const bits = await crypto.subtle.deriveBits(
    { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(0), info },
    root,
    length * 8,
  )
  return new Uint8Array(bits)
}

async function deriveVersion({ version, secret }: RootKey): Promise<VersionKeys> {
  const root = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveBits'])
  const [pepper, kek, emailIndex, emailDomainIndex, attemptIndex, deviceIndex, identityIndex, retryIndex, token, flow] =
    await Promise.all([
      deriveBytes(root, 'pepper', 32),
      deriveBytes(root, 'kek', 32).then(importAesKey),
      deriveBytes(root, 'email-index', 32).then(importHmacKey),
      deriveBytes(root, 'email-domain-index', 32).then(importHmacKey),
      deriveBytes(root, 'attempt-index', 32).then(importHmacKey),
      deriveBytes(root, 'device-index', 32).then(importHmacKey),
      deriveBytes(root, 'identity-index', 32).then(importHmacKey),
      deriveBytes(root, 'retry-index', 32).then(importHmacKey),
      deriveBytes(root, 'token', 32).then(importHmacKey),
      deriveBytes(root, 'oauth-flow', 32).then(importAesKey),
    ])
  return {
    ...{
      version,
      pepper,
      kek,
      emailIndex,
      emailDomainIndex,
      attemptIndex,
      deviceIndex,
      identityIndex,
      retryIndex,
      token,
      flow,
    },
    root,
  }
}

/** @param raw 32 bytes */
export function importAesKey(raw: Bytes): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt'])
}

function importHmacKey(raw: Bytes): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', raw, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify'])
}
