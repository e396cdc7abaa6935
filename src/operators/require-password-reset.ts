import { sql } from 'drizzle-orm'
import { mailLinkExpiry } from '../core/lifetimes.ts'
import { hasPassword } from '../storage/database/account-level.ts'
import { isResetRequired } from '../storage/database/users.ts'
import { plusOne } from '../storage/database/writes.ts'
import { users } from '../storage/schema/index.ts'
import type { Account } from './account-view.ts'
import { type AccountOperation, type ChangeDependencies, changeAccount } from './change-account.ts'
import { changeUser } from './change-user.ts'
import { operatorDetail } from './operation.ts'

/**
 * Invalidates the current password, ends every session, and mails the owner a link to set a new password. An
 * operator never chooses or sees a password (A3).
 * @throws AppError as `changeAccount`: `state_conflict` also when there is no password
 */
export const requirePasswordReset = (ctx: ChangeDependencies, operation: AccountOperation): Promise<Account> =>
  changeAccount(ctx, operation, {
    change: changeUser(
      operation.userId,
      { reset_required_at: ctx.now, security_epoch: plusOne(users.securityEpoch) },
      sql`
        status <> 'deleted' AND NOT ${isResetRequired()}
        AND ${hasPassword}`,
    ),
    mail: {
      template: 'reset-password',
      token: { id: crypto.randomUUID(), purpose: 'reset', expiresAtMs: mailLinkExpiry(ctx.now) },
    },
    event: { action: 'user.password_reset_required', detail: operatorDetail(ctx, operation) },
  })
