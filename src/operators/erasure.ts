import { type SQL, sql } from 'drizzle-orm'
import { type ErasureState, erasureStateAt } from '../compliance/erasure/erasure-state.ts'
import type { UserId } from '../core/ids.ts'
import { rfc3339, rfc3339OrNull } from '../core/time.ts'

/** An erasure as operators see it. Times are RFC 3339. */
export interface Erasure {
  readonly user_id: UserId
  readonly state: ErasureState
  readonly basis: string
  readonly requested_at: string
  readonly due_at: string
  readonly started_at: string | null
  readonly completed_at: string | null
}

export interface ErasureRow {
  readonly user_id: UserId
  readonly state: ErasureState
  readonly basis: string
  readonly requested_at: number
  readonly due_at: number
  readonly started_at: number | null
  readonly completed_at: number | null
}

/** SQL: the columns of an `ErasureRow`, of a row of `erasures`. */
export const erasureColumns = (now: number): SQL => sql`
  user_id, ${stateOf(now)} AS state, basis, requested_at, due_at, started_at, completed_at`

/** SQL: the state of a row of `erasures`. @param now a whole number, which becomes part of the statement */
export const stateOf = (now: number): SQL => sql.raw(erasureStateAt(String(Math.trunc(now))))

export const showErasure = (row: ErasureRow): Erasure => ({
  user_id: row.user_id,
  state: row.state,
  basis: row.basis,
  requested_at: rfc3339(row.requested_at),
  due_at: rfc3339(row.due_at),
  started_at: rfc3339OrNull(row.started_at),
  completed_at: rfc3339OrNull(row.completed_at),
})
