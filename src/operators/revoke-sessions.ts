import { sql } from 'drizzle-orm'
import { assignments } from '../storage/database/writes.ts'
import { users } from '../storage/schema/index.ts'
import type { Account } from './account-view.ts'
import { type AccountOperation, type ChangeDependencies, changeAccount } from './change-account.ts'
import { operatorDetail } from './operation.ts'

/** Ends every session of an account; its owner may sign in again. @throws AppError as `changeAccount` */
export const revokeSessions = (ctx: ChangeDependencies, operation: AccountOperation): Promise<Account> =>
  changeAccount(ctx, operation, {
    change: sql`
      UPDATE users SET ${assignments(users, { security_epoch: sql`security_epoch + 1` })}
      WHERE id = ${operation.userId} AND status <> 'deleted' RETURNING id`,
    event: { action: 'user.sessions_revoked', detail: operatorDetail(ctx, operation) },
  })
