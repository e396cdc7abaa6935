import type { TreeGrowing } from '../../../context.ts'
import { describeFailure } from '../../../core/failure.ts'
import { log } from '../../../core/log.ts'
import type { SignedSegment } from '../format/signed-segment.ts'
import { type ArchiveEnd, growTree } from './grow-tree.ts'
import { readStoredTree } from './tree-state.ts'

/** A tree that lags further behind is left to the cron. */
const MOST_BEHIND = 10

/**
 * Appends the segments of a batch of events to the tree. Never throws: the events are archived, so their
 * messages must not be delivered again because of the tree. The cron makes up for a failure.
 */
export async function growAfter(ctx: TreeGrowing, end: ArchiveEnd, written: readonly SignedSegment[]): Promise<void> {
  try {
    const stored = await readStoredTree(ctx)
    const behind = end.head.sequence - (stored.tree?.segment ?? 0)
    if (behind >= 1 && behind <= MOST_BEHIND) await growTree(ctx, end, stored, { written, limit: behind })
  } catch (error) {
    const { name, code } = describeFailure(error)
    log('error', 'tree_not_grown', { error: name, code })
  }
}
