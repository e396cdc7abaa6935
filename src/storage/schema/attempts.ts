import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'

/**
 * The counters of rate limits and lockouts. The key is a keyed fingerprint of the policy and the subject. No
 * other index: every count would write it too. The daily deletion reads the table once, by its key.
 */
export const attempts = sqliteTable('attempts', {
  key: text('key').primaryKey(),
  windowStart: integer('window_start').notNull(),
  count: integer('count').notNull(),
  /** End of the window: a later request starts a new one. The length of a window depends on the policy. */
  endsAt: integer('ends_at').notNull().default(0),
})
