import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'

/** Requests that came with an `Idempotency-Key`, and what came of them. */
export const idempotencyKeys = sqliteTable(
  'idempotency_keys',
  {
    /** Keyed fingerprint of the client's key, the route and the caller. */
    key: text('key').primaryKey(),
    /** The same with the body. The client's key is part of it: without it, bodies cannot be tried out. */
    requestHash: text('request_hash').notNull(),
    /** Of the attempt that is at work. */
    nonce: text('nonce').notNull(),
    /** An attempt that has kept no outcome by then has failed. */
    claimedUntil: integer('claimed_until').notNull(),
    /** JSON: what the verb answered, ids and times. */
    outcome: text('outcome'),
    createdAt: integer('created_at').notNull(),
  },
  (table) => [index('idempotency_keys_created').on(table.createdAt)],
)
