import { type SQL, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/sqlite-core'
import type { TwoStepTimes } from '../../core/assurance.ts'
import type { UserId } from '../../core/ids.ts'
import { credentials, users } from '../schema/index.ts'
import { factorStateIfNeeded } from './account-level.ts'
import type { Row } from './members.ts'
import { userRoleNames } from './roles.ts'
import { columnsOf, computed, withRows } from './rows.ts'
import type { Statement } from './statement.ts'
import { isResetRequired, isSuspended } from './users.ts'

/** The facts about an account that a sign-in needs. */
export interface SignInAccount extends TwoStepTimes {
  readonly id: UserId
  readonly status: 'active' | 'suspended' | 'deleted'
  /**
   * An operator suspended it and the suspension has not ended. Also true for an account that was suspended
   * and then deleted.
   */
  readonly isSuspended: boolean
  /** An operator requires a new password before the next sign-in with a password. */
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
  two_step_at: u.twoStepAt,
  two_step_due_at: u.twoStepDueAt,
  password_hash: c.passwordHash,
  roles: userRoleNames(u.id),
} as const

/** Adds the members that depend on the time. */
const membersAt = (now: number) => ({ ...accountMembers, is_suspended: computed.flag(isSuspended(now, 'u')) }) as const
export type SignInRow = Row<ReturnType<typeof membersAt>>

/** Selects from `users u`. The condition must use the e-mail index or the primary key. */
export function selectSignInAccount(condition: SQL, now: number): Statement<SignInRow> {
  const members = membersAt(now)
  return withRows(members, sql`SELECT ${columnsOf(members)} FROM ${source} WHERE ${condition}`)
}

interface Since {
  readonly userId: UserId
  /** `users.security_epoch` when the account was read. */
  readonly epoch: number
}

/**
 * SQL condition on `users u`: the account is active, and its credentials are those of the time of this epoch.
 */
export const isUnchangedSince = ({ userId, epoch }: Since): SQL =>
  sql`u.id = ${userId} AND u.status = 'active' AND u.security_epoch = ${epoch}`

const source = sql.raw('users u LEFT JOIN credentials c ON c.user_id = u.id')

const ownMembersAt = (rpId: string, now: number) => {
  const { expression } = factorStateIfNeeded(rpId, now)
  const factors = computed.text(sql`(SELECT ${expression} FROM users WHERE users.id = u.id)`)
  return { ...membersAt(now), factors } as const
}

/** Selects the account of a signed-in user likewise, with what `requireLive` judges. */
export function selectOwnAccount(
  condition: SQL,
  { rpId, now }: { readonly rpId: string; readonly now: number },
): Statement<Row<ReturnType<typeof ownMembersAt>>> {
  const members = ownMembersAt(rpId, now)
  return withRows(members, sql`SELECT ${columnsOf(members)} FROM ${source} WHERE ${condition}`)
}

/** Converts a row of `selectSignInAccount`. */
export const toSignInAccount = (row: SignInRow): SignInAccount => ({
  id: row.id,
  status: row.status,
  isSuspended: row.is_suspended,
  isResetRequired: row.is_reset_required,
  isVerified: row.is_verified,
  emailEnc: row.email_enc,
  securityEpoch: row.security_epoch,
  twoStepAt: row.two_step_at,
  twoStepDueAt: row.two_step_due_at,
  roles: row.roles,
  passwordHash: row.password_hash,
})
