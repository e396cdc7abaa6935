import { Buffer } from 'node:buffer'
import { decodeBase64 as decodeBcrypt } from 'bcryptjs'
import type { Argon2Variant } from '../../argon2id/parameters.ts'
import { type Bytes, utf8 } from '../../encoding.ts'
import { type ForeignScheme, isPayable, type Pbkdf2Digest } from './scheme.ts'

/** The parts of a password hash that another system created. */
export interface ForeignHash {
  readonly scheme: ForeignScheme
  readonly salt: Bytes
  /** The result of the scheme for the password. */
  readonly digest: Bytes
}

/**
 * Why a hash cannot be imported. `hash_unsupported`: unknown format. `hash_malformed`: damaged. `hash_keyed`:
 * created with a secret or associated data that only the other system has. `hash_too_costly`: a comparison
 * would cost more than a Worker accepts.
 */
export type HashRefusal = 'hash_unsupported' | 'hash_malformed' | 'hash_keyed' | 'hash_too_costly'

/** In characters. Longer than a hash in any of the formats, with a salt of 64 bytes and Firebase's key. */
const MAX_HASH_LENGTH = 1024

const SALT_BYTES = { minimum: 1, maximum: 64 }
const DIGEST_BYTES = { minimum: 16, maximum: 128 }

/** The formats that systems store. `sign` recognises a format by its first characters or its shape. */
const formats: readonly { readonly sign: RegExp; readonly read: (text: string) => ForeignHash | undefined }[] = [
  { sign: /^\$argon2/, read: readArgon2 },
  { sign: /^\$2[aby]\$/, read: readBcrypt },
  { sign: /^\$fbscrypt\$/, read: readFirebase },
  { sign: /^pbkdf2_/, read: readDjango },
  { sign: /^[0-9a-f]+:[0-9a-f]+$/, read: readBetterAuth },
  // The first byte is 0 or 1.
  { sign: /^A[A-Q][A-Za-z0-9+/]+={0,2}$/, read: readAspNet },
]

/** Prefixes that Django (`bcrypt$`, `argon2`) and Spring (`{bcrypt}`, `{argon2}`) write before a hash. */
const PREFIX = /^(?:bcrypt\$|argon2|\{bcrypt\}|\{argon2\})(?=\$)/

/** Argon2 with a secret or associated data. All of Latchkey's own hashes match, including imported ones. */
const KEYED = /^(?:imported:|\$argon2[a-z]*\$(?:v=\d+\$)?(?:[^$]*,)?(?:keyid|data|ad)=)/

/** Parses a hash in the format of the other system. */
export function parseForeignHash(stored: string): ForeignHash | HashRefusal {
  const text = stored.replace(PREFIX, '')
  if (KEYED.test(text)) return 'hash_keyed'
  const format = formats.find(({ sign }) => sign.test(text))
  if (format === undefined || text.length > MAX_HASH_LENGTH) return 'hash_unsupported'
  const hash = format.read(text)
  if (hash === undefined || !isWithin(hash.salt, SALT_BYTES) || !isWithin(hash.digest, DIGEST_BYTES))
    return 'hash_malformed'
  return isPayable(hash.scheme) ? hash : 'hash_too_costly'
}

/**
 * PHC string format. AdonisJS writes the parameters in another order than other systems, so they are read by
 * name.
 */
function readArgon2(text: string): ForeignHash | undefined {
  const groups =
    /^\$argon2(id|i|d)\$v=19\$(?=[^$]*\bm=(\d{1,7})\b)(?=[^$]*\bt=(\d{1,4})\b)(?=[^$]*\bp=(\d{1,3})\b)[mtp]=\d+,[mtp]=\d+,[mtp]=\d+\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/
  const [, variant, memory, passes, lanes, salt, digest] = groups.exec(text) ?? []
  const tag = fromBase64(digest)
  const saltBytes = fromBase64(salt)
  if (variant === undefined || tag === undefined || saltBytes === undefined || saltBytes.length < 8) return undefined
  const cost = { memoryKib: Number(memory), iterations: Number(passes), parallelism: Number(lanes) }
  const scheme = { name: 'argon2', variant: variant as Argon2Variant, ...cost, length: tag.length } as const
  return { scheme, salt: saltBytes, digest: tag }
}

/**
 * Modular crypt format. `$2a$`, `$2b$` and `$2y$` are the same function. The letters only mark bugs in old
 * implementations.
 */
function readBcrypt(text: string): ForeignHash | undefined {
  const [, cost, salt, digest] = /^\$2[aby]\$(\d\d)\$([A-Za-z0-9./]{22})([A-Za-z0-9./]{31})$/.exec(text) ?? []
  if (salt === undefined || digest === undefined) return undefined
  const scheme = { name: 'bcrypt', cost: Number(cost), length: 23 } as const
  return { scheme, salt: Uint8Array.from(decodeBcrypt(salt, 16)), digest: Uint8Array.from(decodeBcrypt(digest, 23)) }
}

