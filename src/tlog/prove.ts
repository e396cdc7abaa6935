import { consistencyRanges, type Hash, inclusionRanges } from './merkle.ts'
import { type ReadTile, readRanges } from './tiles.ts'

interface TreeOfTiles {
  /** Leaves. */
  readonly size: number
  readonly readTile: ReadTile
}

/** Proves that a leaf is in a tree. Reads each tile once. @throws RangeError when a tile is too short */
export const proveInclusion = (index: number, tree: TreeOfTiles): Promise<Hash[]> =>
  readRanges(inclusionRanges(index, tree.size), tree)

/**
 * Proves that a tree of `oldSize` leaves is the beginning of another. Reads each tile once.
 * @throws RangeError when a tile is too short
 */
export const proveConsistency = async (oldSize: number, tree: TreeOfTiles): Promise<Hash[]> =>
  oldSize === 0 ? [] : await readRanges(consistencyRanges(oldSize, tree.size), tree)

/** Computes the root of a tree from its tiles. @throws RangeError when a tile is too short */
export async function readRoot(tree: TreeOfTiles): Promise<Hash> {
  const [root] = await readRanges([{ from: 0, to: tree.size }], tree)
  if (root === undefined) throw new RangeError('there is no tree')
  return root
}
