import { getTableColumns, is, SQL, sql } from 'drizzle-orm'
import type { SQLiteColumn, SQLiteTable } from 'drizzle-orm/sqlite-core'

type ColumnsOf<Table extends SQLiteTable> = Table['_']['columns'][keyof Table['_']['columns']]

/** Columns that an insert may leave out: null or a default stands for them. */
type Optional<Column extends SQLiteColumn> = Column extends {
  readonly _: { readonly notNull: true; readonly hasDefault: false }
}
  ? never
  : Column

/** A bound value, or SQL that computes it. */
type Value<Column extends SQLiteColumn> =
  | Column['_']['data']
  | (Column['_']['notNull'] extends true ? never : null)
  | SQL

/** Values by the SQL names of their columns. The compiler names a column that is missing and has no default. */
export type Insertable<Table extends SQLiteTable> = {
  readonly [Column in Exclude<ColumnsOf<Table>, Optional<ColumnsOf<Table>>> as Column['_']['name']]: Value<Column>
} & Changes<Table>

/** Some columns. One that is absent stays as it is. */
export type Changes<Table extends SQLiteTable> = {
  readonly [Column in ColumnsOf<Table> as Column['_']['name']]?: Value<Column> | undefined
}

interface InsertOptions {
  /** SQL condition: nothing is inserted unless it holds. */
  readonly onlyIf?: SQL | undefined
  /** What stands behind FROM, where values come from a query. */
  readonly from?: SQL
}

/** `INSERT INTO … SELECT … WHERE …`: a guarded insert. ON CONFLICT and RETURNING are put behind it. */
export function insertInto<Table extends SQLiteTable>(
  table: Table,
  values: Insertable<Table>,
  { onlyIf, from }: InsertOptions = {},
): SQL {
  const entries = written(table, values)
  const names = sql.join(
    entries.map(({ column }) => sql.raw(column.name)),
    sql`, `,
  )
  const selected = sql.join(
    entries.map(({ value }) => value),
    sql`, `,
  )
  const source = from === undefined ? sql`` : sql` FROM ${from}`
  return sql`INSERT INTO ${table} (${names}) SELECT ${selected}${source} WHERE ${onlyIf ?? sql`true`}`
}

/** What stands behind SET. */
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
    return [{ column, value: is(value, SQL) ? value : sql`${sql.param(value, column)}` }]
  })
}

const known = new WeakMap<SQLiteTable, ReadonlyMap<string, SQLiteColumn>>()

function columnsByName(table: SQLiteTable): ReadonlyMap<string, SQLiteColumn> {
  const columns =
    known.get(table) ?? new Map(Object.values(getTableColumns(table)).map((column) => [column.name, column]))
  known.set(table, columns)
  return columns
}
