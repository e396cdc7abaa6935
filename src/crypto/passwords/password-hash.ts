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

/** The secret that keys every password hash, under its version; kept outside the database. */
export interface Pepper {
  readonly keyId: string
  readonly secret: Uint8Array
}

/** `matches` decides the sign-in; `needsRehash` is only ever true of a password that matches. */
export interface PasswordVerification {
  readonly matches: boolean
  readonly needsRehash: boolean
}

/** Hashes and verifies passwords, in the slices of one Argon2id hash. */
export interface PasswordHasher {
  /**
   * The PHC string of a password, any Unicode text: 32-byte tag, and 16 random bytes of salt unless one is
   * given. The user's id is Argon2's associated data (X of RFC 9106), so that a hash copied to another user's
   * row opens nothing.
   * @throws RangeError for params, salt or key id that `parsePasswordHash` would refuse.
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
   * Compares a password with the hash stored for a user, in constant time. A hash that is malformed or out of
   * bounds matches nothing, and costs one hash with the current parameters to say so; one under an unknown
   * pepper costs its own.
   */
  verifyPassword(
    password: string,
    stored: StoredPassword,
    pepperByKeyId: (keyId: string) => Uint8Array | undefined,
    currentParams: PasswordHashParams,
    currentKeyId: string,
  ): Cooperative<PasswordVerification>
}

/** What the database holds for a user. */
export interface StoredPassword {
  readonly userId: UserId | undefined
  /** Empty without one. */
  readonly phc: string
}

const SALT_BYTES = 16
const TAG_BYTES = 32

/** Passwords over the given Argon2id (OWASP ASVS 5.0.0, 11.4.2). */
export function createPasswordHasher(argon2id: Argon2id): PasswordHasher {
  function* tagOf(
    password: string,
    input: Pick<Argon2idInput, 'salt' | 'secret' | 'associatedData' | 'tagLength'> & PasswordHashParams,
  ): Cooperative<Uint8Array> {
    // Of a request that is cut off between two slices no `finally` runs: then the garbage collector alone
    // takes these.
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
 * The PHC string that stands in for an unknown user's: verifying against it costs as much, and no password
 * matches.
 */
export function decoyHash(params: PasswordHashParams, keyId: string): string {
  return encodePasswordHash(decoy(params, keyId))
}

// Constant, because Workers have no randomness while they start. Nobody can find a password whose tag is
// zero.
function decoy(params: PasswordHashParams, keyId: string): PasswordHash {
  return { params, keyId, isBound: true, salt: new Uint8Array(SALT_BYTES), tag: new Uint8Array(TAG_BYTES) }
}

/** As long for an unknown user as for a known one. */
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

// Keyboards differ in how they compose an accent, so one normal form must be chosen: RFC 8265 section 4.2
// takes NFC.
const passwordBytes = (password: string): Uint8Array => new TextEncoder().encode(password.normalize('NFC'))
