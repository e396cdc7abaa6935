import { sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { AppError } from '../core/errors.ts'
import type { UserId } from '../core/ids.ts'
import { rfc3339OrNull } from '../core/time.ts'
import { sealMailPayload } from '../storage/database/outbox-mail.ts'
import { leavesAnAdmin } from '../storage/database/roles.ts'
import { plusOne } from '../storage/database/writes.ts'
import { users } from '../storage/schema/index.ts'
import type { Account } from './account-view.ts'
import { type AccountOperation, type ChangeDependencies, changeAccount } from './change-account.ts'
import { changeUser } from './change-user.ts'
import { operatorDetail } from './operation.ts'

export interface Suspension extends AccountOperation {
  /** When the suspension ends, in Unix milliseconds; null for a suspension without an end. */
  readonly untilMs: number | null
}

/**
 * Suspends an account, or changes the end of its suspension. The person cannot sign in, and every session
 * ends now. The mail to the owner has the end but not the reason, which is only in the audit trail.
 * @throws AppError `validation_failed` for an end in the past; otherwise as `changeAccount`
 */
export async function suspendUser(ctx: ChangeDependencies, suspension: Suspension): Promise<Account> {
  const { userId, untilMs } = suspension
  const { now } = ctx
  if (untilMs !== null && untilMs <= now)
    throw new AppError('validation_failed', {
      errors: [{ pointer: '/suspended_until', detail: 'must be in the future' }],
    })
  return changeAccount(ctx, suspension, {
    change: changeUser(
      userId,
      {
        status: 'suspended',
        suspended_until: untilMs,
        security_epoch: plusOne(users.securityEpoch),
        suspended_at: sql`CASE ${users.status} WHEN 'suspended' THEN ${users.suspendedAt} ELSE ${now} END`,
      },
      sql`
        ${leavesAnAdmin(userId)}
        AND (status = 'active' OR (status = 'suspended' AND suspended_until IS NOT ${untilMs}))`,
    ),
    keepsAnAdmin: true,
    mail: await tellOwner(ctx, userId, untilMs),
    event: { action: 'user.suspended', detail: { ...operatorDetail(ctx, suspension), until: rfc3339OrNull(untilMs) } },
  })
}

async function tellOwner(ctx: Pick<Context, 'vault' | 'now'>, userId: UserId, suspendedUntilMs: number | null) {
  const payload = await sealMailPayload(ctx, await ctx.vault.find(userId), { userId, payload: { suspendedUntilMs } })
  return { template: 'account-suspended', payload } as const
}
