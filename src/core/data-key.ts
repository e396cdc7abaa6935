import { AppError } from './errors.ts'
import type { DataKeyLookup } from './ports.ts'

/** The key to read someone's data with. @throws AppError `invalid_access_token` when erased, `unavailable` */
export function requireKey(lookup: DataKeyLookup): CryptoKey {
  refuseErased(lookup)
  if (lookup.kind !== 'found') throw new AppError('unavailable')
  return lookup.key
}

/**
 * For what can be done without reading personal data: goes on while no store answers, and stops for a person whose key
 * was destroyed. @throws AppError `invalid_access_token`
 */
export function refuseErased(lookup: DataKeyLookup): void {
  if (lookup.kind === 'destroyed') throw new AppError('invalid_access_token')
}
