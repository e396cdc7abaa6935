import * as z from 'zod'
import { answerSchema, type View } from '../core/answer-schema.ts'

/** A token with which a person adds a second factor without a session, and how long it works. */
export const enrolmentTokenView = answerSchema('EnrolmentToken', () => ({
  enrolment_token: z.string(),
  /** Seconds. */
  expires_in: z.int(),
}))

export type EnrolmentToken = View<typeof enrolmentTokenView>
