import { type Bytes, toBase64url, utf8 } from './encoding.ts'

/** One version of the operator's secret: 32 random bytes. */
export interface RootKey {
  readonly version: number
  readonly secret: Bytes
}

/**
 * Everything one root key gives. Keys are not extractable, except the pepper, which Argon2 takes as bytes.
 */
export interface VersionKeys {
  readonly version: number
  /** Tells whether two keys of one version are the same, and nothing else about them: 16 bytes, base64url. */
  readonly fingerprint: string
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
  /**
   * Those whose tokens are accepted: a key that leaked must still read what is stored, and vouch for nobody.
   */
  readonly trusted: readonly VersionKeys[]
}

/**
 * Derives every key from the root keys with HKDF-SHA-256 (RFC 5869): no salt, `info =
 * "latchkey/<purpose>/v1"`. The root keys are uniformly random, which is what lets the salt be empty (RFC
 * 5869 section 3.1).
 * @param rootKeys at least one, newest first
 * @param distrusted versions that are to read and to vouch for nothing
 */
export async function deriveKeyRing(
  rootKeys: readonly RootKey[],
  distrusted: readonly string[] = [],
): Promise<KeyRing> {
  const all = await Promise.all(rootKeys.map(deriveVersion))
  const [newest] = all
  if (newest === undefined) throw new RangeError('a key ring needs a root key')
  return { newest, all, trusted: all.filter(({ version }) => !distrusted.includes(String(version))) }
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

/** Purposes of HMAC-SHA-256 and of AES-256-GCM keys, by the member that holds each. */
const hmacPurposes = {
  emailIndex: 'email-index',
  emailDomainIndex: 'email-domain-index',
  attemptIndex: 'attempt-index',
  deviceIndex: 'device-index',
  identityIndex: 'identity-index',
  retryIndex: 'retry-index',
  token: 'token',
} as const
const aesPurposes = { kek: 'kek', flow: 'oauth-flow' } as const

async function deriveVersion({ version, secret }: RootKey): Promise<VersionKeys> {
  const root = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveBits'])
  const [fingerprint, pepper, hmacKeys, aesKeys] = await Promise.all([
    deriveBytes(root, `fingerprint/${version}`, 16).then(toBase64url),
    deriveBytes(root, 'pepper', 32),
    deriveKeys(root, hmacPurposes, importHmacKey),
    deriveKeys(root, aesPurposes, importAesKey),
  ])
  return { version, fingerprint, pepper, ...hmacKeys, ...aesKeys, root }
}

async function deriveKeys<Name extends string>(
  root: CryptoKey,
  purposes: Readonly<Record<Name, string>>,
  importKey: (raw: Bytes) => Promise<CryptoKey>,
): Promise<Record<Name, CryptoKey>> {
  const keys = Object.entries<string>(purposes).map(async ([name, purpose]) => {
    return [name, await importKey(await deriveBytes(root, purpose, 32))] as const
  })
  return Object.fromEntries(await Promise.all(keys)) as Record<Name, CryptoKey>
}

/** @param raw 32 bytes */
export function importAesKey(raw: Bytes): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt'])
}

function importHmacKey(raw: Bytes): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', raw, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify'])
}
