/** A root key that somebody else may have. */
export interface Distrust {
  readonly version: number
  /**
   * The last segment of the audit archive in which its signature counts. Without it, the newest segment
   * that both the database and the vault name.
   */
  readonly sequence?: number
}

/** An entry of `DISTRUSTED_ROOT_KEYS`: a version, or a version and a position. */
export const DISTRUST_ENTRY = /^[1-9]\d{0,8}(@(0|[1-9]\d{0,11}))?$/

/** @param entry matches `DISTRUST_ENTRY` */
export function parseDistrust(entry: string): Distrust {
  const [version, sequence] = entry.split('@')
  return { version: Number(version), ...(sequence !== undefined && { sequence: Number(sequence) }) }
}

/**
 * Reads the value of `DISTRUSTED_ROOT_KEYS` for tools that need no other setting.
 * @throws RangeError when an entry is malformed
 */
export function parseDistrusts(text: string | undefined): readonly Distrust[] {
  const entries = (text ?? '').split(',').flatMap((entry) => entry.trim() || [])
  if (!entries.every((entry) => DISTRUST_ENTRY.test(entry))) throw new RangeError('DISTRUSTED_ROOT_KEYS is malformed')
  return entries.map(parseDistrust)
}

/** Finds what the settings say about a root key. */
export const distrustOf = (distrusted: readonly Distrust[], version: number | null): Distrust | undefined =>
  distrusted.find((one) => one.version === version)

/**
 * Whether the signature of a root key counts.
 * @param sequence the segment that it signed; absent for anything that is no segment, where a distrusted key
 * never counts
 */
export function countsAt(distrusted: readonly Distrust[], version: number | null, sequence?: number): boolean {
  const distrust = distrustOf(distrusted, version)
  return distrust === undefined || isUpTo(distrust, sequence)
}

/** As `countsAt`, but a root key that is distrusted without a position counts everywhere. */
export function mayCountAt(distrusted: readonly Distrust[], version: number | null, sequence?: number): boolean {
  const distrust = distrustOf(distrusted, version)
  return distrust?.sequence === undefined || sequence === undefined || isUpTo(distrust, sequence)
}

const isUpTo = (distrust: Distrust, sequence: number | undefined): boolean =>
  distrust.sequence !== undefined && sequence !== undefined && sequence <= distrust.sequence
