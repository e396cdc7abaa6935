/**
 * A pass reads all erasure markers twice. It first counts the people whom a restore brought back, and then
 * reopens their erasures.
 */
export interface ReopenPass {
  readonly phase: 'count' | 'reopen'
  /** How many people may be reopened from here on. */
  readonly allowed: number
  /** How many people the pass has counted. */
  readonly found: number
  /** Cursor of the markers; undefined at their beginning. */
  readonly after: string | undefined
}

/** The beginning of a pass that may reopen so many people. */
export const beginPass = (allowed: number): ReopenPass => ({ phase: 'count', allowed, found: 0, after: undefined })

/** The pass as the cursor of a job. */
export const formatPass = ({ phase, allowed, found, after = '' }: ReopenPass): string =>
  `${phase}:${allowed}:${found}:${after}`

const FORMAT = /^(count|reopen):(\d{1,9}):(\d{1,9}):(.*)$/s

/** @returns undefined for no cursor, and for one that the version before has stored */
export function parsePass(cursor: string | undefined): ReopenPass | undefined {
  const [, phase, allowed, found, after] = FORMAT.exec(cursor ?? '') ?? []
  if (phase !== 'count' && phase !== 'reopen') return undefined
  return { phase, allowed: Number(allowed), found: Number(found), after: after === '' ? undefined : after }
}
