import { sql } from 'drizzle-orm'
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { UserId } from '../../core/ids.ts'
import { users } from './users.ts'

/**
 * Requested exports. The bundle is stored in the vault bucket, encrypted under the person's data key, for 24
 * hours.
 */
export const exports = sqliteTable(
  'exports',
  {
    id: text('id').primaryKey(),
    userId: text('user_id')
      .$type<UserId>()
      .notNull()
      .references(() => users.id),
    status: text('status', { enum: ['pending', 'ready', 'failed'] }).notNull(),
    createdAt: integer('created_at').notNull(),
    readyAt: integer('ready_at'),
    expiresAt: integer('expires_at').notNull(),
    /**
     * When the cron last started to build it. The cron takes the export that has waited longest since its
     * last try.
     */
    triedAt: integer('tried_at'),
  },
  (table) => [
    index('exports_user').on(table.userId),
    index('exports_pending').on(table.createdAt).where(sql`status = 'pending'`),
    index('exports_expires').on(table.expiresAt),
  ],
)
