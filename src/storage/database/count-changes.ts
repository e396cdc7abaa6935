import type { SQL } from 'drizzle-orm'
import { reading, type Statement } from './statement.ts'

/** What a statement answers with that `countChanges` was given. */
export interface ChangeCounts {
  readonly changed: number
}

/**
 * Has a statement answer with one row that says how many rows it changed, those that triggers changed for it
 * included. D1 counts them anyway; a RETURNING would make it collect and send a row for each.
 */
export const countChanges = (statement: SQL): Statement<ChangeCounts> =>
  reading(statement, ({ changed }) => [{ changed }], { needsAll: true })
