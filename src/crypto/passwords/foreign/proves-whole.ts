import type { ForeignScheme } from './scheme.ts'

/** What bcrypt reads of a password. */
const BCRYPT_BYTES = 72

/**
 * Whether a password that matches a foreign hash must be the very password that was hashed. Several passwords
 * can match one hash: then the one that was typed is not proven, and must not take the place of the one that
 * its owner chose.
 *
 * - bcrypt reads 72 bytes. Of 72 or more nobody can tell how the chosen password goes on.
 * - bcrypt repeats password and NUL, and HMAC fills up with NULs: `a`, `a\0` and `a\0a` may match alike.
 * - better-auth hashes the NFKC form: `ﬁ` and `fi` match alike, and our own hash is of the NFC form.
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
