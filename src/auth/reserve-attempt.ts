import { type SQL, sql } from 'drizzle-orm'

/**
 * Counts one attempt before anything is compared, and returns the count: reserving first is what holds the cap when
 * many arrive together (ASVS 6.3.1). A window that has passed starts anew.
 */
export const reserveAttempt = (key: string, now: number, windowMs: number): SQL<{ count: number }> => sql`
  INSERT INTO attempts (key, window_start, count) VALUES (${key}, ${now}, 1)
  ON CONFLICT (key) DO UPDATE SET
    count = CASE WHEN window_start <= ${now - windowMs} THEN 1 ELSE count + 1 END,
    window_start = CASE WHEN window_start <= ${now - windowMs} THEN ${now} ELSE window_start END
  RETURNING count`

export const clearAttempts = (key: string): SQL => sql`DELETE FROM attempts WHERE key = ${key}`
