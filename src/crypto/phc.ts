import { Buffer } from 'node:buffer'
import { MAX_MEMORY_KIB } from './argon2id/parameters.ts'

/** The cost parameters of a password hash: memory in KiB, passes and lanes. */
export interface PasswordHashParams {
  readonly memoryKib: number
  readonly iterations: number
  readonly parallelism: number
}

/** The parts of a stored password hash. `keyId` is the version of the pepper. */
export interface PasswordHash {
  readonly params: PasswordHashParams
  readonly keyId: string
  /** Whether the user's id is the associated data of Argon2. False for hashes from before version 0.2.0. */
  readonly isBound: boolean
  readonly salt: Uint8Array
  readonly tag: Uint8Array
}

// An attacker who can write rows must not be able to make a sign-in arbitrarily expensive. Time grows with
// memory times passes: the bound is about seven times the default cost.
const MAX_ITERATIONS = 10
const MAX_PARALLELISM = 4
const MAX_MEMORY_KIB_TIMES_ITERATIONS = 262_144

// The quantifiers limit the lengths before anything is decoded: 11 to 86 characters are 8 to 64 bytes, and 22
// characters are 16 bytes.
const PHC =
  /^\$argon2id\$v=19\$m=([1-9]\d{0,4}),t=([1-9]\d?),p=([1-9]),keyid=([A-Za-z0-9/+.-]{1,32})(,ad=1)?\$([A-Za-z0-9/+]{11,86})\$([A-Za-z0-9/+]{22,86})$/

/**
 * Parses `$argon2id$v=19$m=…,t=…,p=…,keyid=…[,ad=1]$salt$tag` (PHC string format; base64 without padding).
 * Returns undefined for any other text and for parts out of bounds. The bounds: 8 to 64 bytes of salt, 16 to
 * 64 bytes of tag, and a cost that `isAffordable`. `ad=1` means that the user's id is the associated data; no
 * other value is accepted.
 */
export function parsePasswordHash(phc: string): PasswordHash | undefined {
  const [, memoryKib, iterations, parallelism, keyId, ad, salt64, tag64] = PHC.exec(phc) ?? []
  if (keyId === undefined) return undefined
  const params = {
    memoryKib: Number(memoryKib),
    iterations: Number(iterations),
    parallelism: Number(parallelism),
  }
  if (!isAffordable(params)) return undefined
  const hash = { params, keyId, isBound: ad !== undefined, salt: decodeBase64(salt64), tag: decodeBase64(tag64) }
  // Only the canonical text is accepted. Spare bits that are set after the last byte of salt or tag mean that
  // the text was altered.
  return encodePasswordHash(hash) === phc ? hash : undefined
}

/** Writes a password hash as a PHC string. */
export function encodePasswordHash({ params, keyId, isBound, salt, tag }: PasswordHash): string {
  const { memoryKib, iterations, parallelism } = params
  const parameters = `m=${memoryKib},t=${iterations},p=${parallelism},keyid=${keyId}${isBound ? ',ad=1' : ''}`
  return `$argon2id$v=19$${parameters}$${encodeBase64(salt)}$${encodeBase64(tag)}`
}

/**
 * Whether a Worker accepts a cost: at most 65,536 KiB, 10 passes, 4 lanes, and 262,144 for KiB times passes.
 */
export function isAffordable({ memoryKib, iterations, parallelism }: PasswordHashParams): boolean {
  return (
    [memoryKib, iterations, parallelism].every(Number.isInteger) &&
    within(iterations, { minimum: 1, maximum: MAX_ITERATIONS }) &&
    within(parallelism, { minimum: 1, maximum: MAX_PARALLELISM }) &&
    within(memoryKib, { minimum: 8 * parallelism, maximum: MAX_MEMORY_KIB }) &&
    memoryKib * iterations <= MAX_MEMORY_KIB_TIMES_ITERATIONS
  )
}

const within = (value: number, { minimum, maximum }: { minimum: number; maximum: number }): boolean =>
  value >= minimum && value <= maximum

const encodeBase64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64').replaceAll('=', '')

const decodeBase64 = (text = ''): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'))
