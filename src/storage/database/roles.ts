import { type SQL, sql } from 'drizzle-orm'
import { z } from 'zod'

const rolesSchema = z.array(z.string())

/** SQL: the roles of a user as a JSON array. @param userId SQL for the id, such as a column of the outer query */
export const rolesOf = (userId: SQL): SQL =>
  sql`(SELECT json_group_array(role) FROM user_roles WHERE user_id = ${userId})`

/** What `rolesOf` answered. */
export const parseRoles = (text: string): readonly string[] => rolesSchema.parse(JSON.parse(text))
