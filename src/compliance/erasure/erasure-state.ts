import { sql } from 'drizzle-orm'
import * as z from 'zod'
import type { Computed } from '../../storage/database/rows.ts'

/** What an erasure may be waiting for, or have come to. */
export const erasureStates = ['pending', 'due', 'held', 'failed', 'completed'] as const
export type ErasureState = (typeof erasureStates)[number]

/** A purge takes seconds; one that has not ended by then was cut off, and the next run continues it. */
export const FAILED_AFTER_MS = 3_600_000

/**
 * SQL text: the state of a row of `erasures`. `due` is what a purge would claim, has just claimed, or claims again after
 * a pause: neither completed nor held, and its time has come. Keep it equal to the condition of claim-erasure.ts.
 * @param now SQL text for the time in Unix milliseconds
 */
export const erasureStateAt = (now: string): string => `CASE
  WHEN completed_at IS NOT NULL THEN 'completed'
  WHEN EXISTS (SELECT 1 FROM legal_holds h WHERE h.user_id = erasures.user_id) THEN 'held'
  WHEN started_at < ${now} - ${FAILED_AFTER_MS} THEN 'failed'
  WHEN due_at <= ${now} THEN 'due' ELSE 'pending' END`

const stateSchema = z.enum(erasureStates)

/** The state as a member of a row of `erasures`. @param now Unix milliseconds, which become part of the statement */
export const erasureState = (now: number): Computed<ErasureState> => ({
  expression: sql.raw(erasureStateAt(String(Math.trunc(now)))),
  schema: stateSchema,
})
