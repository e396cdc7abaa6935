import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import type { UserId } from '../core/ids.ts'
import { isSuspensionOver } from '../storage/database/suspension.ts'
import { previousChangedARow, recordEvent } from '../storage/outbox.ts'

type Dependencies = Pick<Context, 'db' | 'requestId' | 'now' | 'outbox'>

/** Makes an account active whose suspension has ended by itself; anything else is left as it is. */
export async function endSuspension(ctx: Dependencies, userId: UserId): Promise<void> {
  await ctx.db.batch(endingOf(ctx, userId))
}

/** The cron's share: as many as that, the longest over first. Index `users_suspended_until`. */
export async function endExpiredSuspensions(ctx: Dependencies, limit: number): Promise<void> {
  const expired = await ctx.db.all(sql<{ id: UserId }>`
    SELECT id FROM users WHERE ${isSuspensionOver(ctx.now)} ORDER BY suspended_until LIMIT ${limit}`)
  if (expired.length > 0) await ctx.db.batch(expired.flatMap(({ id }) => endingOf(ctx, id)))
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
]
