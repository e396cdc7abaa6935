import { timingSafeEqual } from 'node:crypto'
import type { UserId } from '../../core/ids.ts'
import type { Argon2id } from '../argon2id/driver.ts'
import type { Argon2idInput } from '../argon2id/parameters.ts'
import { utf8 } from '../encoding.ts'
import type { Cooperative } from '../hash-queue/cooperative.ts'
import {
  encodePasswordHash,
  isAffordable,
  type PasswordHash,
  type PasswordHashParams,
  parsePasswordHash,
} from '../phc.ts'

/** The secret key of password hashes, and its version. It is kept outside the database. */
export interface Pepper {
  readonly keyId: string
  readonly secret: Uint8Array
}

/** The result of a comparison. `needsRehash` can be true only if `matches` is true. */
export interface PasswordVerification {
  readonly matches: boolean
  readonly needsRehash: boolean
}

/** Hashes and verifies passwords. Each call computes one Argon2id hash, in slices. */
export interface PasswordHasher {
  /**
   * Hashes a password, which may be any Unicode text, and returns a PHC string with a 32-byte tag. The salt
   * is 16 random bytes unless one is given. The user's id is the associated data of Argon2 (X of RFC 9106),
   * so that a hash that an attacker copies to another user's row matches no password.
   * @throws RangeError for params, salt or key id that `parsePasswordHash` would refuse
   */
  hashPassword(
    password: string,
    options: {
      readonly userId: UserId
      readonly params: PasswordHashParams
      readonly pepper: Pepper
      readonly salt?: Uint8Array
    },
  ): Cooperative<string>
  /**
   * Compares a password with the hash stored for a user, in constant time. No password matches a malformed or
   * out-of-bounds hash; the comparison then costs one hash with the current parameters. For a hash with an
   * unknown pepper it costs one hash with that hash's parameters.
   */
  verifyPassword(
    password: string,
    stored: StoredPassword,
    pepperByKeyId: (keyId: string) => Uint8Array | undefined,
    currentParams: PasswordHashParams,
    currentKeyId: string,
  ): Cooperative<PasswordVerification>
}

/** The user and the hash from the database. */
export interface StoredPassword {
  readonly userId: UserId | undefined
  /** Empty if the user has no password. */
  readonly phc: string
}

const SALT_BYTES = 16
const TAG_BYTES = 32

/** Creates a password hasher that uses the given Argon2id (OWASP ASVS 5.0.0, 11.4.2). */
export function createPasswordHasher(argon2id: Argon2id): PasswordHasher {
  function* tagOf(
    password: string,
    input: Pick<Argon2idInput, 'salt' | 'secret' | 'associatedData' | 'tagLength'> & PasswordHashParams,
  ): Cooperative<Uint8Array> {
    // If the request is aborted between two slices, the `finally` does not run. The bytes then remain in
    // memory until they are garbage-collected.
    const bytes = passwordBytes(password)
    try {
      return yield* argon2id({ ...input, password: bytes })
    } finally {
      bytes.fill(0)
    }
  }

  return {
    *hashPassword(password, { userId, params, pepper, salt = crypto.getRandomValues(new Uint8Array(SALT_BYTES)) }) {
      if (!isAffordable(params)) throw new RangeError('the password hash parameters are out of bounds')
      const input = { ...params, salt, secret: pepper.secret, associatedData: utf8(userId), tagLength: TAG_BYTES }
      const tag = yield* tagOf(password, input)
      const phc = encodePasswordHash({ params, keyId: pepper.keyId, isBound: true, salt, tag })
      if (!parsePasswordHash(phc)) throw new RangeError('the password hash has a salt or key id that cannot be stored')
      return phc
    },

    *verifyPassword(password, { userId, phc }, pepperByKeyId, currentParams, currentKeyId) {
      const stored = parsePasswordHash(phc)
      const storedPepper = stored && pepperByKeyId(stored.keyId)
      const compared = stored && storedPepper ? stored : decoy(stored?.params ?? currentParams, currentKeyId)
      const pepper = storedPepper ?? new Uint8Array(TAG_BYTES)
      const { params, salt } = compared
      const input = { ...params, salt, secret: pepper, tagLength: compared.tag.length }
      const tag = yield* tagOf(password, compared.isBound ? { ...input, associatedData: ownerOf(userId) } : input)
      const matches = timingSafeEqual(tag, compared.tag) && compared === stored
      return { matches, needsRehash: matches && !isCurrent(compared, currentParams, currentKeyId) }
    },
  }
}

/**
 * Returns the PHC string that replaces the hash of an unknown user. Verifying it costs as much as a real
 * hash, and no password matches it.
 */
export function decoyHash(params: PasswordHashParams, keyId: string): string {
  return encodePasswordHash(decoy(params, keyId))
}

// Constant, because a Worker cannot create random bytes while it starts. It is infeasible to find a password
// whose tag is all zeros.
function decoy(params: PasswordHashParams, keyId: string): PasswordHash {
  return { params, keyId, isBound: true, salt: new Uint8Array(SALT_BYTES), tag: new Uint8Array(TAG_BYTES) }
}

/** The associated data. It has the same length for an unknown user as for a known one. */
const ownerOf = (userId: UserId | undefined): Uint8Array => utf8(userId ?? NO_USER)

const NO_USER = '00000000-0000-0000-0000-000000000000'

function isCurrent(
  { params, keyId, isBound, salt, tag }: PasswordHash,
  current: PasswordHashParams,
  currentKeyId: string,
) {
  return (
    params.memoryKib === current.memoryKib &&
    params.iterations === current.iterations &&
    params.parallelism === current.parallelism &&
    keyId === currentKeyId &&
    isBound &&
    salt.length >= SALT_BYTES &&
    tag.length >= TAG_BYTES
  )
}

// Keyboards encode accented letters in different ways, so the password is normalized. RFC 8265 section 4.2
// chooses NFC.
const passwordBytes = (password: string): Uint8Array => new TextEncoder().encode(password.normalize('NFC'))
