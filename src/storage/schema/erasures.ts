import { sql } from 'drizzle-orm'
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { UserId } from '../../core/ids.ts'

/** Erasure requests and their progress. A row is kept after the person's data has been erased. */
export const erasures = sqliteTable(
  'erasures',
  {
    userId: text('user_id').$type<UserId>().primaryKey(),
    requestedAt: integer('requested_at').notNull(),
    dueAt: integer('due_at').notNull(),
    /** When a purge first claimed the row. From then on the account cannot be restored. */
    startedAt: integer('started_at'),
    completedAt: integer('completed_at'),
    basis: text('basis', { enum: ['user_request', 'operator_request', 'database_restored'] }).notNull(),
    /** How often a purge has claimed the row since the last progress. */
    attempts: integer('attempts').notNull().default(0),
    /**
     * The earliest time of the next claim. Each claim moves it forward, so that a purge that fails does not
     * hold up the others.
     */
    retryAt: integer('retry_at'),
    /** JSON: the result and the time of each step. */
    steps: text('steps').notNull().default('{}'),
    /** The erasure receipt, a JWS. */
    receipt: text('receipt'),
    /**
     * Number of the archive segment with the event that names the receipt. The sweep after the purge sets it,
     * so that the event is found when its row is gone. Null before that, and in rows of releases before
     * 0.3.0.
     */
    recordedIn: integer('recorded_in'),
    /**
     * Shows that this service made the request: see `crypto/erasure-seal.ts`. A request from before this
     * column has none until the first run of this version seals it.
     */
    seal: text('seal'),
    /** When a purge found that the seal does not hold. Such a row is not claimed again. */
    refusedAt: integer('refused_at'),
    /** When the key is deleted a second time from every store. Null once that has been done. */
    sweepAt: integer('sweep_at'),
  },
  (table) => [
    index('erasures_open').on(table.dueAt).where(sql`completed_at IS NULL`),
    index('erasures_next')
      .on(sql`(CASE WHEN retry_at IS NULL THEN due_at ELSE retry_at END)`)
      .where(sql`completed_at IS NULL`),
    index('erasures_completed').on(table.completedAt).where(sql`completed_at IS NOT NULL`),
    index('erasures_refused').on(table.refusedAt).where(sql`refused_at IS NOT NULL`),
    index('erasures_sweep').on(table.sweepAt).where(sql`sweep_at IS NOT NULL`),
    index('erasures_seal').on(table.seal).where(sql`completed_at IS NULL`),
  ],
)

/** Legal holds. While the row exists, the user's data is not purged. */
export const legalHolds = sqliteTable(
  'legal_holds',
  {
    userId: text('user_id').$type<UserId>().primaryKey(),
    /** Reference of the case, chosen by the operator. Must not contain personal data. */
    reason: text('reason').notNull(),
    placedAt: integer('placed_at').notNull(),
    /** Shows that this service placed the hold: see `crypto/erasure-seal.ts`. */
    seal: text('seal'),
  },
  (table) => [index('legal_holds_seal').on(table.seal)],
)
