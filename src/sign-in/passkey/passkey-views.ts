import * as z from 'zod'
import { answerSchema, orNull, type View } from '../../core/answer-schema.ts'
import { passkeyRequestView } from '../describe-passkey-request.ts'
import { passkeyCreationView } from './describe-creation.ts'

/** Options for an authenticator that has the passkey already: at a sign-in, and at a step-up. */
export const passkeyRequestOfferView = answerSchema('PasskeyRequestOffer', () => ({
  /** Must be sent back together with the answer of the authenticator. */
  ticket: z.string(),
  /** Seconds. */
  expires_in: z.int(),
  public_key: passkeyRequestView.schema,
}))
export type PasskeyRequestOffer = View<typeof passkeyRequestOfferView>

/** The answer of `POST /users/me/passkeys/options`. */
export const passkeyOfferView = answerSchema('PasskeyOffer', () => ({
  /** Must be sent back together with the answer of the authenticator. */
  ticket: z.string(),
  /** Seconds. */
  expires_in: z.int(),
  public_key: passkeyCreationView.schema,
}))
export type PasskeyOffer = View<typeof passkeyOfferView>

/** The answer to a passkey that was added. Recovery codes are shown once, if new ones were made. */
export const passkeyAddedView = answerSchema('PasskeyAdded', () => ({
  id: z.uuid(),
  name: orNull(z.string()),
  /** The name of the authenticator's model, if it is known. Nothing proves it. */
  provider: orNull(z.string()),
  recovery_codes: z.array(z.string()).optional(),
}))
export type PasskeyAdded = View<typeof passkeyAddedView>
