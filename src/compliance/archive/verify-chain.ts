import { fromUtf8 } from '../../crypto/encoding.ts'
import type { ChainFinding, ChainFindingKind } from './chain-finding.ts'
import { SeenIds } from './seen-ids.ts'
import { type ChainHead, GENESIS, hashSegment, headAfter, parseSegment, type Segment } from './segment.ts'
import { measureExtent, readPlaces, type SegmentPlace, type SegmentSource } from './segment-source.ts'
import { type FindKey, type KeptHead, verifySignedHead } from './signed-head.ts'

/** How far the walk has come. */
export interface ChainProgress {
  readonly segments: number
  readonly ofSegments: number
  readonly events: number
}

export type ChainVerdict =
  | {
      readonly ok: true
      readonly head: ChainHead
      readonly segments: number
      readonly events: number
      /** Thumbprints of the keys whose checkpoints were believed. */
      readonly keys: readonly string[]
      /** The newest segment has no checkpoint (yet): what it says is not covered by a signature. */
      readonly unsignedTail: boolean
    }
  | { readonly ok: false; readonly finding: ChainFinding }

/** What is carried from one segment to the next; its size does not grow with the archive. */
interface Walk {
  readonly source: SegmentSource
  readonly findKey: FindKey
  readonly last: number
  readonly kept: KeptHead | undefined
  readonly ids: SeenIds
  readonly keys: Set<string>
  head: ChainHead
  unsignedTail: boolean
}

/**
 * Walks an archive from its first segment, and stops at the first thing that is wrong. Memory is bounded, so
 * an event archived twice is found only within the newest `DUPLICATE_WINDOW` events.
 * @param kept an earlier head to hold the archive against
 * @returns after progress at every segment, the verdict
 */
export async function* verifyChain(
  source: SegmentSource,
  kept?: KeptHead,
  ids: SeenIds = new SeenIds(),
): AsyncGenerator<ChainProgress, ChainVerdict> {
  const { lastSegment, lastCheckpoint, stray } = await measureExtent(source)
  const walk = startWalk(source, { last: lastSegment, head: GENESIS, kept, ids })
  for await (const place of readPlaces(source, 1, lastSegment)) {
    const finding = await checkPlace(walk, place)
    if (finding) return { ok: false, finding }
    yield { segments: place.sequence, ofSegments: lastSegment, events: walk.head.eventCount }
  }
  const finding = checkEnd(walk, lastCheckpoint, stray)
  if (finding) return { ok: false, finding }
  const { head, keys, unsignedTail } = walk
  return { ok: true, head, segments: lastSegment, events: head.eventCount, keys: [...keys], unsignedTail }
}

export type RangeVerdict =
  | { readonly ok: true; readonly head: ChainHead; readonly unsignedTail: boolean }
  | { readonly ok: false; readonly finding: ChainFinding }

/**
 * Checks that the segments after a head, up to the segment `last`, continue it and each other. An event
 * archived twice is found only within them.
 */
export async function verifyRange(source: SegmentSource, after: ChainHead, last: number): Promise<RangeVerdict> {
  const walk = startWalk(source, { last, head: after, kept: undefined, ids: new SeenIds() })
  for await (const place of readPlaces(source, after.sequence + 1, last)) {
    const finding = await checkPlace(walk, place)
    if (finding) return { ok: false, finding }
  }
  return { ok: true, head: walk.head, unsignedTail: walk.unsignedTail }
}

const startWalk = (source: SegmentSource, start: Pick<Walk, 'last' | 'head' | 'kept' | 'ids'>): Walk => ({
  source,
  findKey: rememberingKeys(source),
  keys: new Set(),
  unsignedTail: false,
  ...start,
})

/** A segment as it was found: both undefined for bytes that are not text. */
interface Found {
  readonly sequence: number
  readonly bytes: Uint8Array
  readonly hash: string | undefined
  readonly segment: Segment | undefined
}

async function checkPlace(walk: Walk, { sequence, segment: bytes, checkpoint }: SegmentPlace) {
  if (bytes === undefined) return found('gap', sequence, `segment ${sequence} is missing`)
  const text = decode(bytes)
  const hash = text === undefined ? undefined : await hashSegment(text)
  const here = { sequence, bytes, hash, segment: text === undefined ? undefined : parseSegment(text) }
  return (await checkName(walk, here)) ?? (await checkSignature(walk, here, checkpoint)) ?? checkContents(walk, here)
}

