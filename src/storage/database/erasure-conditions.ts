import { type SQL, sql } from 'drizzle-orm'

/** SQL condition: a purge of this user has begun, so that nothing of the account can be restored. */
export const hasPurgeBegun = (userId: SQL): SQL =>
  sql`EXISTS (SELECT 1 FROM erasures purge WHERE purge.user_id = ${userId} AND purge.started_at IS NOT NULL)`

/** SQL condition: a legal hold keeps every purge from this user. */
export const isHeld = (userId: SQL): SQL => sql`EXISTS (SELECT 1 FROM legal_holds h WHERE h.user_id = ${userId})`
