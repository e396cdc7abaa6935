import * as z from 'zod'
import { answerSchema, orNull, time, type View } from '../core/answer-schema.ts'

/** How many erasures are open. A purge would erase those that are `due` or `failed`. */
export const openErasuresShape = () => ({
  open: z.strictObject({ pending: z.int(), due: z.int(), held: z.int(), failed: z.int(), refused: z.int() }),
  /** Null when no erasure is open. */
  oldest_due_at: orNull(time()),
})

/** The answer of `POST /admin/erasures/run`. */
export const erasureRunView = answerSchema('ErasureRun', () => ({ dry_run: z.boolean(), ...openErasuresShape() }))

export type ErasureRun = View<typeof erasureRunView>
