import { type OldSegment, oldEventLinesIn, parseOldSegment } from '../format/old-segment.ts'
import { oldSegmentPath } from '../format/segment-number.ts'
import { verifySignedHead } from '../format/signed-head.ts'
import { distrustedAt, found } from './chain-finding.ts'
import { hashOf, visitAll, type Walk } from './chain-walk.ts'
import { noteSigner } from './key-changes.ts'
import type { Candidate, SegmentPlace } from './segment-source.ts'

interface OldPlace extends SegmentPlace {
  readonly old: Candidate
}

/** A segment as it was read. `hash` and `segment` are undefined when the bytes are not UTF-8 text. */
interface Read {
  readonly sequence: number
  readonly bytes: Uint8Array
  readonly text: string | undefined
  readonly hash: string | undefined
  readonly segment: OldSegment | undefined
}

/** Checks a segment of format 1 and its checkpoint. If both hold, the segment becomes the new head. */
export async function checkOldSegment(walk: Walk, { sequence, old: { bytes, text }, checkpoint }: OldPlace) {
  const hash = await hashOf(text)
  const here = { sequence, bytes, hash, text, segment: text === undefined ? undefined : parseOldSegment(text) }
  return (await checkName(walk, here)) ?? (await checkSignature(walk, here, checkpoint)) ?? checkContents(walk, here)
}

/** Checks that the name of a segment and its header have the same sequence number. */
async function checkName(walk: Walk, { sequence, bytes, segment }: Read) {
  const named = segment?.header.sequence
  if (named === undefined || named === sequence) return undefined
  const original = await walk.source.read(oldSegmentPath(named))
  return original && sameBytes(original, bytes)
    ? found('duplicate', sequence, `segment ${named} is stored a second time, in place of segment ${sequence}`)
    : found('reordered', sequence, `segment ${sequence} has a header with the number ${named}`)
}

async function checkSignature(walk: Walk, { sequence, hash, segment }: Read, checkpoint: Uint8Array | undefined) {
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
  if (await walk.source.isDistrusted?.(signed.kid, sequence)) return distrustedAt(sequence, signed.kid)
  await noteSigner(walk, { sequence, kid: signed.kid, lines: [] })
  return undefined
}

function checkContents(walk: Walk, { sequence, hash, text, segment }: Read) {
  if (segment === undefined || hash === undefined || text === undefined) {
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
  walk.head = { sequence, hash, eventCount: walk.head.eventCount + segment.header.count }
  walk.onLines(oldEventLinesIn(text))
  return visitAll(walk, segment.events, sequence)
}

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i])
