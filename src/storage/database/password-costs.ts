import { sql } from 'drizzle-orm'
import { passwordCosts } from '../schema/index.ts'
import type { Row } from './members.ts'
import { columnsOf, withRows } from './rows.ts'
import type { Statement } from './statement.ts'

const storedCost = { cost: passwordCosts.cost, credentials: passwordCosts.credentials } as const

/** The number of password hashes by the cost of comparing with them. */
export type StoredCost = Row<typeof storedCost>

/**
 * SQL: the costs of the stored hashes, in a fixed order. There are only a few. Triggers maintain the counts.
 */
export const selectPasswordCosts: Statement<StoredCost> = withRows(
  storedCost,
  sql`SELECT ${columnsOf(storedCost)} FROM password_costs WHERE credentials > 0 ORDER BY cost`,
)
