import type { Context } from '../context.ts'
import type { LimitName } from '../core/rate-limit-policies.ts'
import { countOrFail, countRefused, isFirstRefused } from '../storage/database/counters.ts'
import { countInFirstBatch } from '../storage/database/counting-database.ts'
import { recordEvent } from '../storage/database/outbox.ts'
import type { RequestSubjects } from './counters-for.ts'
import { assertWithinLimit, blockOver, prepareRateLimit, type RateLimit } from './rate-limit.ts'

/**
 * A context whose verb is counted by the first batch that it runs, without knowing of it: one statement more,
 * and no wait. Over the quota that batch fails as a whole, so the verb changes nothing, reads nothing and is
 * refused. A request that is refused before it asks the database, for its form or its token, is not counted:
 * it leaves no row.
 * @throws AppError `rate_limited`, here for what this isolate knows to be blocked, and later from the
 * database's calls
 */
export async function countWithWork(ctx: Context, name: LimitName, subjects: RequestSubjects): Promise<Context> {
  const rateLimit = await prepareRateLimit(ctx, name, subjects)
  const count = countOrFail(rateLimit.counters, ctx.now)
  return { ...ctx, db: countInFirstBatch(ctx.db, count, () => refuse(ctx, rateLimit)) }
}

/** Counts the refusal, and records it when it is the first of its window. @throws AppError `rate_limited` */
async function refuse(ctx: Context, rateLimit: RateLimit): Promise<void> {
  const { counters, event } = rateLimit
  const [action, options] = event
  const { refused } = await ctx.db.batch({
    refused: blockOver(ctx, counters, countRefused(counters, ctx.now)),
    limitEvent: recordEvent(ctx, action, { ...options, onlyIf: isFirstRefused(counters, ctx.now) }),
  })
  assertWithinLimit(ctx, rateLimit, refused)
}
