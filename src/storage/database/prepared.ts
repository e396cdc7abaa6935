import { is, Placeholder, type SQL, sql } from 'drizzle-orm'
import { SQLiteAsyncDialect } from 'drizzle-orm/sqlite-core'
import { keepRows } from './rows.ts'

/** The text of a statement, and what is bound to it. */
interface BoundStatement<Row> {
  readonly text: string
  readonly values: readonly unknown[]
  /** Only for the compiler: what a row is. */
  readonly row?: Row
}

/** What a database runs. */
export type Statement<Row = unknown> = SQL<Row> | BoundStatement<Row>

const dialect = new SQLiteAsyncDialect()

/** What D1 is given: text with `?`, and the values in their order. */
export function bound<Row>(statement: Statement<Row>): BoundStatement<Row> {
  if ('text' in statement) return statement
  const { sql: text, params: values } = dialect.sqlToQuery(statement)
  return { text, values }
}

/**
 * A statement that runs so often that its text is made once an isolate; its values are bound each time.
 * @param build gets placeholders, so it may put values into `sql` and must neither compute with them nor choose by them
 */
export function prepareStatement<Values extends object, Row>(
  build: (values: Values) => SQL<Row>,
): (values: Values) => BoundStatement<Row> {
  let prepared: { readonly from: SQL<Row>; readonly text: string; readonly slots: readonly Slot[] } | undefined
  return (values) => {
    if (prepared === undefined) {
      const from = build(placeholders as Values)
      prepared = { from, ...toSlots(bound(from)) }
    }
    return keepRows(prepared.from, {
      text: prepared.text,
      values: prepared.slots.map(({ name, constant }) => (name === undefined ? constant : Reflect.get(values, name))),
    })
  }
}

/** Where a value goes by its name, or what is always bound there. */
interface Slot {
  readonly name?: string
  readonly constant?: unknown
}

const placeholders = new Proxy({}, { get: (_, name) => sql.placeholder(String(name)) })

const toSlots = ({ text, values }: BoundStatement<unknown>) => ({
  text,
  slots: values.map((value) => (is(value, Placeholder) ? { name: value.name } : { constant: value })),
})
