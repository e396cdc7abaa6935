import type { SQL } from 'drizzle-orm'
import { AppError } from '../../core/errors.ts'
import type { BatchRows, Steps } from './batch.ts'
import { isOverQuota } from './counters.ts'
import type { Database } from './database.ts'
import type { Statement } from './statement.ts'

const COUNT = ' count'

/**
 * Wraps a database so that the first batch of a request also counts the request. The count adds no round
 * trip. If the request is over its quota, its whole batch fails, so the request has no effect. Calls that
 * arrive while the first batch is running wait for it.
 * @param count from `countOrFail`
 * @param refuse called if the count made the batch fail. It throws an AppError that ends the request, or
 * returns if the quota is free again
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
      // The quota is free again: the window ended, or an operator cleared the counter, in between.
      return runCounted(steps)
    }
  }

  /**
   * Waits for the first batch. @throws AppError if it was refused. Its other errors concern only its own
   * caller
   */
  async function waitForCount() {
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
      await waitForCount()
      return db.batch(steps)
    },
    async first<Row>(statement: Statement<Row>) {
      if (first === undefined) return (await counting.batch({ statement })).statement[0]
      await waitForCount()
      return db.first(statement)
    },
    async all<Row>(statement: Statement<Row>) {
      if (first === undefined) return (await counting.batch({ statement })).statement
      await waitForCount()
      return db.all(statement)
    },
    mayLag: db.mayLag,
  }
  return counting
}
