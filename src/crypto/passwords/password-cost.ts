import { isAffordable, type PasswordHashParams, parsePasswordHash } from '../phc.ts'
import { parseImportedHash } from './foreign/imported-hash.ts'
import { type ForeignScheme, nameScheme, parseScheme } from './foreign/scheme.ts'

/**
 * The cost of comparing a password with a stored hash: that of Argon2id, plus that of the scheme of an
 * imported hash.
 */
export interface PasswordCost {
  readonly params: PasswordHashParams
  readonly scheme: ForeignScheme | undefined
}

const COST = /^(?:([a-z0-9-]{1,48})\+)?m=(\d{1,5}),t=(\d{1,2}),p=(\d)$/

/**
 * Names the cost of a stored hash, such as `m=19456,t=2,p=1`, or `bcrypt-10-23+m=19456,t=2,p=1` for an
 * imported one. The triggers of the migration `password-costs` compute the same names.
 * @returns undefined for a hash that cannot be compared; checking it costs as much as a new hash
 */
export function nameCost(storedHash: string): string | undefined {
  const imported = parseImportedHash(storedHash)
  const params = parsePasswordHash(imported?.phc ?? storedHash)?.params
  if (params === undefined) return undefined
  const scheme = imported === undefined ? '' : `${nameScheme(imported.scheme)}+`
  return `${scheme}m=${params.memoryKib},t=${params.iterations},p=${params.parallelism}`
}

/**
 * Parses the name of a cost. Returns undefined for text that `nameCost` never returns, and for a cost that a
 * Worker does not accept.
 */
export function parseCost(name: string): PasswordCost | undefined {
  const [, schemeName, memoryKib, iterations, parallelism] = COST.exec(name) ?? []
  const params = { memoryKib: Number(memoryKib), iterations: Number(iterations), parallelism: Number(parallelism) }
  if (!isAffordable(params)) return undefined
  if (schemeName === undefined) return { params, scheme: undefined }
  const scheme = parseScheme(schemeName)
  return scheme && { params, scheme }
}
