import type { ForeignScheme } from './scheme.ts'

/** How many bytes of a password bcrypt reads. */
const BCRYPT_BYTES = 72

/**
 * Whether a password that matches a foreign hash must be exactly the password that was hashed. If several
 * passwords match the same hash, the submitted one may differ from the one that the owner chose, so it must
 * not replace the stored hash.
 *
 * - bcrypt reads 72 bytes. If a password has 72 or more, the rest of the chosen password is unknown.
 * - bcrypt repeats the password and a NUL, and HMAC pads with NULs: `a`, `a\0` and `a\0a` may all match.
 * - better-auth hashes the NFKC form, so `ﬁ` and `fi` both match. Our own hash uses the NFC form.
 */
export function provesWhole({ name }: ForeignScheme, password: string): boolean {
  if (password.includes('\0') || !password.isWellFormed()) return false
  switch (name) {
    case 'bcrypt':
      return new TextEncoder().encode(password).length < BCRYPT_BYTES
    case 'scrypt':
      return password.normalize('NFKC') === password.normalize('NFC')
    case 'firebase':
    case 'pbkdf2':
    case 'argon2':
      return true
  }
}
