import { type SQL, sql } from 'drizzle-orm'
import type { Context, Recording } from '../context.ts'
import { AppError } from '../core/errors.ts'
import type { UserId } from '../core/ids.ts'
import { signInLimit } from '../core/rate-limit-policies.ts'
import { recorded } from '../storage/database/recorded.ts'
import { columnsOf, withRows } from '../storage/database/rows.ts'
import { assignments, type Changes, plusOne } from '../storage/database/writes.ts'
import { users } from '../storage/schema/index.ts'

type Dependencies = Omit<Recording, 'client'> & Pick<Context, 'settings'>

/** SQL condition on `users`: the account may open one more session in this window. */
export const maySignIn = ({ settings, now }: Pick<Dependencies, 'settings' | 'now'>): SQL => sql`
  (sign_ins_counted_until <= ${now} OR sign_in_count < ${signInLimit(settings).count})`

/**
 * Changes to a row of `users` that count one more session. They are part of a statement that updates the row
 * anyway.
 */
export const countSignIn = ({ settings, now }: Pick<Dependencies, 'settings' | 'now'>): Changes<typeof users> => ({
  sign_in_count: sql`CASE WHEN ${users.signInsCountedUntil} <= ${now} THEN 1 ELSE ${plusOne(users.signInCount)} END`,
  sign_ins_counted_until: sql`
    CASE WHEN ${users.signInsCountedUntil} <= ${now} THEN ${now + signInLimit(settings).windowMs}
      ELSE ${users.signInsCountedUntil} END`,
})

const fullWindow = { ends_at: users.signInsCountedUntil } as const

/**
 * Changes to a row of `users` that start a new quota. For a proof of the mailbox: an attacker who knew the
 * old password, or had registered with another person's address, must not have used up the owner's quota.
 */
export const forgetSignIns = { sign_in_count: 0, sign_ins_counted_until: 0 } as const satisfies Changes<typeof users>

/**
 * Refuses the sign-in if the account has used up its quota of sessions. Records the first refusal of a
 * window.
 * @throws AppError `rate_limited`
 */
export async function refuseSurplusSignIn(ctx: Dependencies, userId: UserId): Promise<void> {
  const { db, settings, now } = ctx
  const quota = signInLimit(settings)
  const {
    windows: [full],
  } = await db.batch({
    refused: recorded(
      ctx,
      sql`
        UPDATE users SET ${assignments(users, { sign_in_count: plusOne(users.signInCount) })}
        WHERE id = ${userId} AND sign_ins_counted_until > ${now} AND sign_in_count = ${quota.count}`,
      { action: 'limit.reached', outcome: 'failure', subjectId: userId, detail: { policy: 'sign-in' } },
    ),
    windows: withRows(
      fullWindow,
      sql`
        SELECT ${columnsOf(fullWindow)} FROM users
        WHERE id = ${userId} AND sign_ins_counted_until > ${now} AND sign_in_count >= ${quota.count}`,
    ),
  })
  if (full === undefined) return
  const resetSeconds = Math.max(1, Math.ceil((full.ends_at - now) / 1000))
  throw new AppError('rate_limited', {
    retryAfterSeconds: resetSeconds,
    quota: { name: 'user', count: quota.count, windowSeconds: quota.windowMs / 1000, resetSeconds },
  })
}
