import { type ChainHead, hashText } from '../format/chain-head.ts'
import type { FindKey, KeptHead, RecordedDistrust } from '../format/signed-head.ts'
import type { ChainFinding } from './chain-finding.ts'
import type { KeyChange } from './key-changes.ts'
import type { SegmentSource, Strays } from './segment-source.ts'

/** An event of either format, as far as the verifier compares it. */
export interface WalkedEvent {
  readonly id: string
  readonly occurred_at: number
  readonly action: string
  readonly outcome: string
  readonly actor_type: string
  readonly subject_id: string | null
  readonly from_database?: readonly string[]
}

/** State that is carried from one segment to the next. Its size does not grow with the archive. */
export interface Walk {
  readonly source: SegmentSource
  readonly findKey: FindKey
  /** No segment after this one is read. */
  readonly last: number
  readonly kept: KeptHead | undefined
  readonly keys: Set<string>
  /**
   * Keys that an anchored key endorsed for the segment from which they signed, and that endorsed others so.
   */
  readonly vouched: Set<string>
  /** The first changes of keys. */
  readonly changes: KeyChange[]
  changeCount: number
  readonly strays: Strays
  /** Called for each event of a sound segment. @returns what is wrong with it */
  readonly visit: (event: WalkedEvent, sequence: number) => ChainFinding | undefined
  /** Called for the event lines of each sound segment, as they are in it. */
  readonly onLines: (lines: readonly string[]) => void
  head: ChainHead
  /** Unix milliseconds; those of the newest segment of format 2. */
  createdAtMs: number
  /** The first segment of format 2, once it has been read. */
  started: number | undefined
  /** The key that signed the newest segment. */
  signedBy: string | undefined
  /** The keys that the service distrusts, according to the newest checkpoint. */
  distrusted: readonly RecordedDistrust[]
  /** The newest segment is of format 1 and has no checkpoint (yet). */
  unsignedTail: boolean
}

/** Starts a walk after a head. */
export const startWalk = (
  source: SegmentSource,
  start: Pick<Walk, 'last' | 'head' | 'kept' | 'strays' | 'visit'> &
    Partial<Pick<Walk, 'started' | 'createdAtMs' | 'signedBy' | 'onLines'>>,
): Walk => ({
  source,
  findKey: rememberingKeys(source),
  keys: new Set(),
  vouched: new Set(),
  changes: [],
  changeCount: 0,
  distrusted: [],
  signedBy: undefined,
  unsignedTail: false,
  started: undefined,
  createdAtMs: 0,
  onLines: () => undefined,
  ...start,
})

/** Visits the events of a segment. */
export function visitAll(walk: Walk, events: readonly WalkedEvent[], sequence: number): ChainFinding | undefined {
  for (const event of events) {
    const finding = walk.visit(event, sequence)
    if (finding) return finding
  }
  return undefined
}

/** One key signs most of an archive, so only the newest key that was read is cached. */
function rememberingKeys(source: SegmentSource): FindKey {
  let newest: { readonly kid: string; readonly key: Promise<unknown> } | undefined
  return (kid) => {
    if (newest?.kid !== kid) newest = { kid, key: source.findKey(kid) }
    return newest.key
  }
}

/** Hashes a text; undefined for bytes that are not UTF-8. */
export const hashOf = async (text: string | undefined): Promise<string | undefined> =>
  text === undefined ? undefined : await hashText(text)
