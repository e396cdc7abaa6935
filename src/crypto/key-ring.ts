import { type Distrust, distrustOf } from '../core/distrust.ts'
import { type Bytes, toBase64url, utf8 } from './encoding.ts'

/** One version of the operator's secret: 32 random bytes. */
export interface RootKey {
  readonly version: number
  readonly secret: Bytes
}

/**
 * All keys that are derived from one root key. They are not extractable, except the pepper, which Argon2
 * needs as bytes, and the key of event seals, which `node:crypto` needs as bytes.
 */
export interface VersionKeys {
  readonly version: number
  /**
   * 16 bytes, base64url. It shows whether two root keys of one version are the same, and reveals nothing
   * else.
   */
  readonly fingerprint: string
  /** 32 bytes: the secret parameter K of Argon2. */
  readonly pepper: Bytes
  /** 32 bytes: the key of `event-seal.ts`, for the HMAC of `node:crypto`. */
  readonly eventSeal: Bytes
  /** AES-256-GCM, wraps data keys. */
  readonly kek: CryptoKey
  /** This and the following keys until `token` are for HMAC-SHA-256. */
  readonly emailIndex: CryptoKey
  readonly emailDomainIndex: CryptoKey
  readonly attemptIndex: CryptoKey
  readonly deviceIndex: CryptoKey
  /** Fingerprint of the network and the device that used a session last. */
  readonly clientIndex: CryptoKey
  /** Index of provider and subject of an identity. */
  readonly identityIndex: CryptoKey
  readonly retryIndex: CryptoKey
  readonly token: CryptoKey
  /** AES-256-GCM, encrypts the state that the browser keeps during a social sign-in. */
  readonly flow: CryptoKey
  /** AES-256-GCM, encrypts tickets (`ticket.ts`). */
  readonly ticket: CryptoKey
  /** HKDF-SHA-256 base key of the keys that are derived on demand (`jwt/<period>`). */
  readonly root: CryptoKey
}

/**
 * The keys of all root key versions, newest first. The newest encrypts and signs, and all of them decrypt.
 */
export interface KeyRing {
  readonly newest: VersionKeys
  readonly all: readonly VersionKeys[]
  /**
   * The versions whose tokens are accepted. A leaked root key must still decrypt stored data, but its tokens
   * must not be accepted.
   */
  readonly trusted: readonly VersionKeys[]
}

/**
 * Derives every key from the root keys with HKDF-SHA-256 (RFC 5869): no salt, `info =
 * "latchkey/<purpose>/v1"`. The root keys are uniformly random, so the salt may be empty (RFC 5869 section
 * 3.1).
 * @param rootKeys at least one, newest first
 * @param distrusted versions that still decrypt, and whose tokens are not accepted
 */
export async function deriveKeyRing(
  rootKeys: readonly RootKey[],
  distrusted: readonly Distrust[] = [],
): Promise<KeyRing> {
  const all = await Promise.all(rootKeys.map(deriveVersion))
  const [newest] = all
  if (newest === undefined) throw new RangeError('a key ring needs a root key')
  return { newest, all, trusted: all.filter(({ version }) => distrustOf(distrusted, version) === undefined) }
}

/**
 * Derives key material with HKDF-SHA-256.
 * @returns `length` bytes, independent of those for other purposes
 */
export async function deriveBytes(root: CryptoKey, purpose: string, length: number): Promise<Bytes> {
  const info = utf8(`latchkey/${purpose}/v1`)
  const bits = await crypto.subtle.deriveBits(
    { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(0), info },
    root,
    length * 8,
  )
  return new Uint8Array(bits)
}

/** The HKDF purposes of HMAC-SHA-256 and AES-256-GCM keys, by the name of the member that holds the key. */
const hmacPurposes = {
  emailIndex: 'email-index',
  emailDomainIndex: 'email-domain-index',
  attemptIndex: 'attempt-index',
  deviceIndex: 'device-index',
  clientIndex: 'client-index',
  identityIndex: 'identity-index',
  retryIndex: 'retry-index',
  token: 'token',
} as const
const aesPurposes = { kek: 'kek', flow: 'oauth-flow', ticket: 'ticket' } as const

async function deriveVersion({ version, secret }: RootKey): Promise<VersionKeys> {
  const root = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveBits'])
  const [fingerprint, pepper, eventSeal, hmacKeys, aesKeys] = await Promise.all([
    deriveBytes(root, `fingerprint/${version}`, 16).then(toBase64url),
    deriveBytes(root, 'pepper', 32),
    deriveBytes(root, 'event-seal', 32),
    deriveKeys(root, hmacPurposes, importHmacKey),
    deriveKeys(root, aesPurposes, importAesKey),
  ])
  return { version, fingerprint, pepper, eventSeal, ...hmacKeys, ...aesKeys, root }
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
