import { sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import type { ForAll } from '../../core/for-all.ts'
import type { UserId } from '../../core/ids.ts'
import { idsIn } from '../../storage/database/personal-data.ts'
import { columnsOf, withRows } from '../../storage/database/rows.ts'
import { isTombstone } from '../../storage/database/users.ts'
import { users } from '../../storage/schema/index.ts'

/** The most people of one page whose bundles are deleted. Each takes up to four calls to other services. */
const MAX_PEOPLE = 100

/** The most bundles of one person that are deleted in one call. */
const DELETED_AT_ONCE = 1000

interface OrphansPage {
  /** Cursor of the next page, or `done`. */
  readonly next: string
  readonly deleted: number
}

/**
 * Deletes bundles that cannot be read any more: those of people without a data key, which a run left behind
 * that was cut off while they were purged. A person with an account keeps the bundles even if the key is
 * missing, because the mirror of the vault may still have it.
 */
export async function deleteOrphanActivity(
  ctx: Pick<Context, 'db' | 'vault' | 'activityStore'>,
  cursor: string | undefined,
  forAll: ForAll,
): Promise<OrphansPage> {
  const page = await ctx.activityStore.listOwners(cursor)
  const withAccount = await findWithAccount(ctx, page.userIds)
  const candidates = page.userIds.filter((userId) => !withAccount.has(userId)).slice(0, MAX_PEOPLE)
  let deleted = 0
  await forAll(candidates, async (userIds) => {
    for (const userId of userIds) {
      const { kind } = await ctx.vault.find(userId)
      if (kind === 'destroyed') deleted += (await ctx.activityStore.deleteSome(userId, DELETED_AT_ONCE)).deleted
    }
  })
  return { next: page.cursor ?? 'done', deleted }
}

const account = { id: users.id } as const

/** Index: primary key. */
async function findWithAccount({ db }: Pick<Context, 'db'>, userIds: readonly UserId[]): Promise<ReadonlySet<string>> {
  const rows = await db.all(
    withRows(
      account,
      sql`SELECT ${columnsOf(account)} FROM users WHERE users.id IN ${idsIn(userIds)} AND NOT ${isTombstone}`,
    ),
  )
  return new Set(rows.map(({ id }) => id))
}
