import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'

/** Moving in from another system: how far it is. */
export const imports = sqliteTable(
  'imports',
  {
    id: text('id').primaryKey(),
    startedAt: integer('started_at').notNull(),
    /** When the last lines came. */
    updatedAt: integer('updated_at').notNull(),
    finishedAt: integer('finished_at'),
    /** Number of the first line that has not been dealt with; lines count from 1. */
    nextLine: integer('next_line').notNull().default(1),
  },
  (table) => [index('imports_updated').on(table.updatedAt)],
)

/**
 * Lines of an import that were refused, and why: codes and names of members, nothing of what stood in the
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
    /** The member that was refused; null for the line as a whole. */
    member: text('member'),
  },
  (table) => [primaryKey({ columns: [table.importId, table.line] })],
)
