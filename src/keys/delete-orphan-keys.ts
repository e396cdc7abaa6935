import { sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import type { ForAll } from '../core/for-all.ts'
import { type UserId, userIdSchema } from '../core/ids.ts'
import { ORPHAN_KEY_DAYS } from '../core/lifetimes.ts'
import { DAY_MS } from '../core/time.ts'
import { openErasureSeals, orphanText } from '../crypto/erasure-seal.ts'
import type { Row } from '../storage/database/members.ts'
import { idsIn } from '../storage/database/personal-data.ts'
import { columnsOf, withRows } from '../storage/database/rows.ts'
import { insertInto } from '../storage/database/writes.ts'
import { orphanKeys } from '../storage/schema/index.ts'

/**
 * A registration takes seconds. A key that still has no user after an hour belongs to a failed registration.
 */
const MIN_AGE_MS = 3_600_000

/** The most keys that one page destroys. Each takes several calls to other services. */
const MAX_DESTROYED = 100

type Dependencies = Pick<Context, 'db' | 'vault' | 'ring' | 'now'>

/**
 * Reads one page of the vault, records the keys without a user, and destroys those that have had none for
 * longer than a database can be restored. The record is sealed, because an attacker who can write the
 * database could otherwise date it back. After a restore or an import, or with the wrong database bound, keys
 * may look orphaned although all data of their owners depends on them. Such a record is deleted once the user
 * is back.
 * @returns the cursor of the next page
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
 * Records those of these keys that have no user.
 * @returns the keys that have had no user for long enough to be destroyed
 */
export async function findExpiredOrphans(
  { db, ring, now }: Pick<Context, 'db' | 'ring' | 'now'>,
  candidates: readonly UserId[],
): Promise<readonly UserId[]> {
  const seals = await openErasureSeals(ring)
  const notices = candidates.map((owner) => ({ owner, seal: seals.seal(orphanText({ owner, noticed_at: now })) }))
  const noted = insertInto(
    orphanKeys,
    { owner: sql`value ->> 'owner'`, noticed_at: now, seal: sql`value ->> 'seal'` },
    {
      from: sql`json_each(${JSON.stringify(notices)})`,
      onlyIf: sql`NOT EXISTS (SELECT 1 FROM users WHERE users.id = value ->> 'owner')`,
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
  const isSealed = (row: Row<typeof orphan>) => seals.check(orphanText(row), row.seal) === 'holds'
  const forged = expired.filter((row) => !isSealed(row)).map(({ owner }) => owner)
  // The time of a forged record is not believed. The next run records the key anew, with its own time.
  if (forged.length > 0) await forgetOrphans({ db }, forged)
  return expired.filter(isSealed).map(({ owner }) => owner)
}

const orphan = { owner: orphanKeys.owner, noticed_at: orphanKeys.noticedAt, seal: orphanKeys.seal } as const

/** Deletes the records after the keys were destroyed. */
export async function forgetOrphans({ db }: Pick<Context, 'db'>, owners: readonly UserId[]): Promise<void> {
  await db.batch({ forgotten: sql`DELETE FROM orphan_keys WHERE owner IN ${idsIn(owners)}` })
}
