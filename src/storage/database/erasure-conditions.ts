import { type SQL, sql } from 'drizzle-orm'
import { erasures, legalHolds } from '../schema/index.ts'

/** SQL condition: a purge of this user has begun, so the account cannot be restored. */
export const hasPurgeBegun = (userId: SQL): SQL =>
  sql`EXISTS (SELECT 1 FROM erasures purge WHERE purge.user_id = ${userId} AND purge.started_at IS NOT NULL)`

/** SQL condition on `legal_holds`: the row has the types that this service writes. */
export const isReadableHold: SQL = sql`
  typeof(${legalHolds.userId}) = 'text' AND typeof(${legalHolds.reason}) = 'text'
  AND typeof(${legalHolds.placedAt}) = 'integer' AND typeof(${legalHolds.seal}) IN ('text', 'null')`

/** SQL condition: a legal hold prevents the purge of this user. */
const isHeld = (userId: SQL): SQL => sql`EXISTS (SELECT 1 FROM legal_holds h WHERE h.user_id = ${userId})`

/** SQL condition on `erasures`: the purge is not complete. */
export const isUnfinished: SQL = sql`${erasures.completedAt} IS NULL`

/**
 * SQL condition on `erasures`: the row has the types that this service writes. An attacker who can write the
 * database can insert a row that has not, and such a row would fail the claim of every other one.
 */
export const isReadableErasure: SQL = sql`
  typeof(${erasures.userId}) = 'text' AND typeof(${erasures.requestedAt}) = 'integer'
  AND typeof(${erasures.dueAt}) = 'integer' AND typeof(${erasures.startedAt}) IN ('integer', 'null')
  AND typeof(${erasures.seal}) IN ('text', 'null')
  AND ${erasures.basis} IN ('user_request', 'operator_request', 'database_restored')`

/** SQL condition on `erasures`: a purge may claim the row when it is due. */
export const isClaimable: SQL = sql`${isUnfinished} AND ${erasures.refusedAt} IS NULL`

/** SQL condition on `erasures`: a legal hold prevents the purge. */
export const isHeldBack: SQL = isHeld(sql`${erasures.userId}`)

/** SQL condition on `erasures`: the purge is due. @param now Unix milliseconds */
export const hasComeDue = (now: number | SQL): SQL => sql`${erasures.dueAt} <= ${now}`
