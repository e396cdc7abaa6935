import type { SQL } from 'drizzle-orm'
import type { Statement } from './prepared.ts'

type Take<Row> = (rows: readonly Row[]) => void

const takers = new WeakMap<Statement, Take<never>>()

/**
 * Has somebody told what a statement returned, once the batch it is part of was committed and has answered. Whoever runs
 * the batch sees none of it.
 */
export function onReturned<Row>(statement: SQL<Row>, take: Take<Row>): SQL {
  takers.set(statement, take)
  return statement
}

/** Tells whoever waits for the rows of a statement. @returns what is left for the caller */
export function rowsForCaller(statement: Statement, rows: readonly unknown[]): readonly unknown[] {
  const take = takers.get(statement)
  if (take === undefined) return rows
  take(rows as readonly never[])
  return []
}
