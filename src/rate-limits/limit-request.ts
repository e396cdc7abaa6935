import type { Limiting } from '../context.ts'
import type { LimitName } from '../core/rate-limit-policies.ts'
import type { RequestSubjects } from './counters-for.ts'
import { assertWithinLimit, countAndRecord, prepareRateLimit, unlessRefused } from './rate-limit.ts'

/**
 * Counts a request before any work is done, in a round trip of its own. For verbs that hash, mail or write to
 * several stores, which must not do so for a request over its quota.
 * @throws AppError `rate_limited`
 */
export async function limitRequest(ctx: Limiting, name: LimitName, subjects: RequestSubjects): Promise<void> {
  const rateLimit = await prepareRateLimit(ctx, name, subjects)
  const { counted } = await unlessRefused(ctx, rateLimit, ctx.db.batch(countAndRecord(ctx, rateLimit)))
  assertWithinLimit(ctx, rateLimit, counted)
}
