import { answerSteps, type BatchRows, type Steps, statementsOf } from './batch.ts'
import { bound, type Result, type Runnable, type Statement } from './statement.ts'

/**
 * D1, as a verb sees it in `ctx.db`. Statements are values made with drizzle's `sql` tag, which binds
 * whatever is put into it; those that run most are prepared. Whoever runs a `Statement`, in whatever way,
 * sets off its consequences.
 *
 * There is the plain database of a request (`openDatabase`), and two that stand around another one and put a
 * statement of theirs before those of the verb, in the same transaction: `countInFirstBatch` for limits,
 * `guardDatabase` for operators.
 */
export interface Database {
  /**
   * Runs the steps as one transaction, in one round trip and in the order written: all of them take effect,
   * or none.
   * @returns the rows of each step, by its name
   */
  batch<const Named extends Steps>(steps: Named): Promise<BatchRows<Named>>
  /** The first row of one statement. Its consequences get all rows. */
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

/**
 * The plain database of one request. Reads and writes go to the primary, unless it is opened at a bookmark.
 * @param bookmark as a client sent it; one that D1 could not have given is ignored
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
      const { rows, hand } = statement.answer(toResult(await prepare(statement).all()))
      hand()
      return [...rows]
    },
  }
  return { db, bookmark: () => session.getBookmark() }
}

const toResult = ({ results, meta }: D1Result): Result => ({ rows: results, changed: meta.changes })
