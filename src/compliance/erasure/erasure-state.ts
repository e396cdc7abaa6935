import { type SQL, sql } from 'drizzle-orm'
import * as z from 'zod'
import { hasComeDue, isHeldBack, isUnfinished } from '../../storage/database/erasure-conditions.ts'
import type { Computed } from '../../storage/database/members.ts'
import { erasures } from '../../storage/schema/index.ts'

/** The states of an erasure. */
export const erasureStates = ['pending', 'due', 'held', 'failed', 'refused', 'completed'] as const
export type ErasureState = (typeof erasureStates)[number]

/** A purge takes seconds. One that has not ended after an hour was cut off, and the next run continues it. */
export const FAILED_AFTER_MS = 3_600_000

/**
 * SQL: the state of a row of `erasures`. `due` means that the erasure is neither completed nor held, and its
 * time has come: a purge may claim it now, has just claimed it, or claims it again after a pause. `refused`
 * means that this service did not make the row, or that the account was restored: an operator has to look at
 * it. claim-erasure.ts uses the same conditions.
 * @param now SQL for the time in Unix milliseconds
 */
export const erasureStateAt = (now: SQL): SQL => sql`CASE
  WHEN NOT ${isUnfinished} THEN 'completed'
  WHEN ${erasures.refusedAt} IS NOT NULL THEN 'refused'
  WHEN ${isHeldBack} THEN 'held'
  WHEN ${erasures.startedAt} < ${now} - ${sql.raw(String(FAILED_AFTER_MS))} THEN 'failed'
  WHEN ${hasComeDue(now)} THEN 'due' ELSE 'pending' END`

const stateSchema = z.enum(erasureStates)

/**
 * The state, as a computed column of a row of `erasures`.
 * @param now Unix milliseconds, written into the statement
 */
export const erasureState = (now: number): Computed<ErasureState> => ({
  expression: erasureStateAt(sql.raw(String(Math.trunc(now)))),
  schema: stateSchema,
})