/** Whether a segment lies under the name that its header gives it. */
async function checkName(walk: Walk, { sequence, bytes, segment }: Found) {
  const named = segment?.header.sequence
  if (named === undefined || named === sequence) return undefined
  const original = await walk.source.readSegment(named)
  return original && sameBytes(original, bytes)
    ? found('duplicate', sequence, `segment ${named} is there a second time, in the place of segment ${sequence}`)
    : found('reordered', sequence, `in the place of segment ${sequence} lies one whose header says ${named}`)
}

async function checkSignature(walk: Walk, { sequence, hash, segment }: Found, checkpoint: Uint8Array | undefined) {
  if (checkpoint === undefined) {
    walk.unsignedTail = sequence === walk.last
    if (walk.unsignedTail) return undefined
    return found('unsigned', sequence, `segment ${sequence} has no checkpoint, though it is not the newest`)
  }
  const signed = await verifySignedHead(checkpoint, walk.findKey)
  if (signed === undefined) {
    return found('forged-head', sequence, `the checkpoint of segment ${sequence} is not one that a key here signed`)
  }
  if (signed.head.sequence !== sequence) {
    return found('forged-head', sequence, `the checkpoint of segment ${sequence} is about ${signed.head.sequence}`)
  }
  if (signed.head.hash !== hash) {
    return found('edited', sequence, `segment ${sequence} does not have the hash that its checkpoint says`)
  }
  const eventCount = walk.head.eventCount + (segment?.header.count ?? 0)
  if (segment && signed.head.event_count !== eventCount) {
    return found('forged-head', sequence, `the checkpoint of segment ${sequence} counts events that are not there`)
  }
  walk.keys.add(signed.kid)
  return undefined
}

/** Whether a segment continues the chain; moves the head on when it does. */
function checkContents(walk: Walk, { sequence, hash, segment }: Found) {
  if (segment === undefined || hash === undefined) {
    return found('malformed', sequence, `segment ${sequence} is not what this service writes`)
  }
  if (segment.header.previous !== walk.head.hash) {
    return sequence === 1
      ? found('malformed', 1, 'segment 1 names a segment before it')
      : found('edited', sequence - 1, `segment ${sequence - 1} does not have the hash that segment ${sequence} says`)
  }
  const twice = segment.events.find(({ id }) => !walk.ids.add(id))
  if (twice) return found('duplicate', sequence, `event ${twice.id} in segment ${sequence} had been archived before`)
  walk.head = headAfter(walk.head, segment, hash)
  return checkKept(walk)
}

function checkKept({ kept, head: { sequence, hash, eventCount } }: Walk) {
  if (kept === undefined || kept.head.sequence !== sequence) return undefined
  if (kept.head.hash !== hash || kept.head.event_count !== eventCount) {
    return found('rewritten', sequence, `segment ${sequence} is not the one that the kept checkpoint names`)
  }
  if (kept.isSigned) return undefined
  return found('forged-head', sequence, 'the kept checkpoint fits, but no key here signed it')
}

function checkEnd({ last, kept }: Walk, lastCheckpoint: number, stray: string | undefined) {
  const named = Math.max(lastCheckpoint, kept?.head.sequence ?? 0)
  if (named > last) {
    return found('truncated', named, `a checkpoint names segment ${named}, but the archive ends with segment ${last}`)
  }
  return stray === undefined ? undefined : found('malformed', 0, `${stray} is not a name that this service gives`)
}

const found = (kind: ChainFindingKind, sequence: number, message: string): ChainFinding => ({ kind, sequence, message })

function decode(bytes: Uint8Array): string | undefined {
  try {
    return fromUtf8(bytes)
  } catch {
    return undefined
  }
}

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i])

/** One key signs most of an archive, so the newest one asked for is kept. */
function rememberingKeys(source: SegmentSource): FindKey {
  let newest: { readonly kid: string; readonly key: Promise<unknown> } | undefined
  return (kid) => {
    if (newest?.kid !== kid) newest = { kid, key: source.findKey(kid) }
    return newest.key
  }
}
