import { type SQL, sql } from 'drizzle-orm'
import type { UserId } from '../../core/ids.ts'
import type { Row } from '../../storage/database/members.ts'
import { columnsOf, withRows } from '../../storage/database/rows.ts'
import type { Statement } from '../../storage/database/statement.ts'
import { factorResets } from '../../storage/schema/index.ts'

const cancelledReset = { user_id: factorResets.userId } as const

/**
 * The statement that cancels the reset of an account, and returns it. The run of the cron that does a reset
 * deletes the same row, so either of the two happens.
 */
export const cancelFactorReset = (userId: UserId | SQL, onlyIf: SQL): Statement<Row<typeof cancelledReset>> =>
  withRows(
    cancelledReset,
    sql`
      DELETE FROM factor_resets WHERE user_id = ${userId} AND ${onlyIf} RETURNING ${columnsOf(cancelledReset)}`,
  )
