import { type SQL, sql } from 'drizzle-orm'
import * as z from 'zod'
import type { Context } from '../../context.ts'
import { DAY_MS } from '../../core/time.ts'
import { hasComeDue, isHeldBack, isUnfinished } from '../../storage/database/erasure-conditions.ts'
import type { Row } from '../../storage/database/members.ts'
import { columnsOf, computed, withRows } from '../../storage/database/rows.ts'
import { assignments, plusOne } from '../../storage/database/writes.ts'
import { erasures } from '../../storage/schema/index.ts'

type Dependencies = Pick<Context, 'db' | 'now'>

const erasureClaim = {
  user_id: erasures.userId,
  requested_at: erasures.requestedAt,
  started_at: computed.integer(sql`${erasures.startedAt}`),
  basis: erasures.basis,
  /** Ids of the exports to delete. */
  export_ids: computed.json(
    sql`(SELECT json_group_array(id) FROM exports WHERE exports.user_id = erasures.user_id)`,
    z.array(z.string()),
  ),
} as const
export type ErasureClaim = Row<typeof erasureClaim>

/** SQL: the time from which a purge may claim an erasure. Same expression as in the index `erasures_next`. */
const turnOf = sql.raw('(CASE WHEN retry_at IS NULL THEN due_at ELSE retry_at END)')

/** The pause after the first failure. The cron runs every five minutes. */
const FIRST_PAUSE_MS = 4 * 60_000
/** The pause is doubled at most this many times, and is never longer than a day. */
const MAX_DOUBLINGS = 9

/**
 * Claims the erasure that has waited longest. A claimed account can no longer be restored: restoring is
 * guarded by `started_at`, and claiming is guarded by the legal hold. The claim also sets the time of the
 * next attempt. A purge that fails, or that ends the whole Worker, is therefore tried again only after all
 * other erasures. Index `erasures_next`.
 */
export function claimErasure({ db, now }: Dependencies): Promise<ErasureClaim | undefined> {
  return db.first(
    withRows(
      erasureClaim,
      sql`
        UPDATE erasures SET ${assignments(erasures, {
          started_at: sql`coalesce(${erasures.startedAt}, ${now})`,
          attempts: plusOne(erasures.attempts),
          retry_at: sql`${now} + min(${DAY_MS}, ${FIRST_PAUSE_MS} << min(${erasures.attempts}, ${MAX_DOUBLINGS}))`,
        })}
        WHERE ${isUnfinished} AND user_id = (
          SELECT ${erasures.userId} FROM erasures
          WHERE ${isUnfinished} AND ${turnOf} <= ${now} AND NOT ${isHeldBack}
          ORDER BY ${turnOf} LIMIT 1)
        RETURNING ${columnsOf(erasureClaim)}`,
    ),
  )
}

/**
 * Gives back a claim that made progress but is not finished. It does not count as a failure, and other
 * erasures come first.
 */
export async function giveBackClaim({ db, now }: Dependencies, { user_id }: ErasureClaim): Promise<void> {
  await db.batch({
    givenBack: sql`
      UPDATE erasures SET ${assignments(erasures, { attempts: 0, retry_at: now })}
      WHERE user_id = ${user_id} AND ${isUnfinished}`,
  })
}

/**
 * The statement that ends the pauses after failures, because an operator requested a purge now. Index
 * `erasures_next`.
 */
export const endPauses = ({ now }: Pick<Context, 'now'>): SQL => sql`
  UPDATE erasures SET ${assignments(erasures, { retry_at: now })}
  WHERE ${isUnfinished} AND ${turnOf} > ${now} AND retry_at IS NOT NULL`

const pausedErasure = { user_id: erasures.userId } as const

/** Whether an erasure is due that no purge may claim yet. Index `erasures_open`. */
export async function isAnyPaused({ db, now }: Dependencies): Promise<boolean> {
  const row = await db.first(
    withRows(
      pausedErasure,
      sql`
        SELECT ${columnsOf(pausedErasure)} FROM erasures
        WHERE ${isUnfinished} AND ${hasComeDue(now)} AND NOT ${isHeldBack} LIMIT 1`,
    ),
  )
  return row !== undefined
}
