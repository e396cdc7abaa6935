import { sql } from 'drizzle-orm'
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { UserId } from '../../core/ids.ts'
import { users } from './users.ts'

/** Exports that were asked for. The bundle lies in the vault, under the person's key, for 24 hours. */
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
    /** When the cron last began to build it: the next time it comes after those that were not tried since. */
    triedAt: integer('tried_at'),
  },
  (table) => [
    index('exports_user').on(table.userId),
    index('exports_pending').on(table.createdAt).where(sql`status = 'pending'`),
    index('exports_expires').on(table.expiresAt),
  ],
)
