import * as z from 'zod'
import { answerSchema, orNull, type View } from '../core/answer-schema.ts'

/** The answer of `GET /admin/audit/verify`. */
export const verificationView = answerSchema('Verification', () => ({
  ok: z.boolean(),
  /** The segments that were checked. */
  from: z.int(),
  to: z.int(),
  events: z.int(),
  /** The newest segment of the archive. */
  head: z.strictObject({ sequence: z.int(), event_count: z.int() }),
  /** True when the newest segment has no signature yet. It is signed within minutes. */
  unsigned_tail: z.boolean(),
  finding: orNull(z.strictObject({ kind: z.string(), sequence: z.int(), message: z.string() })),
  /** Null when the newest segment has been checked. */
  next_after: orNull(z.int()),
}))

export type Verification = View<typeof verificationView>
