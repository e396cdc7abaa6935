import { type SQL, sql } from 'drizzle-orm'
import type { UserId } from '../core/ids.ts'
import { columnsOf, withRows } from '../storage/database/rows.ts'
import type { Statement } from '../storage/database/statement.ts'
import { type AccountRow, accountMembers } from './account-view.ts'

/** Selects an account by primary key. */
export const selectAccount = (userId: UserId): Statement<AccountRow> =>
  withRows(accountMembers, sql`SELECT ${columnsOf(accountMembers)} FROM users WHERE users.id = ${userId}`)

/** SQL: the id if the user exists, else null. An erased user still exists. */
export const knownUser = (userId: UserId): SQL => sql`(SELECT id FROM users WHERE id = ${userId})`

/** SQL: the outcome of an operator's read. @param known SQL that is null when the object does not exist */
export const outcomeOf = (known: SQL): SQL => sql`CASE WHEN ${known} IS NULL THEN 'failure' ELSE 'success' END`
