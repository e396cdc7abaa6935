import { type ChainHead, GENESIS, hashText } from '../format/chain-head.ts'
import { isClosing } from '../format/old-segment.ts'
import { hashSegment } from '../format/segment.ts'
import { oldSegmentPath } from '../format/segment-number.ts'
import { sequenceIn } from '../format/segment-path.ts'
import type { KeptHead, RecordedDistrust } from '../format/signed-head.ts'
import { openSegment } from '../format/signed-segment.ts'
import type { ChainFinding } from './chain-finding.ts'
import { distrustedAt, found } from './chain-finding.ts'
import { startWalk, type Walk, type WalkedEvent } from './chain-walk.ts'
import type { KeyChange } from './key-changes.ts'
import { findRepeated } from './repeated-events.ts'
import { SeenIds } from './seen-ids.ts'
import { type Extent, measureExtent, type SegmentSource, Strays } from './segment-source.ts'
import { walkChain } from './walk-chain.ts'

/** How far the verification has come. */
export interface ChainProgress {
  readonly segments: number
  readonly ofSegments: number
  readonly events: number
}

/** An archive without a finding. */
export interface SoundChain {
  readonly ok: true
  readonly head: ChainHead
  /** Number of segments, from the first one. */
  readonly segments: number
  readonly events: number
  /** Thumbprints of the keys whose checkpoints were accepted. */
  readonly keys: readonly string[]
  /** The thumbprint of the key that signed the newest checkpoint. */
  readonly signedBy: string | undefined
  /**
   * Keys that an anchored key endorsed for the segment from which they signed, and that endorsed others so.
   */
  readonly vouched: ReadonlySet<string>
  /** Where another key began to sign: how many times, and the first hundred. */
  readonly changes: { readonly count: number; readonly shown: readonly KeyChange[] }
  /** The keys that the service distrusts, according to the newest checkpoint. */
  readonly distrusted: readonly RecordedDistrust[]
  /** When the newest segment was written, in Unix milliseconds; 0 if it is of format 1. */
  readonly createdAtMs: number
  /** The newest segment is of format 1 and has no checkpoint, so no signature covers it. */
  readonly unsignedTail: boolean
  /** Events that stand in two segments with the same contents. The first one counts. */
  readonly repeated: number
  /** Objects that are no part of the chain: how many, and the first ten paths. */
  readonly strays: { readonly count: number; readonly shown: readonly string[] }
}

export type ChainVerdict = SoundChain | { readonly ok: false; readonly finding: ChainFinding }

export interface ChainOptions {
  /** An earlier head to compare the archive with. */
  readonly kept?: KeptHead | undefined
  /** Verify only what follows `kept`. */
  readonly onlyAfterKept?: boolean | undefined
  /** Ids in memory at once. With more events, the archive is read several times. */
  readonly idsAtOnce?: number | undefined
  /** Called once for each event of a sound segment. */
  readonly onEvent?: ((event: WalkedEvent) => void) | undefined
  /** Called once for the lines of each sound segment, in the order of the archive. */
  readonly onLines?: Walk['onLines'] | undefined
}

/**
 * Verifies an archive from its first segment, and stops at the first finding.
 * @returns the verdict, after yielding progress at every segment
 */
export async function* verifyChain(
  source: SegmentSource,
  { kept, onlyAfterKept, idsAtOnce, onEvent, onLines }: ChainOptions = {},
): AsyncGenerator<ChainProgress, ChainVerdict> {
  if (onlyAfterKept && kept?.isSigned === false) return { ok: false, finding: unknownSigner(kept) }
  if (kept && (await source.isDistrusted?.(kept.kid, kept.head.sequence))) {
    return { ok: false, finding: distrustedAt(kept.head.sequence, kept.kid) }
  }
  const extent = await measureExtent(source)
  const last = Math.max(extent.lastSegment, extent.lastOldSegment)
  const begin = (strays: Strays, visit: Walk['visit'], first: Partial<Pick<Walk, 'onLines'>> = {}): Walk => {
    const start = onlyAfterKept && kept ? startOf(kept) : { head: GENESIS }
    return startWalk(source, { last, kept, strays, visit, ...first, ...start })
  }

  async function* walkAll(walk: Walk) {
    const steps = walkChain(walk)
    let step = await steps.next()
    for (; !step.done; step = await steps.next()) {
      yield { segments: walk.head.sequence, ofSegments: last, events: walk.head.eventCount }
    }
    return step.value
  }

  const suspects = new Set<string>()
  const noting =
    (ids: SeenIds): Walk['visit'] =>
    (event) => {
      if (!ids.add(event.id)) suspects.add(event.id)
      return undefined
    }
  const capacity = idsAtOnce === undefined ? {} : { capacity: idsAtOnce }
  const ids = new SeenIds(capacity)
  const note = noting(ids)
  const visit: Walk['visit'] = (event, sequence) => {
    onEvent?.(event)
    return note(event, sequence)
  }
  const walk = begin(extent.strays, visit, onLines && { onLines })
  const finding = (yield* walkAll(walk)) ?? (await checkEnd(walk, extent))
  if (finding) return { ok: false, finding }
  for (let share = 1; share < ids.shares; share++) {
    yield* walkAll(begin(new Strays(), noting(new SeenIds({ ...capacity, share, shares: ids.shares }))))
  }
  const repeated = findRepeated(suspects)
  if (suspects.size > 0) {
    const twice = yield* walkAll(begin(new Strays(), repeated.visit))
    if (twice) return { ok: false, finding: twice }
  }
  const { head, keys, signedBy, createdAtMs, unsignedTail, strays, vouched, distrusted } = walk
  return {
    ...{ ok: true, head, segments: head.sequence, events: head.eventCount, keys: [...keys] },
    ...{ signedBy, createdAtMs, unsignedTail, repeated: repeated.count() },
    ...{ vouched, distrusted, changes: { count: walk.changeCount, shown: walk.changes } },
    strays: { count: strays.count, shown: strays.shown },
  }
}

