import * as z from 'zod'
import { answerSchema, time, type View } from '../../core/answer-schema.ts'
import { rfc3339 } from '../../core/time.ts'
import type { ErasureRequest } from './request-erasure.ts'

/** The answer of `DELETE /users/me`. */
export const deletionView = answerSchema('Deletion', () => ({
  status: z.literal('deleted'),
  purge_after: time(),
  restore_until: time(),
}))

export type Deletion = View<typeof deletionView>

/** Apart from the verb: what a repeated request finds is what was kept, and is shown alike. */
export function showDeletion({ purgeAfterMs }: ErasureRequest): Deletion {
  const purgeAfter = rfc3339(purgeAfterMs)
  return { status: 'deleted', purge_after: purgeAfter, restore_until: purgeAfter }
}
