import { segmentDigits } from '../../../crypto/segment-name.ts'
import { inName } from './segment-number.ts'

/**
 * The path of a segment of format 2. Without the key no attacker can compute it, so no attacker can create an
 * object there before the service does.
 * @param nameKey from `LogVault`
 */
export const segmentPath = (nameKey: Uint8Array, sequence: number): string =>
  `${segmentPrefix(sequence)}${segmentDigits(nameKey, sequence)}.ndjson`

/** With what the paths of all objects begin that could be the segment with this number. */
export const segmentPrefix = (sequence: number): string => `audit/${inName(sequence)}-`

const PATH = /^audit\/(\d{12})-[0-9a-f]{16}\.ndjson$/

/** @returns the number in the path of a segment of format 2; undefined for any other path */
export function sequenceIn(path: string): number | undefined {
  const sequence = Number(PATH.exec(path)?.[1] ?? 0)
  return sequence >= 1 ? sequence : undefined
}
