import * as z from 'zod'
import { answerSchema, orNull, time, type View } from '../../core/answer-schema.ts'
import { rfc3339, rfc3339OrNull } from '../../core/time.ts'
import { factorResetView, showFactorReset } from '../../identity/factor-reset/factor-reset-view.ts'
import { passkeyView } from '../passkey-view.ts'

const twoStepView = answerSchema('TwoStep', () => ({
  /** Whether the owner has turned it on. */
  enabled: z.boolean(),
  since: orNull(time()),
  /** From when on a rule or an operator requires it. */
  due_at: orNull(time()),
}))

/** The answer of `GET /users/me/factors`. */
export const factorsView = answerSchema('Factors', () => ({
  two_step: twoStepView.schema,
  password: z.strictObject({ set: z.boolean(), changed_at: orNull(time()) }),
  totp: orNull(z.strictObject({ created_at: time() })),
  /** `created_at` is the time of the newest set. */
  recovery_codes: orNull(z.strictObject({ left: z.int(), created_at: time() })),
  passkeys: z.array(passkeyView.schema),
  /** For the signal methods of `PublicKeyCredential`, with the four members below. */
  user_handle: z.string(),
  /** Null: the service has no passkeys. */
  rp_id: orNull(z.string()),
  accepted_credential_ids: z.array(z.string()),
  user_name: orNull(z.string()),
  user_display_name: orNull(z.string()),
  /** A reset that an operator has requested. The user can cancel it. */
  reset: orNull(factorResetView.schema),
}))
export type FactorsView = View<typeof factorsView>

/** A new secret, before it is confirmed with a code. */
export const totpOfferView = answerSchema('TotpOffer', () => ({
  /** Must be sent back together with a code. */
  ticket: z.string(),
  /** 160 bits, base32: for typing it in by hand. */
  secret: z.string(),
  /** The same as an `otpauth://` address, for a QR code. */
  uri: z.string(),
  algorithm: z.literal('SHA1'),
  digits: z.literal(6),
  period: z.literal(30),
  /** Seconds. */
  expires_in: z.int(),
}))
export type TotpOffer = View<typeof totpOfferView>

const codes = () => z.array(z.string())

/** Recovery codes are shown once. They are present only if new ones were made. */
export const totpAddedView = answerSchema('TotpAdded', () => ({ recovery_codes: codes().optional() }))
export type TotpAdded = View<typeof totpAddedView>

export const recoveryCodesView = answerSchema('RecoveryCodes', () => ({ recovery_codes: codes() }))
export type RecoveryCodes = View<typeof recoveryCodesView>

export const twoStepSetView = answerSchema('TwoStepSet', () => ({
  two_step: twoStepView.schema,
  recovery_codes: codes().optional(),
}))
export type TwoStepSet = View<typeof twoStepSetView>

interface TwoStepRow {
  readonly two_step_at: number | null
  readonly two_step_due_at: number | null
}

export const showTwoStep = ({ two_step_at, two_step_due_at }: TwoStepRow): View<typeof twoStepView> => ({
  enabled: two_step_at !== null,
  since: rfc3339OrNull(two_step_at),
  due_at: rfc3339OrNull(two_step_due_at),
})

interface FactorsRow extends TwoStepRow {
  readonly has_password: boolean
  readonly password_changed_at: number | null
  readonly totp_created_at: number | null
  readonly codes_left: number
  readonly codes_created_at: number | null
  readonly reset_kinds: string | null
  readonly reset_due_at: number | null
}

/** The members that are not columns of one row. */
type PasskeyMembers = Omit<FactorsView, 'two_step' | 'password' | 'totp' | 'recovery_codes' | 'reset'>

export const showOwnFactors = (row: FactorsRow, ofPasskeys: PasskeyMembers): FactorsView => ({
  two_step: showTwoStep(row),
  password: { set: row.has_password, changed_at: row.has_password ? rfc3339OrNull(row.password_changed_at) : null },
  totp: row.totp_created_at === null ? null : { created_at: rfc3339(row.totp_created_at) },
  recovery_codes:
    row.codes_created_at === null ? null : { left: row.codes_left, created_at: rfc3339(row.codes_created_at) },
  ...ofPasskeys,
  reset: showFactorReset(row),
})
