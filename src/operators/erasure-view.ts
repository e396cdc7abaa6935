import * as z from 'zod'
import { erasureState, erasureStates } from '../compliance/erasure/erasure-state.ts'
import { answerSchema, orNull, time, type View } from '../core/answer-schema.ts'
import { rfc3339, rfc3339OrNull } from '../core/time.ts'
import type { Row } from '../storage/database/members.ts'
import { erasures } from '../storage/schema/index.ts'

/** An erasure, as operators see it. */
export const erasureView = answerSchema('Erasure', () => ({
  user_id: z.uuid(),
  state: z.enum(erasureStates),
  basis: z.string(),
  requested_at: time(),
  due_at: time(),
  started_at: orNull(time()),
  completed_at: orNull(time()),
}))

export type Erasure = View<typeof erasureView>

/** The answer of `GET /admin/erasures`. */
export const erasureListView = answerSchema('ErasureList', () => ({
  erasures: z.array(erasureView.schema),
  next_cursor: orNull(z.string()),
}))

export type ErasureList = View<typeof erasureListView>

/** Columns of a row of `erasures`. */
export const erasureMembers = (now: number) =>
  ({
    user_id: erasures.userId,
    state: erasureState(now),
    basis: erasures.basis,
    requested_at: erasures.requestedAt,
    due_at: erasures.dueAt,
    started_at: erasures.startedAt,
    completed_at: erasures.completedAt,
  }) as const

export type ErasureRow = Row<ReturnType<typeof erasureMembers>>

export const showErasure = (row: ErasureRow): Erasure => ({
  user_id: row.user_id,
  state: row.state,
  basis: row.basis,
  requested_at: rfc3339(row.requested_at),
  due_at: rfc3339(row.due_at),
  started_at: rfc3339OrNull(row.started_at),
  completed_at: rfc3339OrNull(row.completed_at),
})
