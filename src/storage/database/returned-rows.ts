import type { SQL } from 'drizzle-orm'
import type { Statement } from './prepared.ts'

type Take<Row> = (rows: readonly Row[]) => void

declare const taken: unique symbol

/** In place of a row type: the rows of this statement go to the outbox, and nothing can be read from them. */
export interface Taken {
  readonly [taken]: true
}

const takers = new WeakMap<Statement, Take<never>>()

/** Calls `take` with what a statement returned, once the batch that it is part of was committed and has answered. */
export function onReturned<Row>(statement: SQL<Row>, take: Take<Row>): SQL<Row> {
  takers.set(statement, take)
  return statement
}

/** The same for rows that are none of the caller's business: its type says so. */
export const takenFrom = <Row>(statement: SQL<Row>, take: Take<Row>): SQL<Taken> =>
  onReturned(statement, take) as unknown as SQL<Taken>

/** Hands the rows of a statement to what waits for them. */
export function hand(statement: Statement, rows: readonly unknown[]): void {
  takers.get(statement)?.(rows as readonly never[])
}
