import { AppError } from './errors.ts'
import type { DataKeyLookup } from './ports.ts'

/**
 * Returns the data key of a person, or throws if it cannot be used.
 * @throws AppError `invalid_access_token` when the person is erased; `unavailable` when no store answered;
 * `misconfigured` when the root key of the data key is missing. The operator has to correct that, and it must
 * never look like an erasure.
 */
export function requireKey(lookup: DataKeyLookup): CryptoKey {
  if (lookup.kind === 'found') return lookup.key
  refuseErased(lookup)
  throw new AppError('missingRootKey' in lookup ? 'misconfigured' : 'unavailable')
}

/**
 * For work that does not read personal data. It may continue while no store answers, but not for a person
 * whose data key was destroyed.
 * @throws AppError `invalid_access_token`
 */
export function refuseErased(lookup: DataKeyLookup): void {
  if (lookup.kind === 'destroyed') throw new AppError('invalid_access_token')
}
