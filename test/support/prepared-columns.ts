import { DatabaseSync } from 'node:sqlite'

/**
 * A column of a statement's rows, as SQLite knows it without running the statement. Null where it is
 * computed.
 */
export interface PreparedColumn {
  readonly name: string
  readonly table: string | null
  readonly column: string | null
  /** The type in the declaration of the table. */
  readonly type: string | null
}

/**
 * Prepares statements in an empty database that the migrations have made, with wrangler's table beside it. It
 * runs in Node, because D1 does not report types.
 */
export function preparedColumns(migrations: readonly { readonly queries: readonly string[] }[]) {
  let database: DatabaseSync | undefined

  function open(): DatabaseSync {
    const made = new DatabaseSync(':memory:')
    made.exec('CREATE TABLE d1_migrations (id INTEGER PRIMARY KEY, name TEXT, applied_at TIMESTAMP)')
    for (const query of migrations.flatMap(({ queries }) => queries)) made.exec(query)
    return made
  }

  /** @returns for each text its columns, or the error message of SQLite */
  return (texts: readonly string[]): (readonly PreparedColumn[] | string)[] => {
    database ??= open()
    const prepared = database
    return texts.map((text) => {
      try {
        return prepared.prepare(text).columns()
      } catch (error) {
        return String(error)
      }
    })
  }
}
