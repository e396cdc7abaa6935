import { is } from 'drizzle-orm'
import { getTableConfig, SQLiteTable } from 'drizzle-orm/sqlite-core'
import * as schema from '../../src/storage/schema/index.ts'

export interface SchemaTable {
  readonly name: string
  readonly columns: readonly string[]
}

/** Every table that the schema declares. */
export const schemaTables: readonly SchemaTable[] = Object.values(schema)
  .filter((value) => is(value, SQLiteTable))
  .map((table) => getTableConfig(table))
  .map(({ name, columns }) => ({ name, columns: columns.map((column) => column.name) }))
