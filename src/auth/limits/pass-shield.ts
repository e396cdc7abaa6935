import type { Context } from '../../context.ts'
import { AppError } from '../../core/errors.ts'
import { type LimitName, limitPolicy, shields } from '../../core/limits.ts'
import { shieldKey } from './counters-for.ts'

type Dependencies = Pick<Context, 'settings' | 'ring' | 'limiter' | 'client'>

/**
 * Stops a flood before its bodies are read and any storage is touched. The shield counts in memory at one location, so
 * asking it first costs no wait. @throws AppError `rate_limited`
 */
export async function passShield(ctx: Dependencies, name: LimitName): Promise<void> {
  const { shield } = limitPolicy(ctx.settings, name)
  if (await ctx.limiter.passesShield(shield, await shieldKey(ctx))) return
  const { count, windowMs } = shields[shield]
  const seconds = windowMs / 1000
  throw new AppError('rate_limited', {
    quota: { name: 'burst', count, windowSeconds: seconds, resetSeconds: seconds },
  })
}
