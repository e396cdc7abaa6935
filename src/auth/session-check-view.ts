import * as z from 'zod'
import { answerSchema, time } from '../core/answer-schema.ts'

/** The answer of `GET /auth/session`. */
export const sessionCheckView = answerSchema('SessionCheck', () => ({
  active: z.literal(true),
  user_id: z.uuid(),
  session_id: z.uuid(),
  roles: z.array(z.string()),
  amr: z.array(z.string()),
  auth_time: time(),
  expires_at: time(),
}))
