import type { TreeGrowing } from '../../../context.ts'
import { knownKeys } from '../keys/log-signers.ts'
import type { ArchiveEnd } from './grow-tree.ts'
import { readPublishedTree } from './published-tree.ts'
import { readLeaves, type SegmentLeaves } from './read-leaves.ts'
import type { BelievedTree } from './tree-state.ts'

type ReadSegment = (sequence: number) => Promise<SegmentLeaves | undefined>

/**
 * Finds the tree to continue, and checks after which segment it ends. If an attacker has changed that number,
 * the segment is found by the number of events. If the row was lost, the published tree is continued.
 * @param tree what the database has. It must be read before the end of the archive: a tree that another run
 * stores in between would be beyond that end
 * @returns undefined if the tree has to begin at the first segment
 * @throws TimeLimitError
 */
export async function placeTree(
  ctx: TreeGrowing,
  { head, nameKey }: ArchiveEnd,
  tree: BelievedTree | undefined,
): Promise<BelievedTree | undefined> {
  const findKey = knownKeys(ctx)
  const read: ReadSegment = (sequence) => readLeaves(ctx, { head, nameKey, findKey }, sequence)
  if (tree && (await endsAt(tree, head, read))) return tree
  for (const candidate of [tree, await readPublishedTree(ctx)]) {
    const segment = candidate && (await findSegment(candidate.edge.size, head.sequence, read))
    if (candidate && segment !== undefined) return { ...candidate, segment }
  }
  return undefined
}

/** Whether a tree ends after the segment that its row names. */
async function endsAt({ segment, edge }: BelievedTree, head: ArchiveEnd['head'], read: ReadSegment): Promise<boolean> {
  if (segment === head.sequence) return edge.size === head.eventCount
  return segment < head.sequence && (await read(segment + 1))?.first === edge.size
}

/**
 * Finds the segment after which the archive has a number of events, by halving.
 * @param last number of the newest segment
 * @returns undefined if no segment ends there, or one on the way cannot be read
 */
async function findSegment(events: number, last: number, read: ReadSegment): Promise<number | undefined> {
  let [from, to] = [1, last]
  while (from <= to) {
    const middle = Math.floor((from + to) / 2)
    const found = await read(middle)
    if (found === undefined) return undefined
    const until = found.first + found.digests.length
    if (until === events) return middle
    if (until < events) from = middle + 1
    else to = middle - 1
  }
  return undefined
}
