import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'

/** Requests with an `Idempotency-Key`, and their outcomes. */
export const idempotencyKeys = sqliteTable(
  'idempotency_keys',
  {
    /** Keyed fingerprint of the client's key, the route and the caller. */
    key: text('key').primaryKey(),
    /**
     * Keyed fingerprint of the client's key, the route, the caller and the body. Without the client's key, a
     * guess of the body cannot be tested.
     */
    requestHash: text('request_hash').notNull(),
    /** Identifies the attempt that is running. */
    nonce: text('nonce').notNull(),
    /** An attempt without an outcome counts as failed after this time. */
    claimedUntil: integer('claimed_until').notNull(),
    /** JSON of the verb's answer: ids and times. */
    outcome: text('outcome'),
    createdAt: integer('created_at').notNull(),
  },
  (table) => [index('idempotency_keys_created').on(table.createdAt)],
)
