import { type SQL, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/sqlite-core'
import type { UserId } from '../../core/ids.ts'
import { credentials, users } from '../schema/index.ts'
import { userRoleNames } from './roles.ts'
import { columnsOf, computed, type Row, withRows } from './rows.ts'
import type { Statement } from './statement.ts'
import { isResetRequired, isSuspended } from './users.ts'

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

const u = alias(users, 'u')
const c = alias(credentials, 'c')

const accountMembers = {
  id: u.id,
  status: u.status,
  is_reset_required: computed.flag(isResetRequired('u')),
  is_verified: u.isVerified,
  email_enc: u.emailEnc,
  security_epoch: u.securityEpoch,
  password_hash: c.passwordHash,
  roles: userRoleNames(u.id),
} as const

/** What depends on the time is asked for with it. */
const membersAt = (now: number) => ({ ...accountMembers, is_suspended: computed.flag(isSuspended(now, 'u')) }) as const
export type SignInRow = Row<ReturnType<typeof membersAt>>

/** Of `users u`; by its e-mail index or its primary key. */
export function selectSignInAccount(condition: SQL, now: number): Statement<SignInRow> {
  const members = membersAt(now)
  return withRows(
    members,
    sql`
      SELECT ${columnsOf(members)}
      FROM users u LEFT JOIN credentials c ON c.user_id = u.id WHERE ${condition}`,
  )
}

/** The account that a row of `selectSignInAccount` speaks of. */
export const toSignInAccount = (row: SignInRow): SignInAccount => ({
  id: row.id,
  status: row.status,
  isSuspended: row.is_suspended,
  isResetRequired: row.is_reset_required,
  isVerified: row.is_verified,
  emailEnc: row.email_enc,
  securityEpoch: row.security_epoch,
  roles: row.roles,
  passwordHash: row.password_hash,
})
