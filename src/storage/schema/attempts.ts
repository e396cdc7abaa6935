import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'

/** The counters of rate limits and lockouts. The key is a keyed fingerprint of the policy and the subject. */
export const attempts = sqliteTable(
  'attempts',
  {
    key: text('key').primaryKey(),
    windowStart: integer('window_start').notNull(),
    count: integer('count').notNull(),
    /** End of the window: a later request starts a new one. The length of a window depends on the policy. */
    endsAt: integer('ends_at').notNull().default(0),
  },
  (table) => [index('attempts_ends').on(table.endsAt)],
)
