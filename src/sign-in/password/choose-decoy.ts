import { nameCost } from '../../crypto/passwords/password-cost.ts'
import type { StoredCost } from '../../storage/database/password-costs.ts'

interface DecoyChoice {
  /** The hash of the account, if there is one. */
  readonly storedHash: string | null | undefined
  readonly costs: readonly StoredCost[]
  /** Keyed fingerprint of the address, a version and base64url: the same for every attempt. */
  readonly fingerprint: string
}

/**
 * The cost that a decoy imitates, so that a clock does not tell an unknown address from an account whose hash
 * was imported, or made before `ARGON2_MEMORY_KIB` changed. Unknown addresses are given costs in the
 * proportions in which stored hashes have them, each address always the same one; as people sign in, the
 * proportions change, and unknown addresses change to today's cost as known ones do. A locked account costs
 * what its own hash does.
 * @returns a name as `nameCost` gives it; undefined for the cost of a new hash
 */
export function chooseDecoy({ storedHash, costs, fingerprint }: DecoyChoice): string | undefined {
  if (storedHash) return nameCost(storedHash)
  const all = costs.reduce((sum, { credentials }) => sum + credentials, 0)
  const place = placeOf(fingerprint) * all
  let end = 0
  for (const { cost, credentials } of costs) {
    end += credentials
    if (place < end) return cost
  }
  return undefined
}

/** From 0 up to 1, evenly: the fingerprint is an HMAC, and its first 48 bits are as random as the rest. */
function placeOf(fingerprint: string): number {
  const bytes = Buffer.from(fingerprint.slice(fingerprint.indexOf('.') + 1), 'base64url')
  return bytes.length < 6 ? 0 : bytes.readUIntBE(0, 6) / 2 ** 48
}
