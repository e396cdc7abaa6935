import { type SQL, sql } from 'drizzle-orm'
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core'
import type { UserId } from '../../core/ids.ts'
import { ADMIN_ROLE } from '../../core/operator.ts'
import type { Computed } from './members.ts'
import { computed } from './rows.ts'

/**
 * The roles of a user, as a member of a row.
 * @param userId a column, always written with its table. A bare `user_id` would mean the column of
 * `user_roles`, and every row would get the roles of all users
 */
export const userRoleNames = (userId: SQLiteColumn): Computed<readonly string[]> =>
  computed.texts(sql`(SELECT json_group_array(role) FROM user_roles WHERE user_id = ${userId})`)

/** SQL condition: this user has the role `admin`. @param userId an id, or a column as above */
export const isAdmin = (userId: UserId | SQLiteColumn): SQL =>
  sql`EXISTS (SELECT 1 FROM user_roles WHERE role = ${ADMIN_ROLE} AND user_id = ${userId})`

/**
 * SQL condition: an active admin remains after this user loses the role or the account. It belongs in the
 * statement that removes the role or the account, so that racing statements cannot remove the last two admins
 * at once.
 */
export const leavesAnAdmin = (userId: UserId): SQL => sql`
  (NOT ${isAdmin(userId)} OR EXISTS (
    SELECT 1 FROM user_roles other JOIN users holder ON holder.id = other.user_id
    WHERE other.role = ${ADMIN_ROLE} AND other.user_id <> ${userId} AND holder.status = 'active'))`
