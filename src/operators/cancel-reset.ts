import { sql } from 'drizzle-orm'
import { cancelFactorReset } from '../identity/factor-reset/cancel-factor-reset.ts'
import { type AccountOperation, type ChangeDependencies, changeAccount } from './change-account.ts'
import { operatorDetail } from './operation.ts'

/**
 * Cancels a requested reset of second factors. The mailed link becomes invalid.
 * @throws AppError as `changeAccount`: `state_conflict` without such a request
 */
export async function cancelReset(ctx: ChangeDependencies, operation: AccountOperation): Promise<void> {
  await changeAccount(ctx, operation, {
    change: cancelFactorReset(operation.userId, sql`true`),
    voids: ['keep'],
    event: { action: 'factors.reset_cancelled', detail: operatorDetail(ctx, operation) },
  })
}
