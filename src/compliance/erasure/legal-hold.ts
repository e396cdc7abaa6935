import { type SQL, sql } from 'drizzle-orm'
import type { UserId } from '../../core/ids.ts'
import { columnsOf, type Row, withRows } from '../../storage/database/rows.ts'
import type { Statement } from '../../storage/database/statement.ts'
import { insertInto } from '../../storage/database/writes.ts'
import { legalHolds } from '../../storage/schema/index.ts'
import { FAILED_AFTER_MS } from './erasure-state.ts'

/**
 * SQL condition: this user is there, has not been erased, and no purge is at it. One that has just begun goes
 * on to its end, so a hold would say that something is kept which is being destroyed; the claim of a purge is
 * guarded by the hold, so of the two one wins. What a purge that was cut off has left can be held.
 */
export const canBeHeld = (userId: UserId, now: number): SQL => sql`
  EXISTS (SELECT 1 FROM users WHERE id = ${userId})
  AND NOT EXISTS (SELECT 1 FROM erasures WHERE user_id = ${userId}
    AND (completed_at IS NOT NULL OR started_at >= ${now - FAILED_AFTER_MS}))`

const heldUser = { user_id: legalHolds.userId } as const
type HeldUser = Row<typeof heldUser>

interface Hold {
  readonly userId: UserId
  /** Kept in the clear: a code, or the reference of a case; no personal data. */
  readonly reason: string
  readonly now: number
}

/**
 * Blocks the purge of a user. Answers a row if it does so now: not when there is a hold, or nobody to hold.
 */
export const placeHold = ({ userId, reason, now }: Hold): Statement<HeldUser> =>
  withRows(
    heldUser,
    sql`
      ${insertInto(legalHolds, { user_id: userId, reason, placed_at: now }, { onlyIf: canBeHeld(userId, now) })}
      ON CONFLICT DO NOTHING RETURNING ${columnsOf(heldUser)}`,
  )

/** Answers a row if there was a hold to lift. */
export const liftHold = (userId: UserId): Statement<HeldUser> =>
  withRows(heldUser, sql`DELETE FROM legal_holds WHERE user_id = ${userId} RETURNING ${columnsOf(heldUser)}`)
