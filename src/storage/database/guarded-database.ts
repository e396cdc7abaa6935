import type { SQL } from 'drizzle-orm'
import { sql } from 'drizzle-orm'
import type { BatchRows, Steps } from './batch.ts'
import type { Database } from './database.ts'
import type { Statement } from './statement.ts'

const GUARD = ' guard'

/** SQL: makes the whole batch fail, and so roll back, unless the condition holds. */
const demand = (condition: SQL): SQL => sql`SELECT CASE WHEN ${condition} THEN 1 ELSE json_extract('refused', '$') END`

/**
 * Wraps a database so that no statement takes effect or returns rows unless a condition holds in the same
 * transaction. A batch cannot branch, so its first statement raises an error if the condition does not hold.
 * @param explain called after every error. It throws the error for the caller, or returns if the condition
 * holds and the error has another cause
 */
export function guardDatabase(db: Database, condition: SQL, explain: () => Promise<void>): Database {
  const guard = demand(condition)
  async function batch<const Named extends Steps>(steps: Named): Promise<BatchRows<Named>> {
    try {
      const { [GUARD]: _, ...answers } = await db.batch({ [GUARD]: guard, ...steps })
      return answers as BatchRows<Named>
    } catch (error) {
      await explain()
      throw error
    }
  }
  const guarded: Database = {
    batch,
    first: async <Row>(statement: Statement<Row>) => (await guarded.batch({ statement })).statement[0],
    all: async <Row>(statement: Statement<Row>) => (await guarded.batch({ statement })).statement,
    mayLag: db.mayLag,
  }
  return guarded
}
