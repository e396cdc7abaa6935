import { type SQL, sql } from 'drizzle-orm'
import * as z from 'zod'
import type { UserId } from '../../core/ids.ts'
import { readStored } from '../../core/json.ts'
import { decryptField, encryptField } from '../../crypto/field-cipher.ts'

/** The most passkeys and security keys that an account may have. Removed ones do not count. */
export const MOST_PASSKEYS = 20

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
