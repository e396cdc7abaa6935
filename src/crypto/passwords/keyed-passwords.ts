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
 * Password hashes under this deployment's peppers and cost. Each call is the work of one Argon2id hash, in
 * slices; with an imported hash, or a decoy that imitates one, the other system's scheme comes before it.
 */
export interface KeyedPasswords {
  /** A hash that only this user's password matches: copied to another user's row it matches nothing. */
  hash(password: string, userId: UserId): Cooperative<string>
  /**
   * Takes over another system's hash: it is hashed like a password, so that what is stored is worth no more
   * to a thief than any other hash here, however weak the other system's was.
   */
  adopt(foreign: ForeignHash, userId: UserId): Cooperative<string>
  /**
   * Without a stored hash a decoy is compared, so that an unknown account takes as long as a known one. An
   * imported hash also costs what the other system's did, and so does the decoy when it is to pass for one.
   * @param decoyCost name of the cost that a decoy imitates; undefined for that of a new hash
   */
  check(password: string, stored: PasswordRow | null | undefined, decoyCost?: string): Cooperative<PasswordVerification>
}

/** Whose password is compared, and the stored hash, if there is one. */
export interface PasswordRow {
  readonly id: UserId
  readonly passwordHash: string | null
}

interface PasswordKeys {
  readonly hasher: PasswordHasher
  /** The newest pepper writes, every pepper verifies; a hash says under which it was made (`keyid`). */
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
    // Whoever signs in gets a hash of our own, unless another password would have matched as well.
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
