import { Column, getTableColumns, is, SQL, sql } from 'drizzle-orm'
import type { SQLiteColumn, SQLiteTable } from 'drizzle-orm/sqlite-core'

type ColumnsOf<Table extends SQLiteTable> = Table['_']['columns'][keyof Table['_']['columns']]

/** Columns that an insert may omit, because they are nullable or have a default. */
type Optional<Column extends SQLiteColumn> = Column extends {
  readonly _: { readonly notNull: true; readonly hasDefault: false }
}
  ? never
  : Column

/** A value to bind, a column to copy, or an SQL expression. */
type Value<Column extends SQLiteColumn> =
  | Column['_']['data']
  | (Column['_']['notNull'] extends true ? never : null)
  | SQLiteColumn
  | SQL

/** Values by the SQL names of their columns. A missing column without a default is a compile error. */
export type Insertable<Table extends SQLiteTable> = {
  readonly [Column in Exclude<ColumnsOf<Table>, Optional<ColumnsOf<Table>>> as Column['_']['name']]: Value<Column>
} & Changes<Table>

/** Changes to some columns. An absent column keeps its value. */
export type Changes<Table extends SQLiteTable> = {
  readonly [Column in ColumnsOf<Table> as Column['_']['name']]?: Value<Column> | undefined
}

interface InsertOptions {
  /** SQL condition: a row is inserted only if it holds. */
  readonly onlyIf?: SQL | undefined
  /** The FROM clause, if the values come from a query. */
  readonly from?: SQL
}

/** One row of an insert, or the rows of a query. */
interface InsertedRow<Table extends SQLiteTable> extends InsertOptions {
  readonly values: Insertable<Table>
}

/** `INSERT INTO … SELECT … WHERE …`: a guarded insert. `onConflict` and RETURNING may follow it. */
export const insertInto = <Table extends SQLiteTable>(
  table: Table,
  values: Insertable<Table>,
  options: InsertOptions = {},
): SQL => insertRows(table, [{ ...options, values }])

/** Inserts several rows, each under its own condition. All rows must have the same members. */
export function insertRows<Table extends SQLiteTable>(
  table: Table,
  rows: readonly [InsertedRow<Table>, ...InsertedRow<Table>[]],
): SQL {
  const columns = written(table, rows[0].values).map(({ column }) => column)
  const selections = rows.map((row) => selectionOf(table, row))
  return sql`INSERT INTO ${table} (${namesOf(columns)}) ${sql.join(selections, sql` UNION ALL `)}`
}

function selectionOf<Table extends SQLiteTable>(table: Table, { values, onlyIf, from }: InsertedRow<Table>): SQL {
  const selected = sql.join(
    written(table, values).map(({ value }) => value),
    sql`, `,
  )
  const source = from === undefined ? sql`` : sql` FROM ${from}`
  return sql`SELECT ${selected}${source} WHERE ${onlyIf ?? sql`true`}`
}

/**
 * The ON CONFLICT clause after `insertInto`.
 * @param columns the columns that identify a row
 * @param changes `assignments` to the existing row. If absent, the row stays as it is
 */
export const onConflict = (columns: readonly [SQLiteColumn, ...SQLiteColumn[]], changes?: SQL): SQL =>
  sql`ON CONFLICT (${namesOf(columns)}) DO ${changes === undefined ? sql`NOTHING` : sql`UPDATE SET ${changes}`}`

/** The value that the conflicting new row would have had. */
export const excluded = (column: SQLiteColumn): SQL => sql.raw(`excluded.${column.name}`)

/** SQL condition: a boolean that is known before the statement runs. */
export const whether = (holds: boolean): SQL => sql.raw(String(holds))

/** SQL: the column's value plus one. */
export const plusOne = (column: SQLiteColumn): SQL => sql`${column} + 1`

/** The names of the columns as a list, for places where SQL allows only bare names. */
const namesOf = (columns: readonly SQLiteColumn[]): SQL => sql.raw(columns.map(({ name }) => name).join(', '))

/** The assignments of a SET clause. */
export const assignments = <Table extends SQLiteTable>(table: Table, changes: Changes<Table>): SQL =>
  sql.join(
    written(table, changes).map(({ column, value }) => sql`${sql.raw(column.name)} = ${value}`),
    sql`, `,
  )

interface Written {
  readonly column: SQLiteColumn
  readonly value: SQL
}

function written(table: SQLiteTable, values: object): Written[] {
  const columns = columnsByName(table)
  return Object.entries(values).flatMap(([name, value]: [string, unknown]) => {
    const column = columns.get(name)
    if (column === undefined || value === undefined) return []
    return [{ column, value: sqlOf(column, value) }]
  })
}

function sqlOf(column: SQLiteColumn, value: unknown): SQL {
  if (is(value, SQL)) return value
  return is(value, Column) ? sql`${value}` : sql`${sql.param(value, column)}`
}

const known = new WeakMap<SQLiteTable, ReadonlyMap<string, SQLiteColumn>>()

function columnsByName(table: SQLiteTable): ReadonlyMap<string, SQLiteColumn> {
  const columns =
    known.get(table) ?? new Map(Object.values(getTableColumns(table)).map((column) => [column.name, column]))
  known.set(table, columns)
  return columns
}
