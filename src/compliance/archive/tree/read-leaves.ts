import type { Archiving } from '../../../context.ts'
import { digestOfLine } from '../../../tlog/entry.ts'
import type { Hash } from '../../../tlog/merkle.ts'
import { hashText } from '../format/chain-head.ts'
import type { LogHead } from '../format/log-head.ts'
import { oldEventLinesIn, parseOldSegment } from '../format/old-segment.ts'
import { checkpointPath, oldSegmentPath } from '../format/segment-number.ts'
import { segmentPath } from '../format/segment-path.ts'
import { type FindKey, verifySignedHead } from '../format/signed-head.ts'
import { openSegment, type SignedSegment } from '../format/signed-segment.ts'

/** What the tree needs of a segment. */
export interface SegmentLeaves {
  readonly sequence: number
  /** Events in all segments before this one. */
  readonly first: number
  /** The hash of the segment before this one. */
  readonly previous: string
  readonly hash: string
  /** Unix milliseconds. */
  readonly createdAtMs: number
  /** A digest for each event line, in their order. */
  readonly digests: readonly Hash[]
}

interface Reading {
  readonly head: Pick<LogHead, 'started'>
  /** From `LogVault`. */
  readonly nameKey: Uint8Array
  readonly findKey: FindKey
}

/**
 * Reads a segment of either format.
 * @returns undefined unless a key of this service signed it under this number
 * @throws TimeLimitError
 */
export async function readLeaves(
  { archive }: Pick<Archiving, 'archive'>,
  { head, nameKey, findKey }: Reading,
  sequence: number,
): Promise<SegmentLeaves | undefined> {
  if (sequence < head.started.sequence) return await readOldLeaves(archive, findKey, sequence)
  const text = (await archive.read(segmentPath(nameKey, sequence))) ?? ''
  const found = await openSegment(text, findKey)
  return found?.head.sequence === sequence ? leavesOf(found) : undefined
}

/** The leaves of a segment of format 2: it has one text, so its lines can be formatted again. */
export const leavesOf = ({ segment, head }: SignedSegment): SegmentLeaves => ({
  sequence: head.sequence,
  first: segment.header.first,
  previous: segment.header.previous,
  hash: head.hash,
  createdAtMs: head.createdAtMs,
  digests: segment.lines.map((line) => digestOfLine(JSON.stringify(line))),
})

async function readOldLeaves(archive: Archiving['archive'], findKey: FindKey, sequence: number) {
  const [text = '', checkpoint = ''] = await Promise.all([
    archive.read(oldSegmentPath(sequence)),
    archive.read(checkpointPath(sequence)),
  ])
  const header = parseOldSegment(text)?.header
  const signed = header && (await verifySignedHead(checkpoint, findKey))?.head
  if (header?.sequence !== sequence || signed?.sequence !== sequence || signed.started !== undefined) return undefined
  const hash = await hashText(text)
  if (signed.hash !== hash) return undefined
  return {
    sequence,
    first: signed.event_count - header.count,
    previous: header.previous,
    hash,
    createdAtMs: header.created_at,
    digests: oldEventLinesIn(text).map(digestOfLine),
  }
}
