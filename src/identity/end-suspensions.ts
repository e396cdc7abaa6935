import { sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { oneByOne, together } from '../core/for-all.ts'
import type { UserId } from '../core/ids.ts'
import type { Step } from '../storage/database/batch.ts'
import { orderMail } from '../storage/database/outbox-mail.ts'
import { recorded } from '../storage/database/recorded.ts'
import { columnsOf, withRows } from '../storage/database/rows.ts'
import { isSuspensionOver } from '../storage/database/users.ts'
import { assignments } from '../storage/database/writes.ts'
import { users } from '../storage/schema/index.ts'

type Dependencies = Pick<Context, 'db' | 'requestId' | 'now' | 'outbox'>

const expiredRow = { id: users.id } as const

/** Makes an account active if its suspension has expired. Does nothing otherwise. */
export async function endSuspension(ctx: Dependencies, userId: UserId): Promise<void> {
  await end(ctx, [userId])
}

/**
 * Ends expired suspensions for the cron, at most `limit`, the longest expired first. Index
 * `users_suspended_until`.
 */
export async function endExpiredSuspensions(ctx: Dependencies, limit: number): Promise<void> {
  const expired = await ctx.db.all(
    withRows(
      expiredRow,
      sql`
        SELECT ${columnsOf(expiredRow)} FROM users
        WHERE ${isSuspensionOver(ctx.now)} ORDER BY suspended_until LIMIT ${limit}`,
    ),
  )
  const userIds = expired.map(({ id }) => id)
  try {
    await together(userIds, (some) => end(ctx, some))
  } catch {
    await oneByOne({ isPatient: true })(userIds, (some) => end(ctx, some))
  }
}

/** Ends each suspension that has expired, mails the user, and records the event. */
async function end(ctx: Dependencies, userIds: readonly UserId[]): Promise<void> {
  await ctx.db.batch({ ended: userIds.map((userId) => endStatements(ctx, userId)) })
}

function endStatements(ctx: Dependencies, userId: UserId): Step[] {
  const ended = recorded(
    { ...ctx, actor: { type: 'system' } },
    sql`
      UPDATE users SET ${assignments(users, { status: 'active', suspended_at: null, suspended_until: null })}
      WHERE id = ${userId} AND ${isSuspensionOver(ctx.now)}`,
    { action: 'user.suspension_ended', outcome: 'success', subjectId: userId },
  )
  const told = orderMail({ ...ctx, locale: null }, { template: 'suspension-ended', userId, onlyIf: ended.happened })
  return [ended, told]
}
