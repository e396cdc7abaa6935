import { type Bytes, fromBase64url, toBase64url } from '../../encoding.ts'
import { type ForeignScheme, nameScheme, parseScheme } from './scheme.ts'

/** An imported password as it is stored: what to make of a password first, and the keyed hash of that. */
export interface ImportedHash {
  readonly scheme: ForeignScheme
  readonly salt: Bytes
  /** Argon2id under this deployment's pepper, of the other system's hash. */
  readonly phc: string
}

const IMPORTED = /^imported:([a-z0-9-]{1,48}):([\w-]{1,86})(\$argon2id\$.{1,400})$/

/** `imported:<scheme>:<salt, base64url><PHC string>`. SQL reads the scheme out of it, in triggers. */
export const encodeImportedHash = ({ scheme, salt, phc }: ImportedHash): string =>
  `imported:${nameScheme(scheme)}:${toBase64url(salt)}${phc}`

/** Undefined for a hash that was made here, and for one that somebody made too dear in the database. */
export function parseImportedHash(stored: string): ImportedHash | undefined {
  const [, name = '', saltText = '', phc = ''] = IMPORTED.exec(stored) ?? []
  const [scheme, salt] = [parseScheme(name), fromBase64url(saltText)]
  return scheme && salt && { scheme, salt, phc }
}
