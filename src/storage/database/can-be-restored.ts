import { type SQL, sql } from 'drizzle-orm'
import { hasPurgeBegun } from './erasure-conditions.ts'
import { isSuspended } from './suspension.ts'

/** SQL condition on `users u`: deleted while not suspended, within the grace period, and no purge has begun. */
export const canBeRestored = (now: number): SQL => sql`
  u.status = 'deleted' AND u.purge_after > ${now} AND NOT (${isSuspended(now, 'u')})
  AND NOT ${hasPurgeBegun(sql`u.id`)}`
