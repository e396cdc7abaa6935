import { type SQL, sql } from 'drizzle-orm'
import { type ErasureState, erasureState } from '../compliance/erasure/erasure-state.ts'
import { recordEvent } from '../storage/database/outbox.ts'
import { columnsOf, withRows } from '../storage/database/rows.ts'
import type { Statement } from '../storage/database/statement.ts'
import { type ErasureList, type ErasureRow, erasureMembers, showErasure } from './erasure-view.ts'
import { type Operating, operatorSession } from './operation.ts'
import { toPage } from './page.ts'

/** The last row of the previous page. */
export interface ErasureCursor {
  readonly atMs: number
  readonly id: string
}

export interface ErasureSearch {
  readonly state: ErasureState
  readonly cursor?: ErasureCursor | undefined
  readonly limit: number
}

/**
 * Lists one page of erasures in a state: completed ones newest first, open ones in the order of their due
 * time.
 */
export async function listErasures(ctx: Operating, search: ErasureSearch): Promise<ErasureList> {
  const { state, limit } = search
  const { rows } = await ctx.db.batch({
    rows: state === 'completed' ? selectCompleted(search, ctx.now) : selectOpen(search, ctx.now),
    record: recordEvent(ctx, {
      action: 'operator.erasures_listed',
      outcome: 'success',
      detail: { ...operatorSession(ctx), filters: [state] },
    }),
  })
  const { items, nextCursor } = toPage(rows, limit, (row) => `${row.completed_at ?? row.due_at}.${row.user_id}`)
  return { erasures: items.map(showErasure), next_cursor: nextCursor }
}

/** Selects completed erasures. Index `erasures_completed`. */
const selectCompleted = ({ cursor, limit }: ErasureSearch, now: number): Statement<ErasureRow> =>
  selectErasures(
    now,
    sql`
      completed_at IS NOT NULL
        AND (completed_at, user_id) < (${cursor?.atMs ?? Number.MAX_SAFE_INTEGER}, ${cursor?.id ?? ''})
      ORDER BY completed_at DESC, user_id DESC LIMIT ${limit + 1}`,
  )

/**
 * Selects open erasures. Index `erasures_open`. The bound on `due_at` depends on the state, so that the query
 * reads only the part of the index that can match.
 */
const selectOpen = ({ state, cursor, limit }: ErasureSearch, now: number): Statement<ErasureRow> =>
  selectErasures(
    now,
    sql`
      completed_at IS NULL AND ${erasureState(now).expression} = ${state}
        AND due_at ${state === 'pending' ? sql`>` : sql`<=`} ${boundOf(state, now)}
        AND (due_at, user_id) > (${cursor?.atMs ?? 0}, ${cursor?.id ?? ''})
      ORDER BY due_at, user_id LIMIT ${limit + 1}`,
  )

function selectErasures(now: number, where: SQL): Statement<ErasureRow> {
  const members = erasureMembers(now)
  return withRows(members, sql`SELECT ${columnsOf(members)} FROM erasures WHERE ${where}`)
}

/** The bound on `due_at`. Held and refused erasures have no such bound: they may be due or not. */
const boundOf = (state: ErasureState, now: number): number =>
  state === 'held' || state === 'refused' ? Number.MAX_SAFE_INTEGER : now
