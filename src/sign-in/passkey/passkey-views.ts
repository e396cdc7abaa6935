import * as z from 'zod'
import { answerSchema, orNull, type View } from '../../core/answer-schema.ts'
import { passkeyRequestView } from '../describe-passkey-request.ts'
import { passkeyCreationView } from './describe-creation.ts'

/** The answer of `POST /auth/passkey/options`. */
export const passkeySignInOfferView = answerSchema('PasskeySignInOffer', () => ({
  /** Must be sent back together with the answer of the authenticator. */
  ticket: z.string(),
  /** Seconds. */
  expires_in: z.int(),
  public_key: passkeyRequestView.schema,
}))
export type PasskeySignInOffer = View<typeof passkeySignInOfferView>

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
