import { type SQL, sql } from 'drizzle-orm'

/**
 * SQL on `users`: 1 while an operator wants a new password and none has been set since, else 0. Whatever sets a
 * password sets `changed_at`, and needs to know nothing of this. By primary key. @param users the table's alias
 */
export const isResetRequired = (users = 'users'): SQL =>
  sql.raw(`EXISTS (SELECT 1 FROM credentials reset
    WHERE reset.user_id = ${users}.id AND reset.changed_at <= ${users}.reset_required_at)`)
