import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'

/** Imports of users from another system, and their progress. */
export const imports = sqliteTable(
  'imports',
  {
    id: text('id').primaryKey(),
    startedAt: integer('started_at').notNull(),
    /** When the last chunk of lines arrived. */
    updatedAt: integer('updated_at').notNull(),
    finishedAt: integer('finished_at'),
    /** Number of the first line that has not been processed. The first line is 1. */
    nextLine: integer('next_line').notNull().default(1),
  },
  (table) => [index('imports_updated').on(table.updatedAt)],
)

/**
 * Lines of an import that were refused, and why. Contains codes and names of members, and no contents of the
 * line.
 */
export const importRefusals = sqliteTable(
  'import_refusals',
  {
    importId: text('import_id')
      .notNull()
      .references(() => imports.id),
    line: integer('line').notNull(),
    code: text('code').notNull(),
    /** The member that was refused. Null if the whole line was refused. */
    member: text('member'),
  },
  (table) => [primaryKey({ columns: [table.importId, table.line] })],
)
