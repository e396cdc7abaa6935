import { type SQL, sql } from 'drizzle-orm'
import type { UserId } from '../core/ids.ts'
import { columnsOf, withRows } from '../storage/database/rows.ts'
import type { Statement } from '../storage/database/statement.ts'
import { type AccountRow, accountMembers } from './account-view.ts'

/** By primary key. */
export const selectAccount = (userId: UserId): Statement<AccountRow> =>
  withRows(accountMembers, sql`SELECT ${columnsOf(accountMembers)} FROM users WHERE users.id = ${userId}`)

/** SQL: the id when there is such a user, else null: an event never names somebody who does not exist. */
export const knownUser = (userId: UserId): SQL => sql`(SELECT id FROM users WHERE id = ${userId})`

/** SQL: the outcome of an operator's look at something. @param known null when there is no such thing */
export const outcomeOf = (known: SQL): SQL => sql`CASE WHEN ${known} IS NULL THEN 'failure' ELSE 'success' END`
