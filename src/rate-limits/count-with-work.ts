import type { Context } from '../context.ts'
import type { LimitName } from '../core/rate-limit-policies.ts'
import { countOrFail, countRefused, isFirstRefused } from '../storage/database/counters.ts'
import { countInFirstBatch } from '../storage/database/counting-database.ts'
import { recordEvent } from '../storage/database/outbox.ts'
import type { RequestSubjects } from './counters-for.ts'
import { assertWithinLimit, prepareRateLimit, type RateLimit, rememberExceeded } from './rate-limit.ts'

/**
 * Returns a context whose first batch also counts the request, so the verb need not count it. This adds one
 * statement and no round trip. Over the quota the whole batch fails, so the verb reads and changes nothing,
 * and the request is refused. A request that fails before its first batch, for example because its body or
 * its token is invalid, is not counted.
 * @throws AppError `rate_limited`, here if this isolate knows a counter to be over its quota, and later from
 * the calls to the database
 */
export async function countWithWork(ctx: Context, name: LimitName, subjects: RequestSubjects): Promise<Context> {
  const rateLimit = await prepareRateLimit(ctx, name, subjects)
  const count = countOrFail(rateLimit.counters, ctx.now)
  return { ...ctx, db: countInFirstBatch(ctx.db, count, () => refuse(ctx, rateLimit)) }
}

/** Counts the refusal, and records it if it is the first in its window. @throws AppError `rate_limited` */
async function refuse(ctx: Context, rateLimit: RateLimit): Promise<void> {
  const { counters, event } = rateLimit
  const [action, options] = event
  const { refused } = await ctx.db.batch({
    refused: rememberExceeded(ctx, counters, countRefused(counters, ctx.now)),
    limitEvent: recordEvent(ctx, action, { ...options, onlyIf: isFirstRefused(counters, ctx.now) }),
  })
  assertWithinLimit(ctx, rateLimit, refused)
}
