import { sql } from 'drizzle-orm'
import { passwordCosts } from '../schema/index.ts'
import { columnsOf, type Row, withRows } from './rows.ts'
import type { Statement } from './statement.ts'

const storedCost = { cost: passwordCosts.cost, credentials: passwordCosts.credentials } as const

/** How many password hashes cost this much to compare with. */
export type StoredCost = Row<typeof storedCost>

/**
 * SQL: what the stored hashes cost, always in one order; a row for each cost, of which there are few.
 * Triggers count.
 */
export const selectPasswordCosts: Statement<StoredCost> = withRows(
  storedCost,
  sql`SELECT ${columnsOf(storedCost)} FROM password_costs WHERE credentials > 0 ORDER BY cost`,
)
