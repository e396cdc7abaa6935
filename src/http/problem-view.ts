import * as z from 'zod'
import { answerSchema } from '../core/answer-schema.ts'

/** Every error of the API (RFC 9457). */
export const problemView = answerSchema('Problem', () => ({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string().optional(),
  instance: z.string(),
  /** Stable: the member to act upon. */
  code: z.string(),
  request_id: z.string(),
  errors: z.array(z.strictObject({ pointer: z.string(), detail: z.string() })).optional(),
}))
