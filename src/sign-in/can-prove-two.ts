import { type SQL, sql } from 'drizzle-orm'
import type { UserId } from '../core/ids.ts'

/**
 * SQL condition: the user has a second factor. A new kind is added here. Recovery codes are none: they stand
 * in for one.
 */
export const canProveTwo = (userId: UserId): SQL => sql`EXISTS (SELECT 1 FROM totp_factors WHERE user_id = ${userId})`
