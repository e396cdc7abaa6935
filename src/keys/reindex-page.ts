import { inChunks } from '../core/chunks.ts'
import type { ForAll } from '../core/for-all.ts'

export interface Reindexed {
  /** Index of the last row that was read; undefined after the last page. */
  readonly cursor: string | undefined
  /**
   * `conflicting`: another row already has the new index. `unreadable`: the value to compute the index from
   * could not be decrypted.
   */
  readonly counts: { readonly reindexed: number; readonly conflicting: number; readonly unreadable: number }
}

interface Page<Stale, Change> {
  /** The rows of the page, in the order of their index. */
  readonly rows: readonly Stale[]
  /** Most rows of a page. Fewer mean that it is the last one. */
  readonly limit: number
  readonly indexOf: (row: Stale) => string
  /** Computes the new index. Undefined if the value that it is made from cannot be read. */
  readonly compute: (row: Stale) => Promise<Change | undefined>
  /** Writes new indexes. @returns how many rows it changed */
  readonly write: (changes: readonly Change[]) => Promise<number>
}

/** Computes and writes the indexes of one page of rows. */
export async function reindexPage<Stale, Change>(page: Page<Stale, Change>, forAll: ForAll): Promise<Reindexed> {
  const { rows, limit, indexOf, compute, write } = page
  const changes = await inChunks(rows, compute)
  const readable = changes.filter((change) => change !== undefined)
  let reindexed = 0
  const tried = await forAll(readable, async (some) => {
    reindexed += await write(some)
  })
  const last = rows.at(-1)
  return {
    cursor: rows.length < limit || last === undefined ? undefined : indexOf(last),
    counts: { reindexed, conflicting: tried.length - reindexed, unreadable: rows.length - tried.length },
  }
}
