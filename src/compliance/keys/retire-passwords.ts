import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import type { UserId } from '../../core/ids.ts'
import { pepperVersion } from '../../storage/database/root-keys.ts'
import { previousChangedARow, recordEvent } from '../../storage/outbox.ts'

type Dependencies = Pick<Context, 'db' | 'ring' | 'actor' | 'requestId' | 'now' | 'outbox'>

/**
 * One page: takes the password from those whose hash is under an old pepper, because they have not signed in since the
 * rotation. They get a new one by mail; their sessions go on. A hash made meanwhile stays. @returns how many lost it
 */
export async function retirePasswords(ctx: Dependencies, limit: number): Promise<number> {
  const { db, now } = ctx
  const newest = ctx.ring.newest.version
  const rows = await db.all(selectOldPeppers(newest, limit))
  if (rows.length === 0) return 0
  await db.batch(
    rows.flatMap(({ user_id }) => [
      sql`
        UPDATE credentials SET password_hash = NULL, changed_at = ${now}
        WHERE user_id = ${user_id} AND ${pepperVersion} > 0 AND ${pepperVersion} <> ${newest}`,
      recordEvent(
        ctx,
        { action: 'user.password_retired', outcome: 'success', subjectId: user_id, detail: { reason: 'old_pepper' } },
        { onlyIf: previousChangedARow },
      ),
    ]),
  )
  return rows.length
}

/** Two ranges of the index `credentials_pepper`. A hash without a pepper (0) was not made here and is none of this. */
export const selectOldPeppers = (newest: number, limit: number): SQL<{ readonly user_id: UserId }> => sql`
  SELECT user_id FROM credentials WHERE ${pepperVersion} > 0 AND ${pepperVersion} < ${newest}
  UNION ALL
  SELECT user_id FROM credentials WHERE ${pepperVersion} > ${newest}
  LIMIT ${limit}`
