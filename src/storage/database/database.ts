import { bound, type Statement } from './prepared.ts'
import { rowsForCaller } from './returned-rows.ts'

/** The rows that a list of statements answers with, in their order; ``sql<Row>`…` `` says what a row is. */
type Rows<Statements extends readonly Statement[]> = {
  -readonly [Index in keyof Statements]: Statements[Index] extends Statement<infer Row> ? Row[] : never
}

/**
 * D1. Statements are values made with drizzle's `sql` tag, which binds whatever is put into it; those that run most are
 * prepared. Reads and writes go to the primary, unless the database was opened at a bookmark.
 */
export interface Database {
  /** Runs the statements as one transaction, in one round trip: all of them take effect, or none. */
  batch<const Statements extends readonly Statement[]>(statements: Statements): Promise<Rows<Statements>>
  /** The first row of one statement. */
  first<Row>(statement: Statement<Row>): Promise<Row | undefined>
  /** All rows of one statement. */
  all<Row>(statement: Statement<Row>): Promise<Row[]>
  /** Whether reads may come from a replica, which knows what the bookmark knew and perhaps nothing newer. */
  readonly mayLag: boolean
}

export interface OpenDatabase {
  readonly db: Database
  /** Where this request has read or written up to; a later read that names it sees at least that. */
  readonly bookmark: () => string | null
}

const BOOKMARK = /^[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{32}$/

/** @param bookmark as a client sent it; one that D1 could not have given is ignored */
export function openDatabase(binding: D1Database, bookmark?: string): OpenDatabase {
  const mayLag = bookmark !== undefined && BOOKMARK.test(bookmark)
  const session = binding.withSession(mayLag ? bookmark : 'first-primary')
  const prepare = (statement: Statement): D1PreparedStatement => {
    const { text, values } = bound(statement)
    return session.prepare(text).bind(...values)
  }
  const db: Database = {
    mayLag,
    async batch<const Statements extends readonly Statement[]>(statements: Statements) {
      const results = await session.batch(statements.map(prepare))
      return statements.map((statement, i) => rowsForCaller(statement, results[i]?.results ?? [])) as Rows<Statements>
    },
    async first<Row>(statement: Statement<Row>) {
      return (await prepare(statement).first<Row>()) ?? undefined
    },
    async all<Row>(statement: Statement<Row>) {
      return (await prepare(statement).all<Row>()).results
    },
  }
  return { db, bookmark: () => session.getBookmark() }
}
