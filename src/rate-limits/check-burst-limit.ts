import type { Context } from '../context.ts'
import { AppError } from '../core/errors.ts'
import { burstLimits, type LimitName, limitPolicy } from '../core/rate-limit-policies.ts'
import { burstLimitKey } from './counters-for.ts'

type Dependencies = Pick<Context, 'settings' | 'ring' | 'limiter' | 'client'>

/**
 * Refuses a flood before its bodies are read and any storage is called. The burst limit counts in memory at
 * one location, so it adds no round trip.
 * @throws AppError `rate_limited`
 */
export async function checkBurstLimit(ctx: Dependencies, name: LimitName): Promise<void> {
  const { burstLimit } = limitPolicy(ctx.settings, name)
  if (await ctx.limiter.passesBurstLimit(burstLimit, await burstLimitKey(ctx))) return
  const { count, windowMs } = burstLimits[burstLimit]
  const seconds = windowMs / 1000
  throw new AppError('rate_limited', {
    quota: { name: 'burst', count, windowSeconds: seconds, resetSeconds: seconds },
  })
}
