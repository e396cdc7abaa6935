import type { SQL } from 'drizzle-orm'
import { SQLiteAsyncDialect } from 'drizzle-orm/sqlite-core'
import type { Members } from './rows.ts'

/** Text with `?`, and the values in their order. */
export interface BoundText {
  readonly text: string
  readonly values: readonly unknown[]
}

/** What the database said about one statement. */
export interface Result {
  readonly rows: readonly unknown[]
  /** Rows that it changed. */
  readonly changed: number
}

interface Answer<Row> {
  readonly rows: readonly Row[]
  /** Lets the consequences follow. */
  readonly hand: () => void
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
 * A statement with what belongs to it: how its rows are read, and the consequences that follow from them once
 * they are committed. It is a value of its own and no `SQL`: inside another statement it would lose both
 * without a sound. So a query that is also part of another one is written as `sql` first, and made a
 * `Statement` beside it.
 */
export class Statement<Row> {
  readonly query: SQL | BoundText
  readonly answer: (result: Result) => Answer<Row>
  /** The first row alone would not do: something is done with all of them, or with their number. */
  readonly needsAll: boolean
  /** What its rows are, where they are read by that. */
  readonly members: Members | undefined

  constructor(
    query: SQL | BoundText,
    answer: (result: Result) => Answer<Row>,
    { needsAll = false, members }: StatementOptions = {},
  ) {
    this.query = query
    this.answer = answer
    this.needsAll = needsAll
    this.members = members
  }

  /** What D1 is given. */
  bound(): BoundText {
    return 'text' in this.query ? this.query : bindSql(this.query)
  }

  /** What drizzle asks whatever is put into a template. @throws TypeError */
  getSQL(): never {
    throw new TypeError('a Statement cannot be part of another one: it would lose its rows and its consequences')
  }
}

/** What a database runs. Of plain `sql` nobody knows what the rows are. */
export type Runnable<Row = unknown> = SQL | Statement<Row>

const nothing = () => undefined

/** A statement whose result is read in this way. */
export const reading = <Row>(
  query: SQL | BoundText,
  read: (result: Result) => readonly Row[],
  options?: StatementOptions,
): Statement<Row> => new Statement(query, (result) => ({ rows: read(result), hand: nothing }), options)

/**
 * Has a consequence ride along with a statement: it gets the rows once the batch is committed and all of its
 * rows were read, whoever runs it.
 */
export const onReturned = <Row>(
  { query, answer, members }: Statement<Row>,
  take: (rows: readonly Row[]) => void,
): Statement<Row> =>
  new Statement(
    query,
    (result) => {
      const { rows, hand } = answer(result)
      return {
        rows,
        hand: () => {
          hand()
          take(rows)
        },
      }
    },
    { needsAll: true, members },
  )

declare const taken: unique symbol

/** In place of a row type: the rows of this statement go to the outbox, and nothing can be read from them. */
export interface Taken {
  readonly [taken]: true
}

/** The same for rows that are none of the caller's business: its type says so. */
export const takenFrom = <Row>(statement: Statement<Row>, take: (rows: readonly Row[]) => void): Statement<Taken> =>
  onReturned(statement, take) as unknown as Statement<Taken>

/** What D1 is given for it. */
export const bound = (statement: Runnable): BoundText =>
  statement instanceof Statement ? statement.bound() : bindSql(statement)

/** What a statement answers with. */
export const answerTo = (statement: Runnable, result: Result): Answer<unknown> =>
  statement instanceof Statement ? statement.answer(result) : { rows: result.rows, hand: nothing }
