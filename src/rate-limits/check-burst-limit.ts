import type { Context } from '../context.ts'
import { AppError } from '../core/errors.ts'
import { type BurstLimit, burstLimits } from '../core/rate-limit-policies.ts'
import { burstLimitKey } from './counters-for.ts'

type Dependencies = Pick<Context, 'ring' | 'limiter' | 'client'>

/**
 * Refuses a flood before its bodies are read and any storage is called. The burst limit counts in memory at
 * one location, so it adds no round trip.
 * @throws AppError `rate_limited`
 */
export async function checkBurstLimit(ctx: Dependencies, burstLimit: BurstLimit): Promise<void> {
  if (await ctx.limiter.passesBurstLimit(burstLimit, await burstLimitKey(ctx))) return
  const { count, windowMs } = burstLimits[burstLimit]
  const seconds = windowMs / 1000
  throw new AppError('rate_limited', {
    quota: { name: 'burst', count, windowSeconds: seconds, resetSeconds: seconds },
  })
}
