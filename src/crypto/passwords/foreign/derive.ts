import { createCipheriv, pbkdf2Sync, scryptSync } from 'node:crypto'
import { sha1 } from '@noble/hashes/legacy.js'
import { sha256, sha512 } from '@noble/hashes/sha2.js'
import { decodeBase64 as decodeBcrypt, encodeBase64 as encodeBcrypt, hashSync } from 'bcryptjs'
import type { Argon2id } from '../../argon2id/driver.ts'
import { type Bytes, utf8 } from '../../encoding.ts'
import type { Cooperative } from '../../hash-queue/cooperative.ts'
import { pbkdf2InSlices } from './pbkdf2.ts'
import type { ForeignScheme } from './scheme.ts'

/**
 * Hashes a password as another system does. Argon2 and more than 100,000 rounds of PBKDF2 are computed in
 * slices, every other scheme in one piece.
 */
export type DeriveForeign = (scheme: ForeignScheme, salt: Bytes, password: string) => Cooperative<Uint8Array>

/** @param argon2 computes the schemes that are variants of Argon2 */
export const createDeriveForeign = (argon2: Argon2id): DeriveForeign =>
  function* (scheme, salt, password) {
    switch (scheme.name) {
      case 'bcrypt':
        return deriveBcrypt(scheme.cost, salt, password)
      case 'scrypt':
        // Only better-auth normalizes the password before hashing.
        return deriveScrypt(scheme, salt, password.normalize('NFKC'))
      case 'firebase':
        return keyStream(deriveScrypt({ ...scheme, length: 32 }, salt, password), scheme.length)
      case 'pbkdf2':
        return yield* derivePbkdf2(scheme, salt, password)
      case 'argon2': {
        const { length: tagLength, ...cost } = scheme
        return yield* argon2({ ...cost, tagLength, salt, password: utf8(password) })
      }
    }
  }

/** Like every bcrypt, this reads at most 72 bytes of the password. proves-whole.ts has the consequences. */
function deriveBcrypt(cost: number, salt: Bytes, password: string): Uint8Array {
  const settings = `$2b$${String(cost).padStart(2, '0')}$${encodeBcrypt([...salt], 16)}`
  return Uint8Array.from(decodeBcrypt(hashSync(password, settings).slice(29), 23))
}

/**
 * The platform's own function, because it frees its memory at once. `maxmem` is twice the memory of scrypt,
 * because the platform's accounting requires more than the exact amount.
 */
function deriveScrypt(
  { logN, blockSize, length }: { readonly logN: number; readonly blockSize: number; readonly length: number },
  salt: Bytes,
  password: string,
): Uint8Array {
  const cost = { N: 2 ** logN, r: blockSize, p: 1 }
  return new Uint8Array(scryptSync(utf8(password), salt, length, { ...cost, maxmem: 256 * cost.N * cost.r }))
}

/**
 * The platform's own PBKDF2 is fast, but in production it refuses more rounds than this. Django uses more
 * than a million.
 */
const NATIVE_ROUNDS = 100_000

function* derivePbkdf2(
  { digest, iterations, length }: Extract<ForeignScheme, { readonly name: 'pbkdf2' }>,
  salt: Bytes,
  text: string,
): Cooperative<Uint8Array> {
  const password = utf8(text)
  if (iterations <= NATIVE_ROUNDS) return new Uint8Array(pbkdf2Sync(password, salt, iterations, length, digest))
  const input = { password, salt, iterations, length }
  switch (digest) {
    case 'sha1':
      return yield* pbkdf2InSlices(sha1, input)
    case 'sha256':
      return yield* pbkdf2InSlices(sha256, input)
    case 'sha512':
      return yield* pbkdf2InSlices(sha512, input)
  }
}

const keyStream = (key: Uint8Array, length: number): Uint8Array =>
  new Uint8Array(createCipheriv('aes-256-ctr', key, new Uint8Array(16)).update(new Uint8Array(length)))
