import { sql } from 'drizzle-orm'
import { assignments } from '../storage/database/writes.ts'
import { users } from '../storage/schema/index.ts'
import type { Account } from './account-view.ts'
import { type AccountOperation, type ChangeDependencies, changeAccount } from './change-account.ts'
import { operatorDetail } from './operation.ts'

/** Lifts a suspension. The sessions that it ended stay ended, and the owner is told. @throws AppError as `changeAccount` */
export const reactivateUser = (ctx: ChangeDependencies, operation: AccountOperation): Promise<Account> =>
  changeAccount(ctx, operation, {
    change: sql`
      UPDATE users SET ${assignments(users, { status: 'active', suspended_at: null, suspended_until: null })}
      WHERE id = ${operation.userId} AND status = 'suspended' RETURNING id`,
    mail: { template: 'suspension-ended' },
    event: { action: 'user.reactivated', detail: operatorDetail(ctx, operation) },
  })
