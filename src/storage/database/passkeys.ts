import { type SQL, sql } from 'drizzle-orm'
import * as z from 'zod'
import type { UserId } from '../../core/ids.ts'
import { readStored } from '../../core/json.ts'
import { decryptField, encryptField } from '../../crypto/field-cipher.ts'

/** The most passkeys and security keys that an account may have. Removed ones do not count. */
export const MOST_PASSKEYS = 20

/**
 * SQL condition on `passkeys`: it can be used, alone or as a second factor. A passkey of another RP ID is of
 * a domain that the service has left, and no browser offers it here.
 */
export const isUsablePasskey = (rpId: string): SQL => sql`
  passkeys.rp_id = ${rpId} AND passkeys.removed_at IS NULL AND passkeys.suspended_at IS NULL`

/** SQL condition on `passkeys`: it signs in alone. The rule of `maySignInAlone`. */
export const signsInAlone = (rpId: string): SQL => sql`
  ${isUsablePasskey(rpId)}
  AND (passkeys.is_uv_initialized OR (passkeys.is_backup_eligible AND passkeys.is_discoverable))`

interface KindOfPasskey {
  readonly is_uv_initialized: boolean
  readonly is_backup_eligible: boolean
  readonly is_discoverable: boolean
}

/**
 * Whether a passkey signs in alone if its authenticator verifies the user. A passkey that was made without
 * asking does as well, if it may be synchronized, because its provider verifies users by itself. A security
 * key is a second factor only.
 */
export const maySignInAlone = ({ is_uv_initialized, is_backup_eligible, is_discoverable }: KindOfPasskey): boolean =>
  is_uv_initialized || (is_backup_eligible && is_discoverable)

/**
 * SQL condition: an account has a passkey with this credential id, also a removed one. Index
 * `passkeys_credential`.
 */
export const isKnownCredential = (credentialId: string): SQL =>
  sql`EXISTS (SELECT 1 FROM passkeys WHERE passkeys.credential_id = ${credentialId})`

interface Passkeys {
  readonly userId: UserId | SQL
  readonly rpId: string
  /** Not this one. */
  readonly except?: string
}

/** SQL condition: the user has a passkey that signs in alone. Index `passkeys_user`. */
export const hasPasskeyAlone = ({ userId, rpId, except = '' }: Passkeys): SQL => sql`
  EXISTS (SELECT 1 FROM passkeys
    WHERE passkeys.user_id = ${userId} AND passkeys.id <> ${except} AND ${signsInAlone(rpId)})`

/** SQL condition on `passkeys`: the row is not only kept for the holder of a removed passkey. */
export const isKept: SQL = sql`passkeys.removed_at IS NULL`

/** The values of a passkey that is removed. What it was is forgotten. */
export const removal = (now: number) => ({ removed_at: now, details_enc: null })

const detailsSchema = z.object({
  /** The name that its owner gave it. */
  label: z.string().optional(),
  /** The model of the authenticator: a UUID. */
  aaguid: z.string(),
  /** How the browser reached the authenticator. */
  transports: z.array(z.string()),
  /** The browser that added it, without a version. */
  browser: z.string().optional(),
})

/** What is stored about a passkey for its owner alone. */
export type PasskeyDetails = z.infer<typeof detailsSchema>

/** The row of `passkeys`, and the owner of its key. */
export interface PasskeyRow {
  readonly passkeyId: string
  readonly userId: UserId
}

/** Version 0.2.0 had no passkeys. */
const placeOf = ({ passkeyId, userId }: PasskeyRow) =>
  ({ table: 'passkeys', column: 'details_enc', owner: userId, row: passkeyId, unbound: 'refused' }) as const

/** Encrypts `passkeys.details_enc`. */
export const sealPasskeyDetails = (key: CryptoKey, row: PasskeyRow, details: PasskeyDetails): Promise<string> =>
  encryptField(key, placeOf(row), JSON.stringify(details))

/** @throws CiphertextError if the column was altered or moved, UnreadableJson */
export const openPasskeyDetails = async (key: CryptoKey, row: PasskeyRow, stored: string): Promise<PasskeyDetails> =>
  readStored(detailsSchema, await decryptField(key, placeOf(row), stored))
