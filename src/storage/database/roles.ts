import { type SQL, type SQLWrapper, sql } from 'drizzle-orm'
import * as z from 'zod'
import type { UserId } from '../../core/ids.ts'
import { ADMIN_ROLE } from '../../core/operator.ts'
import { type Computed, computed } from './rows.ts'

/** SQL: the roles of a user as a JSON array. @param userId SQL for the id, such as a column of the outer query */
export const rolesOf = (userId: SQL): SQL =>
  sql`(SELECT json_group_array(role) FROM user_roles WHERE user_id = ${userId})`

const roleNames: z.ZodType<readonly string[]> = z.array(z.string())

/** The roles of a user as a member of a row. @param userId column or SQL for the id */
export const userRoleNames = (userId: SQLWrapper): Computed<readonly string[]> =>
  computed.json(rolesOf(sql`${userId}`), roleNames)

/** What `rolesOf` answered. Not validated: SQLite wrote this JSON itself, and every token asks for it. */
export const parseRoles = (text: string): readonly string[] => JSON.parse(text)

/** SQL condition: this user holds the role `admin`. @param userId SQL for the id */
export const isAdmin = (userId: SQL): SQL =>
  sql`EXISTS (SELECT 1 FROM user_roles WHERE role = ${ADMIN_ROLE} AND user_id = ${userId})`

/**
 * SQL condition: somebody who can act remains an admin when this user no longer is or can. In the statement that takes
 * the role or the account away it lets one of any number of racing statements be the last that succeeds.
 */
export const leavesAnAdmin = (userId: UserId): SQL => sql`
  (NOT ${isAdmin(sql`${userId}`)} OR EXISTS (
    SELECT 1 FROM user_roles other JOIN users holder ON holder.id = other.user_id
    WHERE other.role = ${ADMIN_ROLE} AND other.user_id <> ${userId} AND holder.status = 'active'))`
