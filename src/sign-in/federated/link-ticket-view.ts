import * as z from 'zod'
import { answerSchema, type View } from '../../core/answer-schema.ts'

/** What a signed-in user gets to begin to link an identity. */
export const linkTicketView = answerSchema('LinkTicket', () => ({
  /** For the `link` of the start. */
  link: z.string(),
  /** Seconds. */
  expires_in: z.int(),
}))

export type IssuedLinkTicket = View<typeof linkTicketView>
