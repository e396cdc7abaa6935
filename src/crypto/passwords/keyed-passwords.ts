import type { UserId } from '../../core/ids.ts'
import { toBase64url } from '../encoding.ts'
import type { Cooperative } from '../hash-queue/cooperative.ts'
import type { KeyRing } from '../key-ring.ts'
import type { PasswordHashParams } from '../phc.ts'
import type { DeriveForeign } from './foreign/derive.ts'
import { encodeImportedHash, type ImportedHash, parseImportedHash } from './foreign/imported-hash.ts'
import type { ForeignHash } from './foreign/parse-hash.ts'
import { provesWhole } from './foreign/proves-whole.ts'
import type { ForeignScheme } from './foreign/scheme.ts'
import { parseCost } from './password-cost.ts'
import { decoyHash, type PasswordHasher, type PasswordVerification } from './password-hash.ts'

/**
 * Password hashes with this deployment's peppers and cost. Each call computes one Argon2id hash, in slices.
 * For an imported hash, or a decoy that imitates one, it first computes the other system's scheme.
 */
export interface KeyedPasswords {
  /** Hashes a password for one user. If the hash is copied to another user's row, no password matches it. */
  hash(password: string, userId: UserId): Cooperative<string>
  /**
   * Imports another system's hash. It is hashed like a password, so that the stored text is as hard to crack
   * as any other hash here, even if the other system's scheme was weak.
   */
  adopt(foreign: ForeignHash, userId: UserId): Cooperative<string>
  /**
   * Checks a password. Without a stored hash it compares a decoy hash, so that an unknown account takes as
   * long as a known one. An imported hash also costs what the other system's scheme costs, and so does a
   * decoy hash that imitates it.
   * @param decoyCost name of the cost that the decoy hash imitates; undefined for the cost of a new hash
   */
  check(password: string, stored: PasswordRow | null | undefined, decoyCost?: string): Cooperative<PasswordVerification>
}

/** A user and the stored password hash; null if the user has none. */
export interface PasswordRow {
  readonly id: UserId
  readonly passwordHash: string | null
}

interface PasswordKeys {
  readonly hasher: PasswordHasher
  /** New hashes use the newest pepper. Verification uses the pepper that the hash names (`keyid`). */
  readonly ring: KeyRing
  readonly params: PasswordHashParams
  readonly deriveForeign: DeriveForeign
}

const NO_SALT = new Uint8Array(16)

export function keyPasswords({ hasher, ring, params, deriveForeign }: PasswordKeys): KeyedPasswords {
  const keyId = String(ring.newest.version)
  const pepper = { keyId, secret: ring.newest.pepper }
  const pepperByKeyId = (id: string) => ring.all.find(({ version }) => String(version) === id)?.pepper
  const verify = (password: string, phc: string, userId?: UserId) =>
    hasher.verifyPassword(password, { userId, phc }, pepperByKeyId, params, keyId)
  function* derive(password: string, scheme: ForeignScheme, salt = NO_SALT): Cooperative<string> {
    return toBase64url(yield* deriveForeign(scheme, salt, password))
  }

  function* checkImported(
    password: string,
    { scheme, salt, phc }: ImportedHash,
    userId: UserId,
  ): Cooperative<PasswordVerification> {
    const { matches } = yield* verify(yield* derive(password, scheme, salt), phc, userId)
    // A successful sign-in replaces the imported hash by one of our own, unless another password could match
    // as well.
    return { matches, needsRehash: matches && provesWhole(scheme, password) }
  }

  return {
    hash: (password, userId) => hasher.hashPassword(password, { userId, params, pepper }),
    *adopt({ scheme, salt, digest }, userId) {
      const phc = yield* hasher.hashPassword(toBase64url(digest), { userId, params, pepper })
      return encodeImportedHash({ scheme, salt, phc })
    },
    *check(password, stored, decoyCost) {
      if (stored?.passwordHash) {
        const imported = parseImportedHash(stored.passwordHash)
        if (imported !== undefined) return yield* checkImported(password, imported, stored.id)
        return yield* verify(password, stored.passwordHash, stored.id)
      }
      const cost = decoyCost === undefined ? undefined : parseCost(decoyCost)
      const decoy = decoyHash(cost?.params ?? params, keyId)
      yield* verify(cost?.scheme ? yield* derive(password, cost.scheme) : password, decoy)
      return { matches: false, needsRehash: false }
    },
  }
}
