import type { Context } from '../context.ts'
import { AppError } from '../core/errors.ts'
import { type Health, READY } from '../core/health-view.ts'
import { findMissingRootKeys } from '../keys/note-root-keys.ts'

type Dependencies = Pick<Context, 'db' | 'ring' | 'findUnreachableStores'>

/**
 * Checks that every store answers, and that every root key in use is configured. Keys and settings were
 * already checked when the context was made.
 * @throws AppError `unavailable` with the names of the stores, `misconfigured` while a root key is missing
 */
export async function checkReadiness(ctx: Dependencies): Promise<Health> {
  const unreachable = await ctx.findUnreachableStores()
  if (unreachable.length > 0)
    throw new AppError('unavailable', { detail: `No answer from: ${unreachable.join(', ')}.` })
  if ((await findMissingRootKeys(ctx)).length > 0) throw new AppError('misconfigured')
  return READY
}
