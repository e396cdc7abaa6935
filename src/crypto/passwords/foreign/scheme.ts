import type { Argon2Variant } from '../../argon2id/parameters.ts'
import { isAffordable } from '../../phc.ts'

export type Pbkdf2Digest = 'sha1' | 'sha256' | 'sha512'

/**
 * How another system hashes passwords: the function, its cost parameters, and the length of its result in
 * bytes.
 */
export type ForeignScheme =
  | { readonly name: 'bcrypt'; readonly cost: number; readonly length: 23 }
  | {
      readonly name: 'scrypt' | 'firebase'
      /** Binary logarithm of N. */
      readonly logN: number
      readonly blockSize: number
      readonly length: number
    }
  | {
      readonly name: 'pbkdf2'
      readonly digest: Pbkdf2Digest
      readonly iterations: number
      readonly length: number
    }
  | {
      readonly name: 'argon2'
      readonly variant: Argon2Variant
      readonly memoryKib: number
      readonly iterations: number
      readonly parallelism: number
      readonly length: number
    }

// Limits of one comparison: about two seconds of processor time, and 32 MiB of memory in addition to
// Argon2's.
const MAX_BCRYPT_COST = 14
const MAX_SCRYPT_BYTES = 32 * 1024 * 1024
const MAX_BLOCK_SIZE = 32
/**
 * Maximum rounds, and the output length of the digest: each further block of that length takes the same time
 * again. The rounds are the default of Django 6.2, which is the same for SHA-1.
 */
const MAX_PBKDF2: Readonly<Record<Pbkdf2Digest, { readonly rounds: number; readonly bytes: number }>> = {
  sha1: { rounds: 1_800_000, bytes: 20 },
  sha256: { rounds: 1_800_000, bytes: 32 },
  sha512: { rounds: 400_000, bytes: 64 },
}

/**
 * Whether a Worker accepts the cost of a comparison with a hash of this scheme, at import and at every
 * sign-in.
 */
export function isPayable(scheme: ForeignScheme): boolean {
  switch (scheme.name) {
    case 'bcrypt':
      return within(scheme.cost, 4, MAX_BCRYPT_COST)
    case 'scrypt':
    case 'firebase':
      return (
        within(scheme.logN, 1, 18) &&
        within(scheme.blockSize, 1, MAX_BLOCK_SIZE) &&
        128 * 2 ** scheme.logN * scheme.blockSize <= MAX_SCRYPT_BYTES
      )
    case 'pbkdf2': {
      const { rounds, bytes } = MAX_PBKDF2[scheme.digest]
      return within(scheme.iterations * Math.ceil(scheme.length / bytes), 1, rounds)
    }
    case 'argon2':
      return isAffordable(scheme)
  }
}

const SCHEME =
  /^(?:bcrypt-(?<cost>\d{1,2})|(?<scrypt>scrypt|firebase)-(?<logN>\d{1,2})-(?<blockSize>\d{1,2})|pbkdf2-(?<digest>sha1|sha256|sha512)-(?<rounds>\d{1,7})|argon2(?<variant>id|i|d)-(?<memoryKib>\d{1,5})-(?<passes>\d{1,2})-(?<lanes>\d))-(?<length>\d{1,3})$/

/** Names a scheme with all parameters that determine its cost, such as `pbkdf2-sha256-600000-32`. */
export function nameScheme(scheme: ForeignScheme): string {
  switch (scheme.name) {
    case 'bcrypt':
      return `bcrypt-${scheme.cost}-${scheme.length}`
    case 'scrypt':
    case 'firebase':
      return `${scheme.name}-${scheme.logN}-${scheme.blockSize}-${scheme.length}`
    case 'pbkdf2':
      return `pbkdf2-${scheme.digest}-${scheme.iterations}-${scheme.length}`
    case 'argon2': {
      const { variant, memoryKib, iterations, parallelism, length } = scheme
      return `argon2${variant}-${memoryKib}-${iterations}-${parallelism}-${length}`
    }
  }
}

/**
 * Parses the name of a scheme. Returns undefined for text that `nameScheme` never returns, and for a scheme
 * that is not payable.
 */
export function parseScheme(name: string): ForeignScheme | undefined {
  const groups = SCHEME.exec(name)?.groups
  const scheme = groups && toScheme(groups)
  return scheme && isPayable(scheme) && nameScheme(scheme) === name ? scheme : undefined
}

function toScheme(groups: Readonly<Record<string, string | undefined>>): ForeignScheme | undefined {
  const number = (name: string) => Number(groups[name])
  const length = number('length')
  if (groups.cost !== undefined) return length === 23 ? { name: 'bcrypt', cost: number('cost'), length } : undefined
  if (groups.scrypt !== undefined) {
    const name = groups.scrypt === 'scrypt' ? 'scrypt' : 'firebase'
    return { name, logN: number('logN'), blockSize: number('blockSize'), length }
  }
  if (groups.digest !== undefined)
    return { name: 'pbkdf2', digest: groups.digest as Pbkdf2Digest, iterations: number('rounds'), length }
  const [memoryKib, iterations, parallelism] = [number('memoryKib'), number('passes'), number('lanes')]
  return { name: 'argon2', variant: groups.variant as Argon2Variant, memoryKib, iterations, parallelism, length }
}

const within = (value: number, minimum: number, maximum: number): boolean => value >= minimum && value <= maximum
