import { type Bytes, fromBase64url, toBase64url } from '../../encoding.ts'
import { type ForeignScheme, nameScheme, parseScheme } from './scheme.ts'

/**
 * An imported password hash as it is stored: the other system's scheme and salt, and our keyed hash of its
 * result.
 */
export interface ImportedHash {
  readonly scheme: ForeignScheme
  readonly salt: Bytes
  /** Argon2id of the other system's hash, under this deployment's pepper. */
  readonly phc: string
}

const IMPORTED = /^imported:([a-z0-9-]{1,48}):([\w-]{1,86})(\$argon2id\$.{1,400})$/

/**
 * Writes `imported:<scheme>:<salt, base64url><PHC string>`. Triggers in SQL read the scheme from this text.
 */
export const encodeImportedHash = ({ scheme, salt, phc }: ImportedHash): string =>
  `imported:${nameScheme(scheme)}:${toBase64url(salt)}${phc}`

/**
 * Parses an imported hash. Returns undefined for a hash that was created here, and for one whose scheme is
 * too costly, which an attacker may have written into the database.
 */
export function parseImportedHash(stored: string): ImportedHash | undefined {
  const [, name = '', saltText = '', phc = ''] = IMPORTED.exec(stored) ?? []
  const [scheme, salt] = [parseScheme(name), fromBase64url(saltText)]
  return scheme && salt && { scheme, salt, phc }
}
