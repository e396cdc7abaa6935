import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'

/** Counts of failures and requests, by keyed fingerprint of what is counted. */
export const attempts = sqliteTable(
  'attempts',
  {
    key: text('key').primaryKey(),
    windowStart: integer('window_start').notNull(),
    count: integer('count').notNull(),
    /** When counting starts anew; windows differ between policies. */
    endsAt: integer('ends_at').notNull().default(0),
  },
  (table) => [index('attempts_ends').on(table.endsAt)],
)
