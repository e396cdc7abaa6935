import { sql } from 'drizzle-orm'
import type { Account } from './account-view.ts'
import { type AccountOperation, type ChangeDependencies, changeAccount } from './change-account.ts'
import { changeUser } from './change-user.ts'
import { operatorDetail } from './operation.ts'

/**
 * Lifts a suspension and notifies the owner. The sessions that the suspension ended stay ended.
 * @throws AppError as `changeAccount`
 */
export const reactivateUser = (ctx: ChangeDependencies, operation: AccountOperation): Promise<Account> =>
  changeAccount(ctx, operation, {
    change: changeUser(
      operation.userId,
      { status: 'active', suspended_at: null, suspended_until: null },
      sql`status = 'suspended'`,
    ),
    mail: { template: 'suspension-ended' },
    event: { action: 'user.reactivated', detail: operatorDetail(ctx, operation) },
  })
