import { type SQL, sql } from 'drizzle-orm'
import type { UserId } from '../core/ids.ts'
import { parseRoles, rolesOf } from '../storage/database/roles.ts'

/** What sign-in needs to know of an account. */
export interface SignInAccount {
  readonly id: UserId
  readonly status: 'active' | 'suspended' | 'deleted'
  readonly isVerified: boolean
  readonly emailEnc: string
  readonly securityEpoch: number
  readonly roles: readonly string[]
  readonly passwordHash: string | null
}

export interface AccountRow {
  readonly id: UserId
  readonly status: SignInAccount['status']
  readonly is_verified: number
  readonly email_enc: string
  readonly security_epoch: number
  readonly roles: string
  readonly password_hash: string | null
}

/** Of `users u`; by its e-mail index or its primary key. */
export const selectAccount = (condition: SQL): SQL<AccountRow> => sql`
  SELECT u.id, u.status, u.is_verified, u.email_enc, u.security_epoch, c.password_hash, ${rolesOf(sql`u.id`)} AS roles
  FROM users u LEFT JOIN credentials c ON c.user_id = u.id WHERE ${condition}`

/** The account that a row of `selectAccount` speaks of. */
export const toAccount = (row: AccountRow): SignInAccount => ({
  id: row.id,
  status: row.status,
  isVerified: row.is_verified === 1,
  emailEnc: row.email_enc,
  securityEpoch: row.security_epoch,
  roles: parseRoles(row.roles),
  passwordHash: row.password_hash,
})
