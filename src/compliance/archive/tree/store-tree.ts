import { sql } from 'drizzle-orm'
import type { Context } from '../../../context.ts'
import { countChanges } from '../../../storage/database/count-changes.ts'
import { assignments, excluded, insertInto, onConflict } from '../../../storage/database/writes.ts'
import { logTree } from '../../../storage/schema/index.ts'
import { formatEdge } from '../../../tlog/edge.ts'
import { type BelievedTree, rememberTree, type StoredTree, storedNote } from './tree-state.ts'

/**
 * Stores a tree in the database.
 * @param stored what the database had
 * @returns what it has now; undefined if another run has replaced it in the meantime. That run was as far, or
 * the next one continues it
 */
export async function storeTree(
  { db, ring, now }: Pick<Context, 'db' | 'ring' | 'now'>,
  stored: StoredTree,
  tree: BelievedTree,
): Promise<StoredTree | undefined> {
  const { segment, note } = tree
  const edge = formatEdge(tree.edge)
  const values = { id: 1, segment, edge, note, grown_at: now }
  const { grown } = await db.batch({
    grown: countChanges(sql`
      ${insertInto(logTree, values)}
      ${onConflict(
        [logTree.id],
        assignments(logTree, {
          segment: excluded(logTree.segment),
          edge: excluded(logTree.edge),
          note: excluded(logTree.note),
          grown_at: excluded(logTree.grownAt),
        }),
      )}
      WHERE (${storedNote}) IS ${stored.note}`),
  })
  if (grown[0]?.changed !== 1) return undefined
  rememberTree(ring, tree, edge)
  return { note, tree }
}
