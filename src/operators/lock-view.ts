import * as z from 'zod'
import { answerSchema, time, type View } from '../core/answer-schema.ts'
import { rfc3339 } from '../core/time.ts'
import type { CounterState } from '../rate-limits/find-counters.ts'

/** A count that has not expired, and whether it blocks the person. */
const lockView = answerSchema('Lock', () => ({
  kind: z.enum(['lock', 'limit']),
  policy: z.string(),
  by: z.string(),
  count: z.int(),
  quota: z.int(),
  is_blocked: z.boolean(),
  ends_at: time(),
}))

/** The answer of `GET /admin/users/{id}/lock`. */
export const lockListView = answerSchema('LockList', () => ({ locks: z.array(lockView.schema) }))

export type LockList = View<typeof lockListView>

/** The answer of `POST /admin/users/{id}/clear-lock`: how many counts were cleared. */
export const clearedView = answerSchema('Cleared', () => ({ cleared: z.int() }))

export type Cleared = View<typeof clearedView>

export const showLock = ({
  kind,
  policy,
  by,
  count,
  quota,
  isUsedUp,
  endsAtMs,
}: CounterState): View<typeof lockView> => ({
  kind,
  policy,
  by,
  count,
  quota,
  is_blocked: isUsedUp,
  ends_at: rfc3339(endsAtMs),
})
