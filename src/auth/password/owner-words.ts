import { type SQL, sql } from 'drizzle-orm'
import { AppError } from '../../core/errors.ts'
import type { UserId } from '../../core/ids.ts'
import { type EmailAddress, parseEmailAddress } from '../../identity/email-address.ts'
import { decryptEmail } from '../../storage/database/email-field.ts'
import { decryptProfileField } from '../../storage/database/profile-row.ts'

/** What everyone may know of an owner, and a password must therefore not hold. */
export interface OwnerWords {
  readonly email: EmailAddress
  readonly fullName: string | null
}

interface OwnerRow {
  readonly id: UserId
  readonly email_enc: string
  readonly full_name_enc: string | null
  /** JSON array: where else the owner signs in. */
  readonly providers: string
}

/** Of `users u`, by its primary key. */
export const selectOwner = (condition: SQL): SQL<OwnerRow> => sql`
  SELECT u.id, u.email_enc, p.full_name_enc,
    (SELECT json_group_array(DISTINCT provider) FROM social_logins WHERE user_id = u.id) AS providers
  FROM users u LEFT JOIN user_profiles p ON p.user_id = u.id
  WHERE ${condition}`

/** @throws CiphertextError */
export async function readOwner(key: CryptoKey, row: OwnerRow): Promise<OwnerWords> {
  const [text, fullName] = await Promise.all([
    decryptEmail(key, row.id, row.email_enc),
    decryptProfileField(key, row.id, 'full_name', row.full_name_enc),
  ])
  const email = parseEmailAddress(text)
  if (email === undefined) throw new AppError('internal_error')
  return { email, fullName }
}
