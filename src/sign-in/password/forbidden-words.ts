import { type SQL, sql } from 'drizzle-orm'
import * as z from 'zod'
import { AppError } from '../../core/errors.ts'
import { type EmailAddress, parseEmailAddress } from '../../identity/email/email-address.ts'
import type { Row } from '../../storage/database/members.ts'
import { decryptProfileField } from '../../storage/database/profile-row.ts'
import { columnsOf, computed, withRows } from '../../storage/database/rows.ts'
import type { Statement } from '../../storage/database/statement.ts'
import { decryptEmail } from '../../storage/database/users.ts'
import { userProfiles, users } from '../../storage/schema/index.ts'

/** Details of the owner that other people may know. A password must not contain them. */
export interface ForbiddenWords {
  readonly email: EmailAddress
  readonly fullName: string | null
}

const ownerMembers = {
  id: users.id,
  email_enc: users.emailEnc,
  full_name_enc: userProfiles.fullNameEnc,
  /** The providers at which the owner has linked identities. */
  providers: computed.json(
    sql`(SELECT json_group_array(DISTINCT provider) FROM social_logins WHERE user_id = ${users.id})`,
    z.array(z.string()),
  ),
} as const
type OwnerRow = Row<typeof ownerMembers>

/** Selects the owner by the primary key of `users`. @param userId SQL for the id */
export const selectOwner = (userId: SQL): Statement<OwnerRow> =>
  withRows(
    ownerMembers,
    sql`
      SELECT ${columnsOf(ownerMembers)} FROM users LEFT JOIN user_profiles ON user_profiles.user_id = users.id
      WHERE users.id = ${userId}`,
  )

/** Decrypts the owner's address and name. @throws CiphertextError */
export async function readOwner(key: CryptoKey, row: OwnerRow): Promise<ForbiddenWords> {
  const [text, fullName] = await Promise.all([
    decryptEmail(key, row.id, row.email_enc),
    decryptProfileField(key, row.id, 'full_name', row.full_name_enc),
  ])
  const email = parseEmailAddress(text)
  if (email === undefined) throw new AppError('internal_error')
  return { email, fullName }
}
