import * as z from 'zod'
import { answerSchema } from '../../core/answer-schema.ts'

/** The answer to every request for a mail that signs in. */
export const mailSignInView = answerSchema('MailSignIn', () => ({
  /** Must be sent back together with the code or the link. The browser that asked keeps it. */
  request: z.string(),
  /** Seconds. */
  expires_in: z.int(),
}))
