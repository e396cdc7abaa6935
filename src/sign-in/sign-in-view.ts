import * as z from 'zod'
import { answerSchema, orNull, time } from '../core/answer-schema.ts'
import { tokenMembers } from '../sessions/token-views.ts'

const signInUserView = answerSchema('SignInUser', () => ({
  id: z.uuid(),
  email: orNull(z.string()),
  is_verified: z.boolean(),
}))

/** The answer of a sign-in, however it came about. */
export const signInView = answerSchema('SignIn', () => ({
  ...tokenMembers(),
  /** Send it with the next sign-in from this device. In cookie mode it is in a cookie, and left out here. */
  device_token: z.string().optional(),
  user: signInUserView.schema,
}))

/** The same for an account that its owner has deleted, within the grace period. */
export const restoreOfferView = answerSchema('RestoreOffer', () => ({
  account_status: z.literal('deleted'),
  /** One-time token, good for 15 minutes. */
  restore_token: z.string(),
  restore_until: time(),
}))
