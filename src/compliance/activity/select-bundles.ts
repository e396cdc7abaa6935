import { sql } from 'drizzle-orm'
import type { UserId } from '../../core/ids.ts'
import type { Row } from '../../storage/database/members.ts'
import { columnsOf, withRows } from '../../storage/database/rows.ts'
import type { Statement } from '../../storage/database/statement.ts'
import { activityBundles } from '../../storage/schema/index.ts'

const recordedBundle = { period: activityBundles.period, events: activityBundles.events } as const
export type RecordedBundle = Row<typeof recordedBundle>

/** The recorded bundles of a person, 13 for each year. Index: primary key. */
export const selectBundles = (userId: UserId): Statement<RecordedBundle> =>
  withRows(
    recordedBundle,
    sql`SELECT ${columnsOf(recordedBundle)} FROM activity_bundles WHERE user_id = ${userId} ORDER BY period`,
  )
