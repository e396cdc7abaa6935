import { sql } from 'drizzle-orm'
import { check, index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'

// Times are Unix milliseconds. Columns that end in `_enc` are AES-256-GCM under the person's data key; columns that
// end in `_index` are keyed fingerprints. Foreign keys never cascade: deletions are explicit.

const userStatuses = ['active', 'suspended', 'deleted'] as const

export const users = sqliteTable(
  'users',
  {
    id: text('id').primaryKey(),
    emailIndex: text('email_index').notNull(),
    emailDomainIndex: text('email_domain_index').notNull(),
    emailEnc: text('email_enc').notNull(),
    isVerified: integer('is_verified', { mode: 'boolean' }).notNull().default(false),
    status: text('status', { enum: userStatuses }).notNull().default('active'),
    createdAt: integer('created_at').notNull(),
    lastLoginAt: integer('last_login_at'),
    deletedAt: integer('deleted_at'),
    purgeAfter: integer('purge_after'),
    /** Raised by whatever must end every session; a session of an older epoch is dead. */
    securityEpoch: integer('security_epoch').notNull().default(0),
  },
  (table) => [
    uniqueIndex('users_email_index').on(table.emailIndex),
    index('users_purge_after').on(table.purgeAfter).where(sql`purge_after IS NOT NULL`),
    check('users_status', sql`status IN ('active', 'suspended', 'deleted')`),
  ],
)

export const userRoles = sqliteTable(
  'user_roles',
  {
    role: text('role').notNull(),
    userId: text('user_id')
      .notNull()
      .references(() => users.id),
  },
  (table) => [primaryKey({ columns: [table.role, table.userId] }), index('user_roles_user').on(table.userId)],
)

/** Apart from `users`, so that no query that reads a user can leak a hash. */
export const credentials = sqliteTable('credentials', {
  userId: text('user_id')
    .primaryKey()
    .references(() => users.id),
  /** PHC string; null for a person who signs in elsewhere. */
  passwordHash: text('password_hash'),
  changedAt: integer('changed_at').notNull(),
})

export const userProfiles = sqliteTable('user_profiles', {
  userId: text('user_id')
    .primaryKey()
    .references(() => users.id),
  fullNameEnc: text('full_name_enc'),
  phoneNumberEnc: text('phone_number_enc'),
  avatarUrlEnc: text('avatar_url_enc'),
  bioEnc: text('bio_enc'),
  preferencesEnc: text('preferences_enc'),
  /** Grows with every write, so that it can serve as the version of the profile. */
  updatedAt: integer('updated_at').notNull(),
})

export const sessions = sqliteTable(
  'sessions',
  {
    id: text('id').primaryKey(),
    userId: text('user_id')
      .notNull()
      .references(() => users.id),
    /** Number of the newest refresh token of the family. */
    generation: integer('generation').notNull().default(0),
    rotatedAt: integer('rotated_at').notNull(),
    createdAt: integer('created_at').notNull(),
    lastUsedAt: integer('last_used_at').notNull(),
    expiresAt: integer('expires_at').notNull(),
    idleExpiresAt: integer('idle_expires_at').notNull(),
    revokedAt: integer('revoked_at'),
    revokeReason: text('revoke_reason'),
    /** JSON array of RFC 8176 method names. */
    amr: text('amr').notNull(),
    authTime: integer('auth_time').notNull(),
    deviceEnc: text('device_enc'),
    securityEpoch: integer('security_epoch').notNull(),
  },
  (table) => [index('sessions_user').on(table.userId), index('sessions_expires').on(table.expiresAt)],
)

/** Counts of failures and requests, by keyed fingerprint of what is counted. */
export const attempts = sqliteTable(
  'attempts',
  {
    key: text('key').primaryKey(),
    windowStart: integer('window_start').notNull(),
    count: integer('count').notNull(),
  },
  (table) => [index('attempts_window').on(table.windowStart)],
)

/** The newest part of the audit trail, and its outbox: written with the change, sent to the archive afterwards. */
export const auditEvents = sqliteTable(
  'audit_events',
  {
    /** UUID v7. */
    id: text('id').primaryKey(),
    occurredAt: integer('occurred_at').notNull(),
    action: text('action').notNull(),
    outcome: text('outcome', { enum: ['success', 'failure'] }).notNull(),
    actorType: text('actor_type', { enum: ['anonymous', 'user', 'system'] }).notNull(),
    actorId: text('actor_id'),
    subjectId: text('subject_id'),
    requestId: text('request_id').notNull(),
    /** JSON: codes and counts, no personal data. */
    detail: text('detail'),
    /** JSON of address and device, under the subject's key or the month's system key. */
    piiEnc: text('pii_enc'),
    sentAt: integer('sent_at'),
    archivedAt: integer('archived_at'),
  },
  (table) => [
    index('audit_events_subject').on(table.subjectId, table.id),
    index('audit_events_unsent').on(table.id).where(sql`archived_at IS NULL`),
  ],
)
