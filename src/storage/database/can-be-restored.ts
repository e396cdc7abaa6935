import { type SQL, sql } from 'drizzle-orm'

/** SQL condition on `users u`: deleted by its owner, within the grace period, and no purge has begun. */
export const canBeRestored = (now: number): SQL => sql`
  u.status = 'deleted' AND u.purge_after > ${now}
  AND NOT EXISTS (SELECT 1 FROM erasures e WHERE e.user_id = u.id AND e.started_at IS NOT NULL)`
