import { sql } from 'drizzle-orm'
import * as z from 'zod'
import { answerSchema, orNull, time, type View } from '../core/answer-schema.ts'
import { rfc3339, rfc3339OrNull } from '../core/time.ts'
import { userStatuses } from '../core/user-status.ts'
import type { Row } from '../storage/database/members.ts'
import { userRoleNames } from '../storage/database/roles.ts'
import { computed } from '../storage/database/rows.ts'
import { isResetRequired, isTombstone } from '../storage/database/users.ts'
import { users } from '../storage/schema/index.ts'

/** The members of an account. */
export const accountShape = () => ({
  id: z.uuid(),
  status: z.enum(userStatuses),
  is_verified: z.boolean(),
  roles: z.array(z.string()),
  created_at: time(),
  last_login_at: orNull(time()),
  suspended_at: orNull(time()),
  /** Null also for a suspension without an end. */
  suspended_until: orNull(time()),
  password_reset_required: z.boolean(),
  /** Since when the owner wants two factors. */
  two_step_at: orNull(time()),
  /** From when on the policy or an operator requires two factors. */
  two_step_due_at: orNull(time()),
  deleted_at: orNull(time()),
  purge_after: orNull(time()),
  /** The purge is complete: only a pseudonym is left. */
  is_erased: z.boolean(),
  legal_hold: orNull(z.strictObject({ reason: z.string(), placed_at: time() })),
})

/** An account, as operators see it: its state, without personal data. */
export const accountView = answerSchema('Account', accountShape)

export type Account = View<typeof accountView>

const holdSchema = z.object({ reason: z.string(), placed_at: z.number() })

/** Columns of a row of `users`. Values from other tables are looked up by primary key or index. */
export const accountMembers = {
  id: users.id,
  status: users.status,
  is_verified: users.isVerified,
  created_at: users.createdAt,
  last_login_at: users.lastLoginAt,
  suspended_at: users.suspendedAt,
  suspended_until: users.suspendedUntil,
  deleted_at: users.deletedAt,
  purge_after: users.purgeAfter,
  two_step_at: users.twoStepAt,
  two_step_due_at: users.twoStepDueAt,
  is_erased: computed.flag(isTombstone),
  roles: userRoleNames(users.id),
  is_reset_required: computed.flag(isResetRequired()),
  legal_hold: computed.jsonOrNull(
    sql`(SELECT json_object('reason', reason, 'placed_at', placed_at) FROM legal_holds WHERE user_id = ${users.id})`,
    holdSchema,
  ),
} as const

export type AccountRow = Row<typeof accountMembers>

export const showAccount = (row: AccountRow): Account => ({
  id: row.id,
  status: row.status,
  is_verified: row.is_verified,
  roles: [...row.roles],
  created_at: rfc3339(row.created_at),
  last_login_at: rfc3339OrNull(row.last_login_at),
  suspended_at: rfc3339OrNull(row.suspended_at),
  suspended_until: rfc3339OrNull(row.suspended_until),
  password_reset_required: row.is_reset_required,
  two_step_at: rfc3339OrNull(row.two_step_at),
  two_step_due_at: rfc3339OrNull(row.two_step_due_at),
  deleted_at: rfc3339OrNull(row.deleted_at),
  purge_after: rfc3339OrNull(row.purge_after),
  is_erased: row.is_erased,
  legal_hold: row.legal_hold && { reason: row.legal_hold.reason, placed_at: rfc3339(row.legal_hold.placed_at) },
})
