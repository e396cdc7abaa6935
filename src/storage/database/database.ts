import { type Answers, answer, type Steps, statementsOf } from './batch.ts'
import { rowsOf } from './count-changes.ts'
import { bound, type Statement } from './prepared.ts'
import { decode } from './rows.ts'

/**
 * D1. Statements are values made with drizzle's `sql` tag, which binds whatever is put into it; those that run most are
 * prepared. Reads and writes go to the primary, unless the database was opened at a bookmark.
 */
export interface Database {
  /**
   * Runs the steps as one transaction, in one round trip and in the order written: all of them take effect, or none.
   * @returns the rows of each step, by its name
   */
  batch<const Named extends Steps>(steps: Named): Promise<Answers<Named>>
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
    async batch<const Named extends Steps>(steps: Named) {
      const statements = statementsOf(steps)
      const results = await session.batch(statements.map(prepare))
      return answer(
        steps,
        statements.map((statement, i) => (results[i] ? rowsOf(statement, results[i]) : [])),
      )
    },
    async first<Row>(statement: Statement<Row>) {
      const row = await prepare(statement).first()
      return (row === null ? undefined : decode(statement, [row])[0]) as Row | undefined
    },
    async all<Row>(statement: Statement<Row>) {
      return decode(statement, (await prepare(statement).all()).results) as Row[]
    },
  }
  return { db, bookmark: () => session.getBookmark() }
}
