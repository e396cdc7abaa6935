import type { SQL } from 'drizzle-orm'
import { sql } from 'drizzle-orm'
import type { Database } from './database.ts'

/** SQL: makes the whole batch fail, and with it roll back, unless the condition holds. */
const demand = (condition: SQL): SQL => sql`SELECT CASE WHEN ${condition} THEN 1 ELSE json_extract('refused', '$') END`

/**
 * A database in which no statement takes effect, and none answers, unless a condition holds in the same transaction.
 * A batch cannot branch, so the condition is its first statement and raises an error when it does not hold.
 * @param explain asked after every error: throws what the caller is to be told, or returns when the condition holds and
 *   the error was another one
 */
export function guardDatabase(db: Database, condition: SQL, explain: () => Promise<void>): Database {
  const guard = demand(condition)
  const batch: Database['batch'] = async (statements) => {
    try {
      const [, ...rows] = await db.batch([guard, ...statements])
      return rows as unknown as Awaited<ReturnType<typeof db.batch<typeof statements>>>
    } catch (error) {
      await explain()
      throw error
    }
  }
  return {
    batch,
    first: async (statement) => (await batch([statement]))[0]?.[0],
    all: async (statement) => (await batch([statement]))[0] ?? [],
    mayLag: db.mayLag,
  }
}
