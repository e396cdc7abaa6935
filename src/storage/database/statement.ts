import type { SQL } from 'drizzle-orm'
import { SQLiteAsyncDialect } from 'drizzle-orm/sqlite-core'
import type { Members } from './members.ts'

/** SQL text with `?`, and the values in their order. */
export interface BoundText {
  readonly text: string
  readonly values: readonly unknown[]
}

/** The result of one statement. */
export interface Result {
  readonly rows: readonly unknown[]
  /** The number of rows that it changed. */
  readonly changed: number
}

interface Returned<Row> {
  readonly rows: readonly Row[]
  /** Runs the consequences. */
  readonly runConsequences: () => void
}

const dialect = new SQLiteAsyncDialect()

function bindSql(query: SQL): BoundText {
  const { sql: text, params: values } = dialect.sqlToQuery(query)
  return { text, values }
}

export interface StatementOptions {
  readonly needsAll?: boolean
  readonly members?: Members | undefined
}

/**
 * A statement together with the schema of its rows and the consequences that run after the commit. It is not
 * an `SQL`, because an SQL template that contains it would silently lose both. A query that is also used
 * inside another one is written as `sql` first, and a `Statement` is made from it.
 */
export class Statement<Row> {
  readonly query: SQL | BoundText
  readonly answer: (result: Result) => Returned<Row>
  /** Whether all rows must be fetched, because the consequences need them or their number. */
  readonly needsAll: boolean
  /** The members of its rows. Undefined if its rows are read in another way. */
  readonly members: Members | undefined

  constructor(
    query: SQL | BoundText,
    answer: (result: Result) => Returned<Row>,
    { needsAll = false, members }: StatementOptions = {},
  ) {
    this.query = query
    this.answer = answer
    this.needsAll = needsAll
    this.members = members
  }

  /** The SQL text and the values for D1. */
  bound(): BoundText {
    return 'text' in this.query ? this.query : bindSql(this.query)
  }

  /** Drizzle calls this for a value in a template. @throws TypeError */
  getSQL(): never {
    throw new TypeError('a Statement cannot be part of another one: it would lose its rows and its consequences')
  }
}

/** What a database runs. The rows of plain `sql` have no known type. */
export type Runnable<Row = unknown> = SQL | Statement<Row>

const nothing = () => undefined

/** A statement whose result is read with this function. */
export const reading = <Row>(
  query: SQL | BoundText,
  read: (result: Result) => readonly Row[],
  options?: StatementOptions,
): Statement<Row> => new Statement(query, (result) => ({ rows: read(result), runConsequences: nothing }), options)

/**
 * Adds a consequence to a statement. It receives the rows once the batch is committed and all rows of the
 * batch have been read.
 */
export const onReturned = <Row>(
  { query, answer, members }: Statement<Row>,
  take: (rows: readonly Row[]) => void,
): Statement<Row> =>
  new Statement(
    query,
    (result) => {
      const { rows, runConsequences } = answer(result)
      return {
        rows,
        runConsequences: () => {
          runConsequences()
          take(rows)
        },
      }
    },
    { needsAll: true, members },
  )

/**
 * The statement. Once its answer has arrived, and before any consequence runs, `take` receives the number of
 * rows that it changed.
 */
export const countingChanges = <Row>(statement: Runnable<Row>, take: (changed: number) => void): Statement<Row> =>
  new Statement<Row>(
    statement instanceof Statement ? statement.query : statement,
    (result) => {
      take(result.changed)
      return answerTo(statement, result) as Returned<Row>
    },
    statement instanceof Statement ? { needsAll: statement.needsAll, members: statement.members } : {},
  )

declare const taken: unique symbol

/** Replaces the row type of a statement whose rows go to the outbox: the caller cannot read them. */
export interface Taken {
  readonly [taken]: true
}

/** Adds a consequence, like `onReturned`, and hides the rows from the caller. */
export const takenFrom = <Row>(statement: Statement<Row>, take: (rows: readonly Row[]) => void): Statement<Taken> =>
  onReturned(statement, take) as unknown as Statement<Taken>

/** The SQL text and the values of a statement for D1. */
export const bound = (statement: Runnable): BoundText =>
  statement instanceof Statement ? statement.bound() : bindSql(statement)

/** The rows of a statement, and its consequences. */
export const answerTo = (statement: Runnable, result: Result): Returned<unknown> =>
  statement instanceof Statement ? statement.answer(result) : { rows: result.rows, runConsequences: nothing }
