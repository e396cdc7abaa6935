import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { UserId } from '../../core/ids.ts'

/**
 * The activity bundles in the vault: one row for each person and period. The migration makes the table
 * WITHOUT ROWID, so that a row is stored once and counts as one row written.
 */
export const activityBundles = sqliteTable(
  'activity_bundles',
  {
    userId: text('user_id').$type<UserId>().notNull(),
    /** Name of the period, such as `2026-07-06+28`: see `formatPeriod`. */
    period: text('period').notNull(),
    /** How many events the bundle holds. It only grows. */
    events: integer('events').notNull(),
    /** SHA-256 of the stored object, base64url. */
    sha256: text('sha256').notNull(),
  },
  (table) => [primaryKey({ columns: [table.userId, table.period] })],
)
