import { type SQL, sql } from 'drizzle-orm'
import type { UserId } from '../core/ids.ts'
import { isResetRequired } from '../storage/database/password-reset.ts'
import { parseRoles, rolesOf } from '../storage/database/roles.ts'
import { isSuspended } from '../storage/database/suspension.ts'

/** What sign-in needs to know of an account. */
export interface SignInAccount {
  readonly id: UserId
  readonly status: 'active' | 'suspended' | 'deleted'
  /** By an operator, and its time is not over; also while the account is deleted. */
  readonly isSuspended: boolean
  /** An operator wants a new password before anybody signs in with this one. */
  readonly isResetRequired: boolean
  readonly isVerified: boolean
  readonly emailEnc: string
  readonly securityEpoch: number
  readonly roles: readonly string[]
  readonly passwordHash: string | null
}

export interface AccountRow {
  readonly id: UserId
  readonly status: SignInAccount['status']
  readonly is_suspended: number
  readonly is_reset_required: number
  readonly is_verified: number
  readonly email_enc: string
  readonly security_epoch: number
  readonly roles: string
  readonly password_hash: string | null
}

/** Of `users u`; by its e-mail index or its primary key. */
export const selectAccount = (condition: SQL, now: number): SQL<AccountRow> => sql`
  SELECT u.id, u.status, ${isSuspended(now, 'u')} AS is_suspended, ${isResetRequired('u')} AS is_reset_required,
    u.is_verified, u.email_enc, u.security_epoch, c.password_hash, ${rolesOf(sql`u.id`)} AS roles
  FROM users u LEFT JOIN credentials c ON c.user_id = u.id WHERE ${condition}`

/** The account that a row of `selectAccount` speaks of. */
export const toAccount = (row: AccountRow): SignInAccount => ({
  id: row.id,
  status: row.status,
  isSuspended: row.is_suspended === 1,
  isResetRequired: row.is_reset_required === 1,
  isVerified: row.is_verified === 1,
  emailEnc: row.email_enc,
  securityEpoch: row.security_epoch,
  roles: parseRoles(row.roles),
  passwordHash: row.password_hash,
})
