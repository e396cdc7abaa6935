import type { TreeGrowing } from '../../../context.ts'
import { findLog } from '../log/open-log.ts'
import { growTree } from './grow-tree.ts'
import { placeTree } from './place-tree.ts'
import { readStoredTree, type StoredTree } from './tree-state.ts'

/** Segments that one run of the cron appends. Each takes one call, and one of format 1 takes two. */
const APPENDED_AT_ONCE = 200

/** Segments after which the tree is stored. The run after one that was cut off repeats at most as many. */
const SLICE = 20

/**
 * Makes up for what the consumer did not append to the tree: after an update, all segments from before. Run
 * by the cron.
 * @throws LogForkError, and the error of a store that does not answer
 */
export async function projectArchive(ctx: TreeGrowing): Promise<void> {
  const stored = await readStoredTree(ctx)
  const log = await findLog(ctx)
  if (log === undefined) return
  let at: StoredTree | undefined = { ...stored, tree: await placeTree(ctx, log, stored.tree) }
  for (let left = APPENDED_AT_ONCE; left > 0 && at !== undefined; left -= SLICE) {
    at = await growTree(ctx, log, at, { limit: SLICE })
  }
}
