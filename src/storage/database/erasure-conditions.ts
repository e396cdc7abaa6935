import { type SQL, sql } from 'drizzle-orm'
import { erasures } from '../schema/index.ts'

/** SQL condition: a purge of this user has begun, so that nothing of the account can be restored. */
export const hasPurgeBegun = (userId: SQL): SQL =>
  sql`EXISTS (SELECT 1 FROM erasures purge WHERE purge.user_id = ${userId} AND purge.started_at IS NOT NULL)`

/** SQL condition: a legal hold keeps every purge from this user. */
const isHeld = (userId: SQL): SQL => sql`EXISTS (SELECT 1 FROM legal_holds h WHERE h.user_id = ${userId})`

/** SQL condition on `erasures`: the purge is still to be done. */
export const isUnfinished: SQL = sql`${erasures.completedAt} IS NULL`

/** SQL condition on `erasures`: a legal hold keeps it waiting. */
export const isHeldBack: SQL = isHeld(sql`${erasures.userId}`)

/** SQL condition on `erasures`: its time has come. @param now Unix milliseconds */
export const hasComeDue = (now: number | SQL): SQL => sql`${erasures.dueAt} <= ${now}`
