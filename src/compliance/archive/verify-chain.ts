import { fromUtf8 } from '../../crypto/encoding.ts'
import type { ChainFinding, ChainFindingKind } from './chain-finding.ts'
import { SeenIds } from './seen-ids.ts'
import { type ChainHead, GENESIS, hashSegment, headAfter, parseSegment, type Segment } from './segment.ts'
import { measureExtent, readPlaces, type SegmentPlace, type SegmentSource } from './segment-source.ts'
import { type FindKey, type KeptHead, verifySignedHead } from './signed-head.ts'

/** How far the verification has come. */
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
      /** Thumbprints of the keys whose checkpoints were accepted. */
      readonly keys: readonly string[]
      /** The thumbprint of the key that signed the newest checkpoint. */
      readonly signedBy: string | undefined
      /** The newest segment has no checkpoint (yet), so no signature covers it. */
      readonly unsignedTail: boolean
    }
  | { readonly ok: false; readonly finding: ChainFinding }

/** State that is carried from one segment to the next. Its size does not grow with the archive. */
interface Walk {
  readonly source: SegmentSource
  readonly findKey: FindKey
  readonly last: number
  readonly kept: KeptHead | undefined
  readonly ids: SeenIds
  readonly keys: Set<string>
  signedBy: string | undefined
  head: ChainHead
  unsignedTail: boolean
}

/**
 * Verifies an archive from its first segment, and stops at the first finding. Memory is bounded, so an event
 * archived twice is found only within the newest `DUPLICATE_WINDOW` events.
 * @param kept an earlier head to compare the archive with
 * @returns the verdict, after yielding progress at every segment
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
  const { head, keys, signedBy, unsignedTail } = walk
  return { ok: true, head, segments: lastSegment, events: head.eventCount, keys: [...keys], signedBy, unsignedTail }
}

export type RangeVerdict =
  | { readonly ok: true; readonly head: ChainHead; readonly unsignedTail: boolean }
  | { readonly ok: false; readonly finding: ChainFinding }

/**
 * Checks that the segments after a head, up to segment `last`, continue that head and each other. An event
 * archived twice is found only within this range.
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
  signedBy: undefined,
  unsignedTail: false,
  ...start,
})

/** A segment as it was read. `hash` and `segment` are undefined when the bytes are not UTF-8 text. */
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

/** Checks that the name of a segment and its header have the same sequence number. */
async function checkName(walk: Walk, { sequence, bytes, segment }: Found) {
  const named = segment?.header.sequence
  if (named === undefined || named === sequence) return undefined
  const original = await walk.source.readSegment(named)
  return original && sameBytes(original, bytes)
    ? found('duplicate', sequence, `segment ${named} is stored a second time, in place of segment ${sequence}`)
    : found('reordered', sequence, `segment ${sequence} has a header with the number ${named}`)
}

async function checkSignature(walk: Walk, { sequence, hash, segment }: Found, checkpoint: Uint8Array | undefined) {
  if (checkpoint === undefined) {
    walk.unsignedTail = sequence === walk.last
    if (walk.unsignedTail) return undefined
    return found('unsigned', sequence, `segment ${sequence} has no checkpoint, although it is not the newest`)
  }
  const signed = await verifySignedHead(checkpoint, walk.findKey)
  if (signed === undefined) {
    return found('forged-head', sequence, `no known key signed the checkpoint of segment ${sequence}`)
  }
  if (signed.head.sequence !== sequence) {
    return found(
      'forged-head',
      sequence,
      `the checkpoint of segment ${sequence} is about segment ${signed.head.sequence}`,
    )
  }
  if (signed.head.hash !== hash) {
    return found('edited', sequence, `segment ${sequence} does not have the hash in its checkpoint`)
  }
  const eventCount = walk.head.eventCount + (segment?.header.count ?? 0)
  if (segment && signed.head.event_count !== eventCount) {
    return found('forged-head', sequence, `the checkpoint of segment ${sequence} has a wrong count of events`)
  }
  walk.keys.add(signed.kid)
  walk.signedBy = signed.kid
  return undefined
}

/** Checks that a segment continues the chain. If so, the segment becomes the new head. */
function checkContents(walk: Walk, { sequence, hash, segment }: Found) {
  if (segment === undefined || hash === undefined) {
    return found('malformed', sequence, `segment ${sequence} does not have the format that this service writes`)
  }
  if (segment.header.previous !== walk.head.hash) {
    return sequence === 1
      ? found('malformed', 1, 'segment 1 names a previous segment')
      : found(
          'edited',
          sequence - 1,
          `segment ${sequence - 1} does not have the hash in the header of segment ${sequence}`,
        )
  }
  const twice = segment.events.find(({ id }) => !walk.ids.add(id))
  if (twice) return found('duplicate', sequence, `event ${twice.id} in segment ${sequence} was already archived`)
  walk.head = headAfter(walk.head, segment, hash)
  return checkKept(walk)
}

function checkKept({ kept, head: { sequence, hash, eventCount } }: Walk) {
  if (kept === undefined || kept.head.sequence !== sequence) return undefined
  if (kept.head.hash !== hash || kept.head.event_count !== eventCount) {
    return found('rewritten', sequence, `segment ${sequence} is not the segment that the kept checkpoint names`)
  }
  if (kept.isSigned) return undefined
  return found('forged-head', sequence, 'the kept checkpoint matches, but no known key signed it')
}

function checkEnd({ last, kept }: Walk, lastCheckpoint: number, stray: string | undefined) {
  const named = Math.max(lastCheckpoint, kept?.head.sequence ?? 0)
  if (named > last) {
    return found('truncated', named, `a checkpoint names segment ${named}, but the archive ends with segment ${last}`)
  }
  return stray === undefined ? undefined : found('malformed', 0, `${stray} is not a file name that this service uses`)
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

/** One key signs most of an archive, so only the newest key that was read is cached. */
function rememberingKeys(source: SegmentSource): FindKey {
  let newest: { readonly kid: string; readonly key: Promise<unknown> } | undefined
  return (kid) => {
    if (newest?.kid !== kid) newest = { kid, key: source.findKey(kid) }
    return newest.key
  }
}
