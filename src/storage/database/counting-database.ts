import type { SQL } from 'drizzle-orm'
import { AppError } from '../../core/errors.ts'
import type { BatchRows, Steps } from './batch.ts'
import { isOverQuota } from './counters.ts'
import type { Database } from './database.ts'
import type { Statement } from './statement.ts'

const COUNT = ' count'

/**
 * A database around another one that counts its request in the first batch which that request runs: the count
 * costs no wait, and a request over its quota takes no effect, because its whole batch fails. Calls that come
 * while the first is under way wait for it.
 * @param count from `countOrFail`
 * @param refuse asked when the count made the batch fail: throws an AppError that ends the request, or
 * returns when the quota is free again
 */
export function countInFirstBatch(db: Database, count: SQL, refuse: () => Promise<void>): Database {
  let first: Promise<unknown> | undefined

  async function runCounted<Named extends Steps>(steps: Named): Promise<BatchRows<Named>> {
    const { [COUNT]: _, ...answers } = await db.batch({ [COUNT]: count, ...steps })
    return answers as BatchRows<Named>
  }

  async function countWith<Named extends Steps>(steps: Named): Promise<BatchRows<Named>> {
    try {
      return await runCounted(steps)
    } catch (error) {
      if (!isOverQuota(error)) throw error
      await refuse()
      // The window ended, or an operator cleared the count, between the two.
      return runCounted(steps)
    }
  }

  /**
   * @throws AppError when the first call was refused; what else became of it is not the concern of the others
   */
  async function letPass() {
    try {
      await first
    } catch (error) {
      if (error instanceof AppError) throw error
    }
  }

  const counting: Database = {
    async batch<const Named extends Steps>(steps: Named) {
      if (first === undefined) {
        const counted = countWith(steps)
        first = counted
        return counted
      }
      await letPass()
      return db.batch(steps)
    },
    async first<Row>(statement: Statement<Row>) {
      if (first === undefined) return (await counting.batch({ statement })).statement[0]
      await letPass()
      return db.first(statement)
    },
    async all<Row>(statement: Statement<Row>) {
      if (first === undefined) return (await counting.batch({ statement })).statement
      await letPass()
      return db.all(statement)
    },
    mayLag: db.mayLag,
  }
  return counting
}
