import { DatabaseSync } from 'node:sqlite'

/** A column of a statement's rows, as SQLite knows it without running it; null where it is computed. */
export interface PreparedColumn {
  readonly name: string
  readonly table: string | null
  readonly column: string | null
  /** As the table declares it. */
  readonly type: string | null
}

/**
 * Prepares statements in an empty database that the migrations have made. In Node, since D1 tells of no
 * types.
 */
export function preparedColumns(migrations: readonly { readonly queries: readonly string[] }[]) {
  let database: DatabaseSync | undefined

  function open(): DatabaseSync {
    const made = new DatabaseSync(':memory:')
    for (const query of migrations.flatMap(({ queries }) => queries)) made.exec(query)
    return made
  }

  /** @returns for each text its columns, or what SQLite says against it */
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
