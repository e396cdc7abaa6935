import * as z from 'zod'
import { answerSchema, type View } from '../core/answer-schema.ts'
import type { RelyingParty } from '../core/relying-party.ts'

const descriptorView = answerSchema('PasskeyDescriptor', () => ({
  type: z.literal('public-key'),
  /** Base64url. */
  id: z.string(),
  transports: z.array(z.string()).optional(),
}))

/**
 * The options for `navigator.credentials.get`, as `PublicKeyCredential.parseRequestOptionsFromJSON` takes
 * them (WebAuthn section 5.1.9).
 */
export const passkeyRequestView = answerSchema('PasskeyRequest', () => ({
  challenge: z.string(),
  rpId: z.string(),
  /** Empty: the browser offers every passkey that it finds for the RP ID. */
  allowCredentials: z.array(descriptorView.schema),
  userVerification: z.enum(['required', 'preferred', 'discouraged']),
  /** Milliseconds. */
  timeout: z.int(),
}))
export type PasskeyRequest = View<typeof passkeyRequestView>

export type PasskeyDescriptor = View<typeof descriptorView>

interface Request {
  readonly challenge: string
  readonly relyingParty: RelyingParty
  readonly userVerification: PasskeyRequest['userVerification']
  /** Seconds. */
  readonly expiresIn: number
  readonly passkeys: PasskeyDescriptor[]
}

export const describeRequest = ({
  challenge,
  relyingParty,
  userVerification,
  expiresIn,
  passkeys,
}: Request): PasskeyRequest => ({
  challenge,
  rpId: relyingParty.id,
  allowCredentials: passkeys,
  userVerification,
  timeout: expiresIn * 1000,
})
