import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { oneByOne, together } from '../core/for-all.ts'
import type { UserId } from '../core/ids.ts'
import { isSuspensionOver } from '../storage/database/suspension.ts'
import { previousChangedARow, recordEvent } from '../storage/outbox.ts'
import { orderMail } from '../storage/outbox-mail.ts'

type Dependencies = Pick<Context, 'db' | 'requestId' | 'now' | 'outbox'>

/** Makes an account active whose suspension has ended by itself; anything else is left as it is. */
export async function endSuspension(ctx: Dependencies, userId: UserId): Promise<void> {
  await end(ctx, [userId])
}

/** The cron's share: as many as that, the longest over first. Index `users_suspended_until`. */
export async function endExpiredSuspensions(ctx: Dependencies, limit: number): Promise<void> {
  const expired = await ctx.db.all(sql<{ id: UserId }>`
    SELECT id FROM users WHERE ${isSuspensionOver(ctx.now)} ORDER BY suspended_until LIMIT ${limit}`)
  const userIds = expired.map(({ id }) => id)
  try {
    await together(userIds, (some) => end(ctx, some))
  } catch {
    await oneByOne({ isPatient: true })(userIds, (some) => end(ctx, some))
  }
}

/** Ends, tells the owner, and records, each only if it is over. */
async function end(ctx: Dependencies, userIds: readonly UserId[]): Promise<void> {
  await ctx.db.batch(userIds.flatMap((userId) => endingOf(ctx, userId)))
}

const endingOf = (ctx: Dependencies, userId: UserId): SQL[] => [
  sql`
    UPDATE users SET status = 'active', suspended_at = NULL, suspended_until = NULL
    WHERE id = ${userId} AND ${isSuspensionOver(ctx.now)}`,
  recordEvent(
    { ...ctx, actor: { type: 'system' } },
    { action: 'user.suspension_ended', outcome: 'success', subjectId: userId },
    { onlyIf: previousChangedARow },
  ),
  orderMail({ ...ctx, locale: null }, { template: 'suspension-ended', userId, onlyIf: previousChangedARow }),
]
