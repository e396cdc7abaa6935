import { decodeJwt } from 'jose'
import type { Publishing } from '../../../context.ts'
import { AppError } from '../../../core/errors.ts'
import { log } from '../../../core/log.ts'
import { proveInclusion } from '../../../tlog/prove.ts'
import { oldEventLinesIn, parseOldSegment } from '../format/old-segment.ts'
import { eventLinesIn, parseSegment } from '../format/segment.ts'
import { checkpointPath, oldSegmentPath } from '../format/segment-number.ts'
import { segmentPath } from '../format/segment-path.ts'
import { signedHeadSchema } from '../format/signed-head.ts'
import type { PublishedLog } from '../format/signed-tree.ts'
import type { EventLine } from '../lines/to-lines.ts'
import { notPublished } from '../proof/not-published.ts'
import type { LineProof } from '../proof/proof-file.ts'
import { verifyLine } from '../proof/verify-line.ts'
import { tilesOf } from '../tree/read-tiles.ts'
import { findPublished, getPublished } from './get-published.ts'
import type { KeptPublication } from './publication.ts'

/** The members of an event that lines of both formats have, and by which one is found. */
type FoundBy = Pick<EventLine, 'id' | 'action' | 'detail'>

interface WantedLine {
  /** The number of the segment that has the line, as a database says. */
  readonly segment: number
  readonly isWanted: (event: FoundBy) => boolean
}

/**
 * Proves that the published log has a line of a segment. Reads the segment (of format 1: its checkpoint as
 * well) and a full tile for each level, at most four for a log of 10^9 lines.
 *
 * Neither the segment nor the tiles are believed: a proof that does not lead to the published root is not
 * returned.
 * @returns undefined if the archive has no such segment, or the segment no such line
 * @throws AppError `proof_not_published` if the line comes after the published tree; `unavailable` if the
 * archive has lost or altered a tile or the segment
 * @throws TimeLimitError
 */
export async function proveLine(ctx: Publishing, { segment, isWanted }: WantedLine): Promise<LineProof | undefined> {
  const kept = await getPublished(ctx)
  const search = { find: ({ view }: KeptPublication) => startOf(view.checkpoint), atMostMs: RENEWAL_MS }
  const started = await findPublished(ctx, search, kept)
  if (started === undefined) throw notPublished(ctx)
  const lines = await (segment < started ? readOldLines(ctx, segment) : readLines(ctx, segment))
  const place = lines?.events.findIndex(isWanted) ?? -1
  const line = lines?.texts[place]
  if (lines === undefined || line === undefined) return undefined
  const index = lines.first + place
  // A segment up to the published head cannot begin after it: an attacker could otherwise postpone the proof.
  if (segment <= kept.view.sequence && index >= kept.view.event_count) throw unprovable(segment)
  const { edge, note } = (await findReaching(ctx, index, kept)) ?? {}
  if (edge === undefined || note === undefined) throw notPublished(ctx)
  try {
    const hashes = await proveInclusion(index, { size: edge.size, readTile: tilesOf(ctx.archive, edge) })
    const proven = { line, proof: { index, proof: hashes, checkpoint: note } }
    if (typeof (await verifyLine(proven, undefined)) !== 'string') return proven
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
  }
  throw unprovable(segment)
}

/** The archive has other bytes than those that the published tree is about. */
function unprovable(sequence: number): AppError {
  log('error', 'proof_does_not_hold', { sequence })
  return new AppError('unavailable')
}

/**
 * If the published tree that a location keeps does not have the line yet, the publication is read again, once
 * in this time at most.
 */
const RENEWAL_MS = 5000

/** @returns the published log if it has the line at this position */
const findReaching = (ctx: Publishing, index: number, kept: KeptPublication): Promise<PublishedLog | undefined> =>
  findPublished(
    ctx,
    {
      find: ({ log: published }) => (published && index < published.edge.size ? published : undefined),
      atMostMs: RENEWAL_MS,
    },
    kept,
  )

/** The first segment of format 2. @param checkpoint of a publication, which this service has signed */
function startOf(checkpoint: string | null): number | undefined {
  const head = checkpoint === null ? undefined : signedHeadSchema.safeParse(decodeJwt(checkpoint)).data
  return head?.started?.sequence
}

interface Lines {
  /** Position of the first one in the log. */
  readonly first: number
  readonly events: readonly FoundBy[]
  /** As they are in the segment. */
  readonly texts: readonly string[]
}

/** @returns undefined if there is no such segment */
async function readLines({ archive, logVault }: Publishing, sequence: number): Promise<Lines | undefined> {
  const nameKey = await logVault.findNameKey()
  const text = nameKey && (await archive.read(segmentPath(nameKey, sequence)))
  if (text === undefined) return undefined
  const segment = parseSegment(text)
  if (segment === undefined) throw unprovable(sequence)
  return { first: segment.header.first, events: segment.lines, texts: eventLinesIn(text) }
}

async function readOldLines({ archive }: Publishing, sequence: number): Promise<Lines | undefined> {
  const [text, checkpoint = ''] = await Promise.all([
    archive.read(oldSegmentPath(sequence)),
    archive.read(checkpointPath(sequence)),
  ])
  if (text === undefined) return undefined
  const segment = parseOldSegment(text)
  const end = eventsUpTo(checkpoint)
  if (segment === undefined || end === undefined) throw unprovable(sequence)
  return {
    first: end - segment.header.count,
    events: segment.events,
    texts: oldEventLinesIn(text),
  }
}

/** The number of events up to a segment, as its checkpoint says, unchecked. */
function eventsUpTo(checkpoint: string): number | undefined {
  try {
    return signedHeadSchema.safeParse(decodeJwt(checkpoint)).data?.event_count
  } catch {
    return undefined
  }
}
