import { sql } from 'drizzle-orm'
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { UserId } from '../../core/ids.ts'

/** Requests to be erased, and what was done about them. The row outlives the person. */
export const erasures = sqliteTable(
  'erasures',
  {
    userId: text('user_id').$type<UserId>().primaryKey(),
    requestedAt: integer('requested_at').notNull(),
    dueAt: integer('due_at').notNull(),
    /** Claimed by a purge; from then on nothing can be restored. */
    startedAt: integer('started_at'),
    completedAt: integer('completed_at'),
    basis: text('basis', { enum: ['user_request', 'operator_request', 'database_restored'] }).notNull(),
    /** How often a purge has claimed it since it last got anywhere. */
    attempts: integer('attempts').notNull().default(0),
    /** When a purge may claim it again: each claim moves this on, so that one that fails goes to the back. */
    retryAt: integer('retry_at'),
    /** JSON: what each step did and when. */
    steps: text('steps').notNull().default('{}'),
    /** JWS. */
    receipt: text('receipt'),
  },
  (table) => [
    index('erasures_open').on(table.dueAt).where(sql`completed_at IS NULL`),
    index('erasures_next')
      .on(sql`(CASE WHEN retry_at IS NULL THEN due_at ELSE retry_at END)`)
      .where(sql`completed_at IS NULL`),
    index('erasures_completed').on(table.completedAt).where(sql`completed_at IS NOT NULL`),
  ],
)

/** Blocks a purge for as long as the row exists. */
export const legalHolds = sqliteTable('legal_holds', {
  userId: text('user_id').$type<UserId>().primaryKey(),
  /** Reference of the case, chosen by the operator; no personal data. */
  reason: text('reason').notNull(),
  placedAt: integer('placed_at').notNull(),
})
