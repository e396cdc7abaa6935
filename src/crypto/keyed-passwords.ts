import type { KeyRing } from './key-ring.ts'
import type { PasswordHasher, PasswordVerification } from './password-hash.ts'
import type { PasswordHashParams } from './phc.ts'

/** Password hashes under this deployment's peppers and cost. Each call takes the CPU for one Argon2id hash. */
export interface KeyedPasswords {
  hash(password: string): string
  /** Without a stored hash a decoy is verified, so that an unknown account takes as long as a known one. */
  check(password: string, stored: string | null | undefined): PasswordVerification
}

/** @param ring the newest pepper writes, every pepper verifies; a hash says under which it was made (`keyid`) */
export function keyPasswords(hasher: PasswordHasher, ring: KeyRing, params: PasswordHashParams): KeyedPasswords {
  const keyId = String(ring.newest.version)
  const pepperByKeyId = (id: string) => ring.all.find(({ version }) => String(version) === id)?.pepper
  return {
    hash: (password) => hasher.hashPassword(password, { params, pepper: { keyId, secret: ring.newest.pepper } }),
    check: (password, stored) => hasher.verifyPassword(password, stored ?? '', pepperByKeyId, params, keyId),
  }
}
