import { sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { type UserId, userIdSchema } from '../core/ids.ts'

/** A registration takes seconds; a key without a user an hour later belongs to one that failed. */
const MIN_AGE_MS = 3_600_000

/** One page of the vault: destroys keys that no user has. @returns cursor of the next page */
export async function deleteOrphanKeys(
  { db, vault, now }: Pick<Context, 'db' | 'vault' | 'now'>,
  cursor: string | undefined,
) {
  const page = await vault.list(now - MIN_AGE_MS, cursor)
  const candidates = page.owners.filter((owner): owner is UserId => userIdSchema.safeParse(owner).success)
  const known = await db.all(sql<{ id: string }>`
    SELECT id FROM users WHERE id IN (SELECT value FROM json_each(${JSON.stringify(candidates)}))`)
  const knownIds = new Set(known.map(({ id }) => id))
  const orphans = candidates.filter((owner) => !knownIds.has(owner))
  if (orphans.length > 0) await vault.destroy(orphans)
  return { cursor: page.cursor, deleted: orphans.length }
}
