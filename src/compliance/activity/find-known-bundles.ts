import { sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import type { UserId } from '../../core/ids.ts'
import { idsIn } from '../../storage/database/personal-data.ts'
import { columnsOf, withRows } from '../../storage/database/rows.ts'
import { activityBundles } from '../../storage/schema/index.ts'
import type { KnownBundles } from './store-bundle.ts'

/** Finds the recorded bundles of these people. Index: primary key. */
export async function findKnownBundles(
  { db }: Pick<Context, 'db'>,
  userIds: readonly UserId[],
): Promise<(userId: UserId) => KnownBundles> {
  const rows = await db.all(
    withRows(
      knownBundle,
      sql`SELECT ${columnsOf(knownBundle)} FROM activity_bundles WHERE user_id IN ${idsIn(userIds)}`,
    ),
  )
  const byUser = Map.groupBy(rows, ({ user_id }) => user_id)
  return (userId) => new Map((byUser.get(userId) ?? []).map(({ period, events }) => [period, events]))
}

const knownBundle = {
  user_id: activityBundles.userId,
  period: activityBundles.period,
  events: activityBundles.events,
} as const
