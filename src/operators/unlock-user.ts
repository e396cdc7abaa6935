import type { Context } from '../context.ts'
import { clearCounters } from '../rate-limits/clear-counters.ts'
import type { AccountOperation } from './change-account.ts'
import type { Cleared } from './lock-view.ts'
import { type Operating, operatorDetail, sealNote } from './operation.ts'

type Dependencies = Operating & Pick<Context, 'ring' | 'settings' | 'vault' | 'limiter'>

/**
 * Clears the lockouts and rate limits of a person, who can then sign in again at once.
 * @throws AppError `not_found`, `unavailable`
 */
export async function unlockUser(ctx: Dependencies, operation: AccountOperation): Promise<Cleared> {
  const { userId } = operation
  const note = await sealNote(ctx, operation)
  return { cleared: await clearCounters(ctx, { userId }, { detail: operatorDetail(ctx, operation), note }) }
}
