import { type SQL, sql } from 'drizzle-orm'
import type { UserId } from '../core/ids.ts'
import type { Row } from '../storage/database/members.ts'
import { columnsOf, withRows } from '../storage/database/rows.ts'
import type { Statement } from '../storage/database/statement.ts'
import { assignments, type Changes } from '../storage/database/writes.ts'
import { users } from '../storage/schema/index.ts'

const changedUser = { id: users.id } as const

/**
 * The statement that changes the row of a user and returns it.
 * @param onlyIf SQL condition on `users`: the state of the account allows this change
 */
export const changeUser = (
  userId: UserId,
  changes: Changes<typeof users>,
  onlyIf: SQL,
): Statement<Row<typeof changedUser>> =>
  withRows(
    changedUser,
    sql`
      UPDATE users SET ${assignments(users, changes)} WHERE id = ${userId} AND ${onlyIf}
      RETURNING ${columnsOf(changedUser)}`,
  )
