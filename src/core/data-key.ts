import { AppError } from './errors.ts'
import type { DataKeyLookup } from './ports.ts'

/**
 * The key to read someone's data with.
 * @throws AppError `invalid_access_token` when erased, `unavailable`; `misconfigured` when its root key is
 * missing, which is the operator's to mend and must never look like an erasure
 */
export function requireKey(lookup: DataKeyLookup): CryptoKey {
  if (lookup.kind === 'found') return lookup.key
  refuseErased(lookup)
  throw new AppError('missingRootKey' in lookup ? 'misconfigured' : 'unavailable')
}

/**
 * For what can be done without reading personal data: goes on while no store answers, and stops for a person
 * whose key was destroyed.
 * @throws AppError `invalid_access_token`
 */
export function refuseErased(lookup: DataKeyLookup): void {
  if (lookup.kind === 'destroyed') throw new AppError('invalid_access_token')
}
