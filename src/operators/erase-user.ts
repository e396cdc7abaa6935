import { type SQL, sql } from 'drizzle-orm'
import { forgetTokens, scheduleErasure } from '../compliance/erasure/schedule-erasure.ts'
import type { Context } from '../context.ts'
import type { UserId } from '../core/ids.ts'
import { DAY_MS } from '../core/time.ts'
import { openErasureSeals } from '../crypto/erasure-seal.ts'
import { hasPurgeBegun, isClaimable } from '../storage/database/erasure-conditions.ts'
import { sealMailPayload } from '../storage/database/outbox-mail.ts'
import { leavesAnAdmin } from '../storage/database/roles.ts'
import { isTombstone } from '../storage/database/users.ts'
import { plusOne } from '../storage/database/writes.ts'
import { users } from '../storage/schema/index.ts'
import type { Account } from './account-view.ts'
import { type AccountOperation, type ChangeDependencies, changeAccount } from './change-account.ts'
import { changeUser } from './change-user.ts'
import { operatorDetail } from './operation.ts'

export interface OperatorErasure extends AccountOperation {
  /** The next purge erases the account, without a grace period. */
  readonly isImmediate: boolean
}

/**
 * Deletes an account on behalf of its owner. It is purged at once, or after the grace period, about which the
 * owner gets a mail. The purge of an account that is deleted already can be moved to an earlier time. A legal
 * hold does not prevent this request; it only blocks the purge.
 * @throws AppError as `changeAccount`
 */
export async function eraseUser(
  ctx: ChangeDependencies & Pick<Context, 'ring' | 'settings'>,
  erasure: OperatorErasure,
): Promise<Account> {
  const { userId, isImmediate } = erasure
  const { now, settings } = ctx
  const dueAtMs = isImmediate ? now : now + settings.ERASURE_GRACE_DAYS * DAY_MS
  const seals = await openErasureSeals(ctx.ring)
  return changeAccount(ctx, erasure, {
    change: changeUser(
      userId,
      {
        status: 'deleted',
        purge_after: dueAtMs,
        security_epoch: plusOne(users.securityEpoch),
        deleted_at: sql`CASE ${users.status} WHEN 'deleted' THEN ${users.deletedAt} ELSE ${now} END`,
      },
      sql`
        NOT ${isTombstone} AND ${leavesAnAdmin(userId)}
        AND (status <> 'deleted' OR purge_after > ${dueAtMs} OR NOT ${hasOpenRequest(userId)})
        AND NOT (${hasOpenRequest(userId)} AND ${hasPurgeBegun(sql`users.id`)})`,
    ),
    keepsAnAdmin: true,
    ...(!isImmediate && { mail: await tellOwner(ctx, userId, dueAtMs) }),
    event: { action: 'user.deletion_requested', detail: operatorDetail(ctx, erasure) },
    consequences: () => [
      scheduleErasure({ userId, now, dueAtMs, basis: 'operator_request' }, seals),
      forgetTokens({ userId, now }),
    ],
  })
}

/**
 * SQL condition: a purge will erase the user. It is false for a deleted account whose request was set aside,
 * or that an attacker has removed from the database. Such an account can be erased only by a new request.
 */
const hasOpenRequest = (userId: UserId): SQL => sql`
  EXISTS (SELECT 1 FROM erasures WHERE user_id = ${userId} AND ${isClaimable})`

async function tellOwner(ctx: Pick<Context, 'vault' | 'now'>, userId: UserId, restoreUntilMs: number) {
  const payload = await sealMailPayload(ctx, await ctx.vault.find(userId), { userId, payload: { restoreUntilMs } })
  return { template: 'account-deleted', payload } as const
}
