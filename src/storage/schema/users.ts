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
    /** A deletion keeps it, so that restoring the account does not lift a suspension. */
    suspendedAt: integer('suspended_at'),
    /** When the suspension ends by itself. Null: never. */
    suspendedUntil: integer('suspended_until'),
    /** When an operator required a new password. A password that was set before this time cannot sign in. */
    resetRequiredAt: integer('reset_required_at'),
    /** Since when the owner wants two factors. Null: one is enough. */
    twoStepAt: integer('two_step_at'),
    /** From when on a rule or an operator requires two factors. Null: never. */
    twoStepDueAt: integer('two_step_due_at'),
    /**
     * Who set that time. The policy moves and removes only what it set itself. Null: an import or a reset of
     * factors, or nobody.
     */
    twoStepDueBy: text('two_step_due_by', { enum: ['policy', 'operator'] }),
    /** Increased by every change that ends all sessions. A session with an older epoch has ended. */
    securityEpoch: integer('security_epoch').notNull().default(0),
    /** Sessions opened in the current window. The next column is the end of that window. */
    signInCount: integer('sign_in_count').notNull().default(0),
    signInsCountedUntil: integer('sign_ins_counted_until').notNull().default(0),
  },
  (table) => [
    uniqueIndex('users_email_index').on(table.emailIndex),
    index('users_created').on(table.createdAt, table.id),
    index('users_domain').on(table.emailDomainIndex, table.createdAt, table.id),
    // Nearly all users are active. A query for them finds enough in `users_created`, so this index leaves
    // them out.
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
 * The number of users in each status, so that no query has to count them. Triggers on `users` maintain it.
 * The migration `user-counts` creates them. Drizzle does not know them, so a rebuild of `users` would lose
 * them.
 */
export const userCounts = sqliteTable('user_counts', {
  status: text('status', { enum: userStatuses }).primaryKey(),
  users: integer('users').notNull(),
  /** How many of them have turned two-step sign-in on. */
  twoStep: integer('two_step').notNull().default(0),
})
