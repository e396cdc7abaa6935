import { UsageError } from '../shared/usage-error.ts'

export interface DistrustChoice {
  /** Keys that count up to a segment: `KID@SEQUENCE`. */
  readonly distrust?: readonly string[] | undefined
}

/** The keys that an auditor distrusts, and the last segment in which each counts. */
export interface Distrusts {
  /** Whether the key is named at all. Then it anchors nothing: another party may have it. */
  names(kid: string): boolean
  /** Whether the signature of a key no longer counts in a segment. */
  isAbove(kid: string, sequence: number): boolean
}

const ENTRY = /^([\w-]{43})@(0|[1-9]\d{0,11})$/

/** @throws UsageError */
export function readDistrusts({ distrust = [] }: DistrustChoice): Distrusts {
  const last = new Map<string, number>()
  for (const text of distrust) {
    const [, kid, sequence] = ENTRY.exec(text) ?? []
    if (kid === undefined) throw new UsageError(`--distrust ${text}: it must be a thumbprint, @, and a segment.`)
    last.set(kid, Math.min(Number(sequence), last.get(kid) ?? Number.POSITIVE_INFINITY))
  }
  return { names: (kid) => last.has(kid), isAbove: (kid, sequence) => sequence > (last.get(kid) ?? sequence) }
}
