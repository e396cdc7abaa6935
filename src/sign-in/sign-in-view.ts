import * as z from 'zod'
import { answerSchema, orNull, time } from '../core/answer-schema.ts'
import { tokenMembers } from '../sessions/token-views.ts'

const signInUserView = answerSchema('SignInUser', () => ({
  id: z.uuid(),
  email: orNull(z.string()),
  is_verified: z.boolean(),
}))

/** The answer of every way to sign in. */
export const signInView = answerSchema('SignIn', () => ({
  ...tokenMembers(),
  /**
   * Send it with the next sign-in from this device. In cookie mode it is set as a cookie and is absent here.
   */
  device_token: z.string().optional(),
  user: signInUserView.schema,
}))

/** The answer to a sign-in when the owner has deleted the account and the grace period is not over. */
export const restoreOfferView = answerSchema('RestoreOffer', () => ({
  account_status: z.literal('deleted'),
  /** One-time token, valid for 15 minutes. */
  restore_token: z.string(),
  restore_until: time(),
}))
