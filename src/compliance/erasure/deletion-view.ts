import * as z from 'zod'
import { answerSchema, lazySchema, time, type View } from '../../core/answer-schema.ts'
import { rfc3339 } from '../../core/time.ts'

/** The answer of `DELETE /users/me`. */
export const deletionView = answerSchema('Deletion', () => ({
  status: z.literal('deleted'),
  purge_after: time(),
  restore_until: time(),
}))

export type Deletion = View<typeof deletionView>

/**
 * @param purgeAfterMs Unix milliseconds; the purge comes after this time, and the owner can restore the
 * account until then
 */
export function showDeletion(purgeAfterMs: number): Deletion {
  const purgeAfter = rfc3339(purgeAfterMs)
  return { status: 'deleted', purge_after: purgeAfter, restore_until: purgeAfter }
}

/**
 * The stored answer of the first request, which a repeated request receives. An earlier version stored only
 * the time, for 24 hours.
 */
export const keptDeletion = lazySchema(() =>
  z.union([
    deletionView.schema,
    z.strictObject({ purgeAfterMs: z.number() }).transform(({ purgeAfterMs }) => showDeletion(purgeAfterMs)),
  ]),
)
