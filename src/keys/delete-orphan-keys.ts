import { sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import type { ForAll } from '../core/for-all.ts'
import { type UserId, userIdSchema } from '../core/ids.ts'
import { ORPHAN_KEY_DAYS } from '../core/lifetimes.ts'
import { DAY_MS } from '../core/time.ts'
import { idsIn } from '../storage/database/personal-data.ts'
import { columnsOf, withRows } from '../storage/database/rows.ts'
import { insertInto } from '../storage/database/writes.ts'
import { orphanKeys } from '../storage/schema/index.ts'

/** A registration takes seconds; a key without a user an hour later belongs to one that failed. */
const MIN_AGE_MS = 3_600_000

/** Keys destroyed by one page at most: each is several calls to other services. */
const MAX_DESTROYED = 100

type Dependencies = Pick<Context, 'db' | 'vault' | 'now'>

/**
 * One page of the vault: notes keys that no user has, and destroys those that have been without one for
 * longer than a database can be restored. A restore, an import or a wrong database makes keys look orphaned
 * that are everything their people have left; such a note goes when the user is back.
 * @returns cursor of the next page
 */
export async function deleteOrphanKeys(ctx: Dependencies, cursor: string | undefined, forAll: ForAll) {
  const page = await ctx.vault.list(ctx.now - MIN_AGE_MS, cursor)
  const candidates = page.owners.filter((owner): owner is UserId => userIdSchema.safeParse(owner).success)
  const owners = await findExpiredOrphans(ctx, candidates)
  const deleted = await forAll(owners, async (orphans) => {
    await ctx.vault.destroy(orphans)
    await forgetOrphans(ctx, orphans)
  })
  return { cursor: page.cursor, deleted: deleted.length }
}

/**
 * Notes those of these keys that no user has.
 * @returns those that have had none for long enough to be destroyed
 */
export async function findExpiredOrphans(
  { db, now }: Pick<Context, 'db' | 'now'>,
  candidates: readonly UserId[],
): Promise<readonly UserId[]> {
  const noted = insertInto(
    orphanKeys,
    { owner: sql`value`, noticed_at: now },
    {
      from: sql`json_each(${JSON.stringify(candidates)})`,
      onlyIf: sql`NOT EXISTS (SELECT 1 FROM users WHERE users.id = value)`,
    },
  )
  const { expired } = await db.batch({
    noted: sql`${noted} ON CONFLICT DO NOTHING`,
    back: sql`
      DELETE FROM orphan_keys
      WHERE owner IN ${idsIn(candidates)} AND EXISTS (SELECT 1 FROM users WHERE users.id = orphan_keys.owner)`,
    expired: withRows(
      orphan,
      sql`
        SELECT ${columnsOf(orphan)} FROM orphan_keys
        WHERE owner IN ${idsIn(candidates)} AND noticed_at < ${now - ORPHAN_KEY_DAYS * DAY_MS} LIMIT ${MAX_DESTROYED}`,
    ),
  })
  return expired.map(({ owner }) => owner)
}

const orphan = { owner: orphanKeys.owner } as const

/** Removes the notes once the keys are gone. */
export async function forgetOrphans({ db }: Pick<Context, 'db'>, owners: readonly UserId[]): Promise<void> {
  await db.batch({ forgotten: sql`DELETE FROM orphan_keys WHERE owner IN ${idsIn(owners)}` })
}
