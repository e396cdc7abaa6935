import * as z from 'zod'
import { answerSchema } from '../core/answer-schema.ts'

/** The body of every error of the API (RFC 9457). */
export const problemView = answerSchema('Problem', () => ({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string().optional(),
  instance: z.string(),
  /** Stable. Clients decide by this member. */
  code: z.string(),
  request_id: z.string(),
  errors: z.array(z.strictObject({ pointer: z.string(), detail: z.string() })).optional(),
}))
