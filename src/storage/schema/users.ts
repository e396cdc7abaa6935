import { sql } from 'drizzle-orm'
import { check, index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { UserId } from '../../core/ids.ts'
import { userStatuses } from '../../core/user-status.ts'

export const users = sqliteTable(
  'users',
  {
    id: text('id').$type<UserId>().primaryKey(),
    emailIndex: text('email_index').notNull(),
    emailDomainIndex: text('email_domain_index').notNull(),
    emailEnc: text('email_enc').notNull(),
    isVerified: integer('is_verified', { mode: 'boolean' }).notNull().default(false),
    status: text('status', { enum: userStatuses }).notNull().default('active'),
    createdAt: integer('created_at').notNull(),
    lastLoginAt: integer('last_login_at'),
    deletedAt: integer('deleted_at'),
    purgeAfter: integer('purge_after'),
    /** Kept through a deletion, so that restoring does not lift a suspension. */
    suspendedAt: integer('suspended_at'),
    /** When the suspension ends by itself; null for never. */
    suspendedUntil: integer('suspended_until'),
    /** An operator required a new password: one that was set before this does not sign in. */
    resetRequiredAt: integer('reset_required_at'),
    /** Raised by every change that ends all sessions; a session of an older epoch has ended. */
    securityEpoch: integer('security_epoch').notNull().default(0),
    /** Sessions opened since the window began that ends then. */
    signInCount: integer('sign_in_count').notNull().default(0),
    signInsCountedUntil: integer('sign_ins_counted_until').notNull().default(0),
  },
  (table) => [
    uniqueIndex('users_email_index').on(table.emailIndex),
    index('users_created').on(table.createdAt, table.id),
    index('users_domain').on(table.emailDomainIndex, table.createdAt, table.id),
    // Nearly all users are active: those are found in `users_created` soon enough.
    index('users_inactive').on(table.status, table.createdAt, table.id).where(sql`status <> 'active'`),
    index('users_suspended_until').on(table.suspendedUntil).where(sql`suspended_until IS NOT NULL`),
    index('users_purge_after').on(table.purgeAfter).where(sql`purge_after IS NOT NULL`),
    check('users_status', sql`status IN ('active', 'suspended', 'deleted')`),
  ],
)

export const userRoles = sqliteTable(
  'user_roles',
  {
    role: text('role').notNull(),
    userId: text('user_id')
      .$type<UserId>()
      .notNull()
      .references(() => users.id),
  },
  (table) => [primaryKey({ columns: [table.role, table.userId] }), index('user_roles_user').on(table.userId)],
)

/**
 * How many users are in each state, so that no query counts them. Kept by triggers on `users` that the
 * migration `user-counts` makes; drizzle does not know them, and a rebuild of `users` would lose them.
 */
export const userCounts = sqliteTable('user_counts', {
  status: text('status', { enum: userStatuses }).primaryKey(),
  users: integer('users').notNull(),
})
