import { nameCost } from '../../crypto/passwords/password-cost.ts'
import type { StoredCost } from '../../storage/database/password-costs.ts'

interface DecoyChoice {
  /** The stored hash, if the account exists and has a password. */
  readonly storedHash: string | null | undefined
  readonly costs: readonly StoredCost[]
  /** Keyed fingerprint of the address: a version, a dot and base64url. It is the same for every attempt. */
  readonly fingerprint: string
}

/**
 * Chooses the cost of the decoy hash. The time of an answer must not distinguish an unknown address from an
 * account whose hash was imported, or was made before `ARGON2_MEMORY_KIB` changed.
 *
 * Unknown addresses get costs in the proportions of the stored hashes, and each address always gets the same
 * one. When sign-ins renew old hashes the proportions shift, and unknown addresses move to today's cost as
 * known ones do. A locked account gets the cost of its own hash.
 * @returns a name as `nameCost` gives it; undefined for the cost of a new hash
 */
export function chooseDecoy({ storedHash, costs, fingerprint }: DecoyChoice): string | undefined {
  if (storedHash) return nameCost(storedHash)
  const all = costs.reduce((sum, { credentials }) => sum + credentials, 0)
  const position = fractionOf(fingerprint) * all
  let end = 0
  for (const { cost, credentials } of costs) {
    end += credentials
    if (position < end) return cost
  }
  return undefined
}

/**
 * Maps the fingerprint evenly to a number from 0 (inclusive) to 1 (exclusive). The fingerprint is an HMAC, so
 * its first 48 bits are uniformly random.
 */
function fractionOf(fingerprint: string): number {
  const bytes = Buffer.from(fingerprint.slice(fingerprint.indexOf('.') + 1), 'base64url')
  return bytes.length < 6 ? 0 : bytes.readUIntBE(0, 6) / 2 ** 48
}
