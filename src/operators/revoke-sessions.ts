import { sql } from 'drizzle-orm'
import { plusOne } from '../storage/database/writes.ts'
import { users } from '../storage/schema/index.ts'
import type { Account } from './account-view.ts'
import { type AccountOperation, type ChangeDependencies, changeAccount } from './change-account.ts'
import { changeUser } from './change-user.ts'
import { operatorDetail } from './operation.ts'

/** Ends every session of an account. Its owner may sign in again. @throws AppError as `changeAccount` */
export const revokeSessions = (ctx: ChangeDependencies, operation: AccountOperation): Promise<Account> =>
  changeAccount(ctx, operation, {
    change: changeUser(operation.userId, { security_epoch: plusOne(users.securityEpoch) }, sql`status <> 'deleted'`),
    event: { action: 'user.sessions_revoked', detail: operatorDetail(ctx, operation) },
  })
