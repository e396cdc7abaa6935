import { toBase64url, utf8 } from './encoding.ts'

/** How many codes an account gets at once. */
const RECOVERY_CODES = 10

/** Crockford's base32: digits and capital letters without I, L, O and U, so that no two look alike. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
/** Each character has 5 bits: 120 bits in all. */
const CHARACTERS = 24
const CANONICAL = /^[0-9A-HJKMNP-TV-Z]{24}$/

/**
 * Creates a new set of recovery codes.
 * @returns ten codes of 120 random bits, each in six groups of four characters
 */
export const newRecoveryCodes = (): string[] => Array.from({ length: RECOVERY_CODES }, newRecoveryCode)

function newRecoveryCode(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(CHARACTERS))
  // 256 is a multiple of 32, so each character is equally likely.
  const text = Array.from(bytes, (byte) => ALPHABET.charAt(byte % ALPHABET.length)).join('')
  return text.replace(/.{4}(?=.)/g, '$&-')
}

/**
 * Hashes a recovery code as D1 stores it. A code of 120 random bits cannot be found by trying, so a plain
 * hash is enough (ASVS 6.5.2), and no rotation of root keys concerns it. Case, spaces and dashes do not
 * matter, and letters that look like digits are read as digits.
 * @param userId whose code it is. The hash of one person's code fits no other person.
 * @param typed what the person typed
 * @returns SHA-256, base64url; undefined for a text that is no recovery code
 */
export async function hashRecoveryCode(userId: string, typed: string): Promise<string | undefined> {
  const code = typed.replace(/[\s-]/g, '').toUpperCase().replace(/O/g, '0').replace(/[IL]/g, '1')
  if (!CANONICAL.test(code)) return undefined
  const hash = await crypto.subtle.digest('SHA-256', utf8(`latchkey/recovery/v1|${userId}|${code}`))
  return toBase64url(new Uint8Array(hash))
}
