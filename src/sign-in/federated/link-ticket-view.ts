import * as z from 'zod'
import { answerSchema, type View } from '../../core/answer-schema.ts'

/** A ticket with which a signed-in user starts to link an identity. */
export const linkTicketView = answerSchema('LinkTicket', () => ({
  /** The value of `link` for the start of the flow. */
  link: z.string(),
  /** Seconds. */
  expires_in: z.int(),
}))

export type IssuedLinkTicket = View<typeof linkTicketView>
