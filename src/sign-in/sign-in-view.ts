import * as z from 'zod'
import { answerSchema, orNull, time } from '../core/answer-schema.ts'
import { tokenMembers } from '../sessions/token-views.ts'
import { passkeyRequestView } from './describe-passkey-request.ts'

const signInUserView = answerSchema('SignInUser', () => ({
  id: z.uuid(),
  email: orNull(z.string()),
  is_verified: z.boolean(),
}))

const passkeySignalView = answerSchema('PasskeySignal', () => ({
  user_handle: z.string(),
  rp_id: z.string(),
  accepted_credential_ids: z.array(z.string()),
}))

/** The answer of every way to sign in. */
export const signInView = answerSchema('SignIn', () => ({
  ...tokenMembers(),
  /**
   * Send it with the next sign-in from this device. In cookie mode it is set as a cookie and is absent here.
   */
  device_token: z.string().optional(),
  user: signInUserView.schema,
  /** How many recovery codes are left, after a sign-in that used one. */
  recovery_codes_left: z.int().optional(),
  /** Ten new recovery codes, after a sign-in that added the first second factor. They are shown once. */
  recovery_codes: z.array(z.string()).optional(),
  /**
   * After a sign-in with a passkey: for `PublicKeyCredential.signalAllAcceptedCredentials`, so that the
   * browser hides passkeys that were removed.
   */
  passkey: passkeySignalView.schema.optional(),
}))

/** The answer to a first step when the account needs two factors. Nothing is stored until the second step. */
export const secondFactorAskedView = answerSchema('SecondFactorAsked', () => ({
  mfa_required: z.literal(true),
  /** For `POST /auth/mfa`, once. */
  mfa_token: z.string(),
  /** Seconds. */
  expires_in: z.int(),
  /** The second factors that the account can use now. */
  methods: z.array(z.enum(['passkey', 'totp', 'recovery_code'])),
  /** For `navigator.credentials.get`, where `methods` has `passkey`. */
  public_key: passkeyRequestView.schema.optional(),
}))

/** The answer to a first step when the account needs two factors and has no second one yet. */
export const enrolmentAskedView = answerSchema('EnrolmentAsked', () => ({
  enrolment_required: z.literal(true),
  /** For the operations under `/auth/enrol`, which add a second factor without a session. It works once. */
  enrolment_token: z.string(),
  /** Seconds. */
  expires_in: z.int(),
  /** What can be added. A security key is added like a passkey. */
  methods: z.array(z.enum(['passkey', 'totp'])),
}))

/** The answer to a sign-in when the owner has deleted the account and the grace period is not over. */
export const restoreOfferView = answerSchema('RestoreOffer', () => ({
  account_status: z.literal('deleted'),
  /** One-time token, valid for 15 minutes. */
  restore_token: z.string(),
  restore_until: time(),
}))

/**
 * The answer to a proven mailbox without an account, at a sign-up. Nothing is stored until there is a
 * passkey.
 */
export const signUpAskedView = answerSchema('SignUpAsked', () => ({
  passkey_required: z.literal(true),
  /** For `POST /auth/sign-up/passkey/options` and `POST /auth/sign-up/passkey`. It creates one account. */
  sign_up_token: z.string(),
  /** Seconds. */
  expires_in: z.int(),
}))
