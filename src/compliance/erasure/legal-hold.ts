import { type SQL, sql } from 'drizzle-orm'
import type { UserId } from '../../core/ids.ts'
import { type ErasureSeals, holdText, type LegalHold } from '../../crypto/erasure-seal.ts'
import type { Row } from '../../storage/database/members.ts'
import { columnsOf, withRows } from '../../storage/database/rows.ts'
import type { Statement } from '../../storage/database/statement.ts'
import { insertInto } from '../../storage/database/writes.ts'
import { legalHolds } from '../../storage/schema/index.ts'
import { FAILED_AFTER_MS } from './erasure-state.ts'

/**
 * SQL condition: the user exists, is not erased, and no purge is running. A purge that has just begun runs to
 * its end, so a hold placed now would claim to keep data that is being destroyed. The claim of a purge is
 * guarded by the hold in turn, so exactly one of the two succeeds. After a purge was cut off, the remaining
 * data can be held.
 */
export const canBeHeld = (userId: UserId, now: number): SQL => sql`
  EXISTS (SELECT 1 FROM users WHERE id = ${userId})
  AND NOT EXISTS (SELECT 1 FROM erasures WHERE user_id = ${userId}
    AND (completed_at IS NOT NULL OR started_at >= ${now - FAILED_AFTER_MS}))`

const heldUser = { user_id: legalHolds.userId } as const
type HeldUser = Row<typeof heldUser>

interface Hold {
  readonly userId: UserId
  /** Stored in plain text: a code or the reference of a case, without personal data. */
  readonly reason: string
  readonly now: number
  readonly seals: ErasureSeals
}

/**
 * Blocks the purge of a user. Returns a row if this statement placed the hold, and none if there is a hold
 * already or the user cannot be held.
 */
export function placeHold({ userId, reason, now, seals }: Hold): Statement<HeldUser> {
  const hold = sealedHold({ user_id: userId, reason, placed_at: now }, seals)
  return withRows(
    heldUser,
    sql`
      ${insertInto(legalHolds, hold, { onlyIf: canBeHeld(userId, now) })}
      ON CONFLICT DO NOTHING RETURNING ${columnsOf(heldUser)}`,
  )
}

/** The values of a row of `legal_holds`, with its seal. */
const sealedHold = (hold: LegalHold, seals: ErasureSeals) => ({ ...hold, seal: seals.seal(holdText(hold)) })

/** Lifts a hold. Returns a row if there was one. */
export const liftHold = (userId: UserId): Statement<HeldUser> =>
  withRows(heldUser, sql`DELETE FROM legal_holds WHERE user_id = ${userId} RETURNING ${columnsOf(heldUser)}`)
