import { type SQL, sql } from 'drizzle-orm'

/**
 * SQL on `users`: suspended now, also while the account is deleted. A suspension whose time has come no longer counts,
 * whether or not the cron has noticed. @param users the table's alias
 */
export const isSuspended = (now: number, users = 'users'): SQL => sql`
  (${column(users, 'status')} = 'suspended' OR ${column(users, 'suspended_at')} IS NOT NULL)
  AND (${column(users, 'suspended_until')} IS NULL OR ${column(users, 'suspended_until')} > ${now})`

const column = (table: string, name: string): SQL => sql.raw(`${table}.${name}`)

/** SQL on `users`: suspended by status, and the suspension has ended by itself. Index `users_suspended_until`. */
export const isSuspensionOver = (now: number): SQL =>
  sql`users.status = 'suspended' AND users.suspended_until <= ${now}`
