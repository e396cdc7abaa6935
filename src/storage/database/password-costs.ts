import { type SQL, sql } from 'drizzle-orm'

/** How many password hashes cost this much to compare with. */
export interface StoredCost {
  /** As `nameCost` names it. */
  readonly cost: string
  readonly credentials: number
}

/** SQL: what the stored hashes cost, always in one order; a row for each cost, of which there are few. Triggers count. */
export const selectPasswordCosts: SQL<StoredCost> = sql`
  SELECT cost, credentials FROM password_costs WHERE credentials > 0 ORDER BY cost`
