import type { SQL } from 'drizzle-orm'
import { reading, type Statement } from './statement.ts'

/** The row that a statement made by `countChanges` returns. */
export interface ChangeCounts {
  readonly changed: number
}

/**
 * Makes a statement return one row with the number of rows that it changed. Rows that triggers changed are
 * included. D1 counts changes anyway, whereas RETURNING would make it collect and send a row for each.
 */
export const countChanges = (statement: SQL): Statement<ChangeCounts> =>
  reading(statement, ({ changed }) => [{ changed }], { needsAll: true })
