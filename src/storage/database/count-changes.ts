import { type SQL, sql } from 'drizzle-orm'
import type { Statement } from './prepared.ts'

/** What a statement answers with that `countChanges` was given. */
export interface Changes {
  readonly changed: number
}

const counted = new WeakSet<Statement>()

/**
 * Has a statement of a batch answer with one row that says how many rows it changed, those that triggers changed for it
 * included. D1 counts them anyway; a RETURNING would make it collect and send a row for each.
 */
export function countChanges(statement: SQL): SQL<Changes> {
  const counting = sql<Changes>`${statement}`
  counted.add(counting)
  return counting
}

/** The rows of a statement of a batch. */
export const rowsOf = (statement: Statement, { results, meta }: D1Result): readonly unknown[] =>
  counted.has(statement) ? [{ changed: meta.changes } satisfies Changes] : results
