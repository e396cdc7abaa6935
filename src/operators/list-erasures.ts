import { type SQL, sql } from 'drizzle-orm'
import type { ErasureState } from '../compliance/erasure/erasure-state.ts'
import type { Context } from '../context.ts'
import { recordEvent } from '../storage/outbox.ts'
import { type Erasure, type ErasureRow, erasureColumns, showErasure, stateOf } from './erasure.ts'
import { operatorSession } from './operation.ts'
import { type Page, toPage } from './page.ts'

/** Where the page before ended. */
export interface ErasureCursor {
  readonly atMs: number
  readonly id: string
}

export interface ErasureSearch {
  readonly state: ErasureState
  readonly cursor?: ErasureCursor | undefined
  readonly limit: number
}

type Dependencies = Pick<Context, 'db' | 'actor' | 'requestId' | 'now' | 'outbox'>

/** One page of erasures in a state: completed ones newest first, open ones in the order in which they are due. */
export async function listErasures(ctx: Dependencies, search: ErasureSearch): Promise<Page<Erasure>> {
  const { state, limit } = search
  const [rows] = await ctx.db.batch([
    state === 'completed' ? selectCompleted(search, ctx.now) : selectOpen(search, ctx.now),
    recordEvent(ctx, {
      action: 'operator.erasures_listed',
      outcome: 'success',
      detail: { ...operatorSession(ctx), filters: [state] },
    }),
  ])
  const { items, nextCursor } = toPage(rows, limit, (row) => `${row.completed_at ?? row.due_at}.${row.user_id}`)
  return { items: items.map(showErasure), nextCursor }
}

/** Index `erasures_completed`. */
const selectCompleted = ({ cursor, limit }: ErasureSearch, now: number): SQL<ErasureRow> => sql`
  SELECT ${erasureColumns(now)} FROM erasures
  WHERE completed_at IS NOT NULL AND (completed_at, user_id) < (${cursor?.atMs ?? Number.MAX_SAFE_INTEGER}, ${cursor?.id ?? ''})
  ORDER BY completed_at DESC, user_id DESC LIMIT ${limit + 1}`

/** Index `erasures_open`. What is due and everything behind it never share a page with what is not. */
const selectOpen = ({ state, cursor, limit }: ErasureSearch, now: number): SQL<ErasureRow> => sql`
  SELECT ${erasureColumns(now)} FROM erasures
  WHERE completed_at IS NULL AND ${stateOf(now)} = ${state} AND due_at ${state === 'pending' ? sql`>` : sql`<=`} ${boundOf(state, now)}
    AND (due_at, user_id) > (${cursor?.atMs ?? 0}, ${cursor?.id ?? ''})
  ORDER BY due_at, user_id LIMIT ${limit + 1}`

/** Held erasures may be due or not. */
const boundOf = (state: ErasureState, now: number): number => (state === 'held' ? Number.MAX_SAFE_INTEGER : now)
