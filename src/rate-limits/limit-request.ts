import type { Limiting } from '../context.ts'
import type { LimitName } from '../core/rate-limit-policies.ts'
import type { RequestSubjects } from './counters-for.ts'
import { assertWithinLimit, countAndRecord, prepareRateLimit, unlessRefused } from './rate-limit.ts'

/**
 * Counts a request before anything is done for it, in a wait of its own. Verbs that hash, mail or write to
 * several stores do so for no one over the quota.
 * @throws AppError `rate_limited`
 */
export async function limitRequest(ctx: Limiting, name: LimitName, subjects: RequestSubjects): Promise<void> {
  const rateLimit = await prepareRateLimit(ctx, name, subjects)
  const { counted } = await unlessRefused(ctx, rateLimit, ctx.db.batch(countAndRecord(ctx, rateLimit)))
  assertWithinLimit(ctx, rateLimit, counted)
}
