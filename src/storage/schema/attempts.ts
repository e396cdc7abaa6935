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
  /**
   * Only for failed sign-ins, whose `count` is the failures in a row: those in a shorter window, and its end.
   * Two rows would cost a sign-in three more written rows.
   */
  recentCount: integer('recent_count').notNull().default(0),
  recentEndsAt: integer('recent_ends_at').notNull().default(0),
})
