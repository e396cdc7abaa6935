import type { Argon2Variant } from '../../argon2id/parameters.ts'
import { isAffordable } from '../../phc.ts'

export type Pbkdf2Digest = 'sha1' | 'sha256' | 'sha512'

/**
 * How another system turned passwords into hashes: the function, what it costs, and how long its result is in
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

// What one comparison may take: about two seconds of a Worker's processor, and 32 MiB beside Argon2's own.
const MAX_BCRYPT_COST = 14
const MAX_SCRYPT_BYTES = 32 * 1024 * 1024
const MAX_BLOCK_SIZE = 32
/**
 * Django 6.2's default, which it also has for SHA-1. Of the function's own output: more takes as many times
 * as long.
 */
const MAX_PBKDF2: Readonly<Record<Pbkdf2Digest, { readonly rounds: number; readonly bytes: number }>> = {
  sha1: { rounds: 1_800_000, bytes: 20 },
  sha256: { rounds: 1_800_000, bytes: 32 },
  sha512: { rounds: 400_000, bytes: 64 },
}

/** Whether a Worker will pay for comparing with a hash of this scheme, at import and at every sign-in. */
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

/** The name of a scheme with everything that decides what it costs: `pbkdf2-sha256-600000-32`. */
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

/** The scheme of a name; undefined for what `nameScheme` never says, and for what is not payable. */
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
