import { sql } from 'drizzle-orm'
import { erasureState } from '../compliance/erasure/erasure-state.ts'
import { rfc3339OrNull } from '../core/time.ts'
import type { Row } from '../storage/database/members.ts'
import { columnsOf, computed, withRows } from '../storage/database/rows.ts'
import type { Statement } from '../storage/database/statement.ts'
import type { ErasureRun } from './erasure-run-view.ts'

const openMembers = (now: number) =>
  ({
    state: erasureState(now),
    erasures: computed.integer(sql`count(*)`),
    oldest_due_at: computed.integer(sql`min(due_at)`),
  }) as const

type CountRow = Row<ReturnType<typeof openMembers>>

/** Counts open erasures by state. Index `erasures_open`. */
export function countOpenErasures(now: number): Statement<CountRow> {
  const members = openMembers(now)
  return withRows(
    members,
    sql`SELECT ${columnsOf(members)} FROM erasures WHERE completed_at IS NULL AND due_at > 0 GROUP BY state`,
  )
}

/** Shows the result of `countOpenErasures`. */
export function showOpenErasures(rows: readonly CountRow[]): Omit<ErasureRun, 'dry_run'> {
  const counted = Object.fromEntries(rows.map(({ state, erasures }) => [state, erasures]))
  const oldest = Math.min(...rows.map((row) => row.oldest_due_at))
  return {
    open: { pending: 0, due: 0, held: 0, failed: 0, refused: 0, ...counted },
    oldest_due_at: rfc3339OrNull(rows.length === 0 ? null : oldest),
  }
}
