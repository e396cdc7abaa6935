import type { TreeGrowing } from '../../../context.ts'
import { appendDigests, type Edge, EMPTY_EDGE, rootOfEdge } from '../../../tlog/edge.ts'
import type { Hash } from '../../../tlog/merkle.ts'
import { raiseAlarm } from '../../alarms/raise-alarm.ts'
import type { LogHead } from '../format/log-head.ts'
import type { SignedSegment } from '../format/signed-segment.ts'
import { originOf } from '../keys/log-keys.ts'
import { knownKeys } from '../keys/log-signers.ts'
import { LogForkError } from './log-fork-error.ts'
import { readPublishedTree } from './published-tree.ts'
import { putTile } from './put-tile.ts'
import { leavesOf, readLeaves, type SegmentLeaves } from './read-leaves.ts'
import { signTree } from './sign-tree.ts'
import { storeTree } from './store-tree.ts'
import type { StoredTree } from './tree-state.ts'

/** The end of the archive, as `openLog` found it. */
export interface ArchiveEnd {
  readonly head: LogHead
  readonly nameKey: Uint8Array
}

interface Growing {
  /** Segments that this run has just written or checked. They are not read again. */
  readonly written?: readonly SignedSegment[]
  /** The most segments to append. */
  readonly limit: number
}

/**
 * Appends the lines of the next segments to the tree: full tiles and bundles go into the archive, then the
 * tree is signed, then the database has it. The tree follows from the segments alone, so every step can be
 * repeated, and two runs at once make the same tiles.
 *
 * Only segments up to the head are appended: a segment after it may still be replaced by another, if its run
 * was cut off.
 * @param stored what the database had. Without a tree in it, the tree begins at the first segment
 * @returns what the database has now; undefined if nothing was to be done, or another run was faster
 * @throws LogForkError, and the error of a store that does not answer
 */
export async function growTree(
  ctx: TreeGrowing,
  log: ArchiveEnd,
  stored: StoredTree,
  { written = [], limit }: Growing,
): Promise<StoredTree | undefined> {
  const { tree } = stored
  const { segment, edge } = tree ?? { segment: 0, edge: EMPTY_EDGE }
  const { next, wasRead } = await readNext(ctx, log, { from: segment, written, limit })
  // The note signs the number of events, and not that of the segment, which an attacker can change. If the
  // two do not fit, the cron finds the right segment (`placeTree`).
  if (next[0] !== undefined && next[0].first !== edge.size) return undefined
  if (next.length === 0 && tree?.isSignedByAll !== false) return undefined
  // Every published tree ends before the segments that this run wrote. Only a tree that lags behind may have
  // to grow over the end of a published one, and its next segments are read.
  const published = wasRead ? await readPublishedTree(ctx) : undefined
  const digests = next.flatMap((one) => one.digests)
  const grown = appendDigests(edge, digests)
  try {
    if (published !== undefined) checkPublished(published.head, edge, digests)
    for (const tile of grown.full) await putTile(ctx, tile, published?.edge)
  } catch (error) {
    if (error instanceof LogForkError) await raiseAlarm(ctx, 'log_forked')
    throw error
  }
  const origin = tree?.head.origin ?? published?.head.origin ?? originOf(ctx.settings)
  const last = next.at(-1)?.sequence ?? segment
  return await storeTree(ctx, stored, { segment: last, edge: grown.edge, ...(await signTree(ctx, origin, grown.edge)) })
}

/** @throws LogForkError if the tree has another root at the size of a published one that it grows beyond */
function checkPublished({ size, root }: { readonly size: number; readonly root: Hash }, edge: Edge, added: Hash[]) {
  if (size <= edge.size || size > edge.size + added.length) return
  const then = appendDigests(edge, added.slice(0, size - edge.size)).edge
  if (Buffer.compare(rootOfEdge(then), root) !== 0) throw new LogForkError()
}

interface Next extends Growing {
  /** The last segment that the tree has. */
  readonly from: number
}

/** @returns the next segments, up to the first one that is not sound; and whether one of them was read */
async function readNext(ctx: TreeGrowing, { head, nameKey }: ArchiveEnd, { from, written = [], limit }: Next) {
  const known = new Map(written.map((one) => [one.head.sequence, one]))
  const findKey = knownKeys(ctx)
  const count = Math.max(0, Math.min(limit, head.sequence - from))
  const read = await Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const own = known.get(from + 1 + i)
      return own ? leavesOf(own) : await readLeaves(ctx, { head, nameKey, findKey }, from + 1 + i)
    }),
  )
  const next: SegmentLeaves[] = []
  for (const one of read) {
    if (one === undefined || !continues(next.at(-1), one)) break
    if (one.sequence === head.sequence && one.hash !== head.hash) break
    next.push(one)
  }
  return { next, wasRead: next.some(({ sequence }) => !known.has(sequence)) }
}

const continues = (before: SegmentLeaves | undefined, { first, previous }: SegmentLeaves): boolean =>
  before === undefined || (previous === before.hash && first === before.first + before.digests.length)
