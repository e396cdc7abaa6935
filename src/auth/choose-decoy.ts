import { parseImportedHash } from '../crypto/foreign/imported-hash.ts'
import { nameScheme } from '../crypto/foreign/scheme.ts'
import type { ImportedScheme } from '../storage/database/imported-passwords.ts'

interface DecoyChoice {
  /** The hash of the account, if there is one. */
  readonly storedHash: string | null | undefined
  readonly schemes: readonly ImportedScheme[]
  /** Keyed fingerprint of the address, a version and base64url: the same for every attempt. */
  readonly fingerprint: string
}

/**
 * The scheme that a decoy imitates, so that a clock does not tell an unknown address from an imported account that
 * waits for its first sign-in. Unknown addresses are given schemes in the proportions in which accounts have them, each
 * address always the same one; as people sign in, the proportions fall, and unknown addresses change to our own hash as
 * known ones do. A locked account costs what its own hash does.
 * @returns undefined for our own hash: always, where nobody was imported
 */
export function chooseDecoy({ storedHash, schemes, fingerprint }: DecoyChoice): string | undefined {
  if (storedHash) {
    const imported = parseImportedHash(storedHash)
    return imported && nameScheme(imported.scheme)
  }
  const place = placeOf(fingerprint)
  let end = 0
  for (const { scheme, credentials, users } of schemes) {
    end += credentials / Math.max(credentials, users)
    if (place < end) return scheme
  }
  return undefined
}

/** From 0 up to 1, evenly: the fingerprint is an HMAC, and its first 48 bits are as random as the rest. */
function placeOf(fingerprint: string): number {
  const bytes = Buffer.from(fingerprint.slice(fingerprint.indexOf('.') + 1), 'base64url')
  return bytes.length < 6 ? 0 : bytes.readUIntBE(0, 6) / 2 ** 48
}
