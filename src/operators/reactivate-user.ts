import { sql } from 'drizzle-orm'
import type { Account } from './account.ts'
import { type AccountOperation, type ChangeDependencies, changeAccount } from './change-account.ts'
import { operatorDetail } from './operation.ts'

/** Lifts a suspension. The sessions that it ended stay ended, and the owner is told. @throws AppError as `changeAccount` */
export const reactivateUser = (ctx: ChangeDependencies, operation: AccountOperation): Promise<Account> =>
  changeAccount(ctx, operation, {
    change: sql`
      UPDATE users SET status = 'active', suspended_at = NULL, suspended_until = NULL
      WHERE id = ${operation.userId} AND status = 'suspended' RETURNING id`,
    mail: { template: 'suspension-ended' },
    event: { action: 'user.reactivated', detail: operatorDetail(ctx, operation) },
  })
