import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { countChanges } from '../../storage/database/count-changes.ts'
import { hasPurgeBegun } from '../../storage/database/erasure-conditions.ts'
import { assignments, excluded, insertInto, onConflict } from '../../storage/database/writes.ts'
import { activityBundles } from '../../storage/schema/index.ts'
import type { WrittenBundle } from './store-bundle.ts'

/**
 * Records bundles that are in the vault, and deletes what they replace, in one transaction. A person whose
 * purge has begun gets no row. The purge deletes that person's bundles, and `delete-orphan-activity` one that
 * was written after that. This function deletes none: an attacker who can write D1 could feign a purge.
 *
 * Of two runs, the one that wrote last has the most events, so a row never goes back to an earlier bundle.
 * @param replaced deletes the rows that the bundles replace. It must not delete those of a person whose purge
 * has begun
 * @returns how many rows were deleted
 */
export async function recordBundles(
  { db }: Pick<Context, 'db'>,
  bundles: readonly WrittenBundle[],
  replaced: SQL,
): Promise<number> {
  const { deleted } = await db.batch({
    recorded: bundles.length === 0 ? undefined : upsertBundles(bundles),
    deleted: countChanges(replaced),
  })
  return deleted[0]?.changed ?? 0
}

const upsertBundles = (bundles: readonly WrittenBundle[]): SQL => sql`
  ${insertInto(
    activityBundles,
    {
      user_id: sql`value ->> 'user_id'`,
      period: sql`value ->> 'period'`,
      events: sql`value ->> 'events'`,
      sha256: sql`value ->> 'sha256'`,
    },
    {
      from: sql`json_each(${JSON.stringify(bundles)})`,
      onlyIf: sql`NOT ${hasPurgeBegun(sql`value ->> 'user_id'`)}`,
    },
  )}
  ${onConflict(
    [activityBundles.userId, activityBundles.period],
    assignments(activityBundles, {
      events: excluded(activityBundles.events),
      sha256: excluded(activityBundles.sha256),
    }),
  )}
  WHERE ${activityBundles.events} < ${excluded(activityBundles.events)}`
