import * as z from 'zod'
import { answerSchema, time, type View } from '../core/answer-schema.ts'

export const receiptView = answerSchema('Receipt', () => ({
  user_id: z.uuid(),
  completed_at: time(),
  /** Compact JWS; `npx --no-install latchkey receipt verify` checks it. */
  receipt: z.string(),
}))

export type Receipt = View<typeof receiptView>