/**
 * Firebase encrypts its project's signer key with AES-256-CTR under the scrypt hash of the password. The key
 * stream is therefore known, and verifies the password equally well, so the signer key need not be stored.
 */
function readFirebase(text: string): ForeignHash | undefined {
  const [, logN, blockSize, separator, signer, salt, hash] =
    /^\$fbscrypt\$v=1,n=(\d{1,2}),r=(\d{1,2}),p=1,ss=([\w+/=-]*),sk=([\w+/=-]+)\$([\w+/=-]+)\$([\w+/=-]+)$/.exec(
      text,
    ) ?? []
  const [salted, separated, key, sealed] = [salt, separator, signer, hash].map(fromBase64)
  if (salted === undefined || separated === undefined || key === undefined || sealed?.length !== key.length)
    return undefined
  const scheme = { name: 'firebase', logN: Number(logN), blockSize: Number(blockSize), length: key.length } as const
  return { scheme, salt: concat(salted, separated), digest: Uint8Array.from(sealed, (byte, i) => byte ^ (key[i] ?? 0)) }
}

/** `pbkdf2_sha256$<iterations>$<salt>$<base64>`. The salt is used as text. */
function readDjango(text: string): ForeignHash | undefined {
  const [, digest, iterations, salt, hash] =
    /^pbkdf2_(sha1|sha256)\$(\d{1,8})\$([\x21-\x23\x25-\x7e]+)\$([A-Za-z0-9+/=]+)$/.exec(text) ?? []
  const bytes = fromBase64(hash)
  if (digest === undefined || salt === undefined || bytes === undefined) return undefined
  const scheme = { name: 'pbkdf2', digest: digest as Pbkdf2Digest, iterations: Number(iterations) } as const
  return { scheme: { ...scheme, length: bytes.length }, salt: utf8(salt), digest: bytes }
}

/**
 * `<salt>:<key>`, both hexadecimal, with N = 2^14 and r = 16. better-auth uses the hexadecimal text as the
 * salt.
 */
function readBetterAuth(text: string): ForeignHash | undefined {
  const [, salt, key] = /^([0-9a-f]{32}):([0-9a-f]{128})$/.exec(text) ?? []
  if (salt === undefined || key === undefined) return undefined
  const scheme = { name: 'scrypt', logN: 14, blockSize: 16, length: 64 } as const
  return { scheme, salt: utf8(salt), digest: new Uint8Array(Buffer.from(key, 'hex')) }
}

const ASP_NET_DIGESTS = ['sha1', 'sha256', 'sha512'] as const

/**
 * Base64 of the binary format of ASP.NET Identity.
 * - Version 2: the byte 0, 16 bytes of salt, 32 bytes of PBKDF2-HMAC-SHA-1 with 1,000 rounds.
 * - Version 3: the byte 1, then digest, rounds and length of the salt as big-endian 32-bit numbers, then salt
 * and result.
 */
function readAspNet(text: string): ForeignHash | undefined {
  const bytes = fromBase64(text)
  if (bytes === undefined) return undefined
  if (bytes[0] === 0) {
    if (bytes.length !== 49) return undefined
    const scheme = { name: 'pbkdf2', digest: 'sha1', iterations: 1000, length: 32 } as const
    return { scheme, salt: bytes.slice(1, 17), digest: bytes.slice(17) }
  }
  if (bytes[0] !== 1 || bytes.length < 13) return undefined
  const numbers = new DataView(bytes.buffer, bytes.byteOffset)
  const digest = ASP_NET_DIGESTS[numbers.getUint32(1)]
  const end = 13 + numbers.getUint32(9)
  if (digest === undefined || end >= bytes.length) return undefined
  const scheme = { name: 'pbkdf2', digest, iterations: numbers.getUint32(5), length: bytes.length - end } as const
  return { scheme, salt: bytes.slice(13, end), digest: bytes.slice(end) }
}

const isWithin = ({ length }: Bytes, { minimum, maximum }: { minimum: number; maximum: number }): boolean =>
  length >= minimum && length <= maximum

const concat = (one: Bytes, other: Bytes): Bytes => new Uint8Array([...one, ...other])

/** Decodes base64 or base64url, with or without padding; undefined for text that no encoder produces. */
function fromBase64(text = ''): Bytes | undefined {
  const bare = text
    .replace(/={0,2}$/, '')
    .replaceAll('-', '+')
    .replaceAll('_', '/')
  const bytes = new Uint8Array(Buffer.from(bare, 'base64'))
  return Buffer.from(bytes).toString('base64').replace(/=*$/, '') === bare ? bytes : undefined
}
