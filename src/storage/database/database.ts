import { answerSteps, type BatchRows, type Steps, statementsOf } from './batch.ts'
import { bound, type Result, type Runnable, type Statement } from './statement.ts'

/**
 * D1, as a verb sees it in `ctx.db`. Statements are values made with drizzle's `sql` tag, which binds every
 * inserted value. Frequent statements are prepared. Running a `Statement` with any of these methods also runs
 * its consequences.
 *
 * `openDatabase` opens the plain database of a request. Two functions wrap a database and run a statement of
 * their own before those of the verb, in the same transaction: `countInFirstBatch` for rate limits, and
 * `guardDatabase` for operators.
 */
export interface Database {
  /**
   * Runs the steps as one transaction, in one round trip and in the order written. Either all of them take
   * effect, or none.
   * @returns the rows of each step, by its name
   */
  batch<const Named extends Steps>(steps: Named): Promise<BatchRows<Named>>
  /** The first row of one statement. Its consequences still receive all rows. */
  first<Row>(statement: Statement<Row>): Promise<Row | undefined>
  /** All rows of one statement. */
  all<Row>(statement: Statement<Row>): Promise<Row[]>
  /**
   * Whether reads may come from a replica. A replica is at least as new as the bookmark, but may lag behind
   * the primary.
   */
  readonly mayLag: boolean
}

export interface OpenDatabase {
  readonly db: Database
  /**
   * The point up to which this request has read or written. A later read with this bookmark sees at least
   * that.
   */
  readonly bookmark: () => string | null
}

const BOOKMARK = /^[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{32}$/

/**
 * The plain database of one request. Reads and writes go to the primary, unless a bookmark is given.
 * @param bookmark as the client sent it. A text that D1 cannot have issued is ignored
 */
export function openDatabase(binding: D1Database, bookmark?: string): OpenDatabase {
  const mayLag = bookmark !== undefined && BOOKMARK.test(bookmark)
  const session = binding.withSession(mayLag ? bookmark : 'first-primary')
  const prepare = (statement: Runnable): D1PreparedStatement => {
    const { text, values } = bound(statement)
    return session.prepare(text).bind(...values)
  }
  const db: Database = {
    mayLag,
    async batch<const Named extends Steps>(steps: Named) {
      const results = await session.batch(statementsOf(steps).map(prepare))
      return answerSteps(steps, results.map(toResult))
    },
    async first<Row>(statement: Statement<Row>) {
      if (statement.needsAll) return (await db.all(statement))[0]
      const row = await prepare(statement).first()
      return statement.answer({ rows: row === null ? [] : [row], changed: 0 }).rows[0]
    },
    async all<Row>(statement: Statement<Row>) {
      const { rows, runConsequences } = statement.answer(toResult(await prepare(statement).all()))
      runConsequences()
      return [...rows]
    },
  }
  return { db, bookmark: () => session.getBookmark() }
}

const toResult = ({ results, meta }: D1Result): Result => ({ rows: results, changed: meta.changes })
