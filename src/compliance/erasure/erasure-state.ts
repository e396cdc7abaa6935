import { type SQL, sql } from 'drizzle-orm'
import * as z from 'zod'
import { hasComeDue, isHeldBack, isUnfinished } from '../../storage/database/erasure-conditions.ts'
import type { Computed } from '../../storage/database/rows.ts'
import { erasures } from '../../storage/schema/index.ts'

/** What an erasure may be waiting for, or have come to. */
export const erasureStates = ['pending', 'due', 'held', 'failed', 'completed'] as const
export type ErasureState = (typeof erasureStates)[number]

/** A purge takes seconds; one that has not ended by then was cut off, and the next run continues it. */
export const FAILED_AFTER_MS = 3_600_000

/**
 * SQL: the state of a row of `erasures`. `due` is what a purge would claim, has just claimed, or claims again
 * after a pause: neither completed nor held, and its time has come. claim-erasure.ts asks by the same
 * conditions.
 * @param now SQL for the time in Unix milliseconds
 */
export const erasureStateAt = (now: SQL): SQL => sql`CASE
  WHEN NOT ${isUnfinished} THEN 'completed'
  WHEN ${isHeldBack} THEN 'held'
  WHEN ${erasures.startedAt} < ${now} - ${sql.raw(String(FAILED_AFTER_MS))} THEN 'failed'
  WHEN ${hasComeDue(now)} THEN 'due' ELSE 'pending' END`

const stateSchema = z.enum(erasureStates)

/**
 * The state as a member of a row of `erasures`.
 * @param now Unix milliseconds, which become part of the statement
 */
export const erasureState = (now: number): Computed<ErasureState> => ({
  expression: erasureStateAt(sql.raw(String(Math.trunc(now)))),
  schema: stateSchema,
})