function startOf({ head, kid }: KeptHead) {
  const { sequence, hash, event_count: eventCount, started, created_at } = head
  const start = { head: { sequence, hash, eventCount }, signedBy: kid }
  return started ? { ...start, started: started.sequence, createdAtMs: Date.parse(created_at) } : start
}

const unknownSigner = ({ head: { sequence } }: KeptHead): ChainFinding =>
  found('forged-head', sequence, 'no known key signed the kept checkpoint')

/** Checks that nothing follows the last segment of the walk. */
async function checkEnd(walk: Walk, extent: Extent): Promise<ChainFinding | undefined> {
  const { head, kept, started } = walk
  const next = head.sequence + 1
  // After the first segment of format 2, names of format 1 are no part of the chain.
  if (started === undefined && (await hasOldSegments(walk, extent))) {
    return found('gap', next, `segment ${next} is missing`)
  }
  const named = Math.max(started === undefined ? extent.lastCheckpoint : 0, kept?.head.sequence ?? 0)
  if (named > head.sequence) {
    return found(
      'truncated',
      named,
      `a checkpoint names segment ${named}, but the archive ends with segment ${head.sequence}`,
    )
  }
  const later = extent.lastSegment > head.sequence ? await findLater(walk) : undefined
  if (later !== undefined) {
    return found('gap', next, `segment ${next} is missing, although segment ${later} is there`)
  }
  if (kept !== undefined && walk.keys.size === 0 && !(await holdsKept(walk, kept))) {
    const { sequence } = kept.head
    return found(
      'truncated',
      sequence,
      `the kept checkpoint names segment ${sequence}, and the archive does not have it`,
    )
  }
  return undefined
}

/** Whether the archive has the kept segment. Asked when no segment was read that follows it. */
async function holdsKept({ source }: Walk, { head: { sequence, hash } }: KeptHead): Promise<boolean> {
  for (const path of [oldSegmentPath(sequence), ...(await source.findSegments(sequence))]) {
    const text = new TextDecoder().decode(await source.read(path))
    if ((await hashText(text)) === hash || (await hashSegment(text)) === hash) return true
  }
  return false
}

async function hasOldSegments({ source, head }: Walk, { lastOldSegment }: Extent): Promise<boolean> {
  if (lastOldSegment <= head.sequence) return false
  const bytes = lastOldSegment === head.sequence + 1 ? await source.read(oldSegmentPath(lastOldSegment)) : undefined
  return bytes === undefined || !isClosing(new TextDecoder().decode(bytes))
}

/** Objects with later numbers that are read. An attacker may have planted any number. */
const READ_LATER = 1000

/** Looks for a signed segment after the end of the walk. The other objects there are strays. */
async function findLater({ source, head, findKey, strays }: Walk): Promise<number | undefined> {
  let read = 0
  for await (const path of source.listSegments()) {
    const sequence = sequenceIn(path)
    if (sequence === undefined || sequence <= head.sequence) continue
    const bytes = read++ < READ_LATER ? await source.read(path) : undefined
    const opened = bytes && (await openSegment(new TextDecoder().decode(bytes), findKey))
    if (opened?.head.sequence === sequence) return sequence
    strays.add(path)
  }
  return undefined
}

export type RangeVerdict =
  | { readonly ok: true; readonly head: ChainHead; readonly unsignedTail: boolean }
  | { readonly ok: false; readonly finding: ChainFinding }

/**
 * Checks that the segments after a head, up to segment `last`, continue that head and each other. An event
 * archived twice is found by `verifyChain` alone.
 */
export async function verifyRange(
  source: SegmentSource,
  start: Pick<Walk, 'head'> & Partial<Pick<Walk, 'started' | 'createdAtMs'>>,
  last: number,
): Promise<RangeVerdict> {
  const walk = startWalk(source, { ...start, last, kept: undefined, strays: new Strays(), visit: () => undefined })
  const steps = walkChain(walk)
  let step = await steps.next()
  while (!step.done) step = await steps.next()
  const missing = walk.head.sequence + 1
  const finding = step.value ?? (missing <= last ? found('gap', missing, `segment ${missing} is missing`) : undefined)
  if (finding) return { ok: false, finding }
  return { ok: true, head: walk.head, unsignedTail: walk.unsignedTail }
}
