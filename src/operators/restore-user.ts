import { sql } from 'drizzle-orm'
import { cancelErasure } from '../compliance/erasure/schedule-erasure.ts'
import { hasPurgeBegun } from '../storage/database/erasure-conditions.ts'
import { isTombstone } from '../storage/database/users.ts'
import { users } from '../storage/schema/index.ts'
import type { Account } from './account-view.ts'
import { type AccountOperation, type ChangeDependencies, changeAccount } from './change-account.ts'
import { changeUser } from './change-user.ts'
import { operatorDetail } from './operation.ts'

/**
 * Restores a deleted account and notifies its owner. The account is suspended again if it was suspended
 * before. It cannot be restored once a purge has claimed it.
 * @throws AppError as `changeAccount`
 */
export const restoreUser = (ctx: ChangeDependencies, operation: AccountOperation): Promise<Account> =>
  changeAccount(ctx, operation, {
    change: changeUser(
      operation.userId,
      {
        deleted_at: null,
        purge_after: null,
        status: sql`CASE WHEN ${users.suspendedAt} IS NULL THEN 'active' ELSE 'suspended' END`,
      },
      sql`
        status = 'deleted' AND NOT ${isTombstone}
        AND NOT ${hasPurgeBegun(sql`users.id`)}`,
    ),
    mail: { template: 'account-restored' },
    event: { action: 'user.restored', detail: operatorDetail(ctx, operation) },
    consequences: () => [cancelErasure(operation.userId)],
  })
