import { sql } from 'drizzle-orm'
import { check, index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { consentDecisions, consentSources } from '../core/consent.ts'
import type { SessionId, UserId } from '../core/ids.ts'
import type { JobName } from '../core/job-name.ts'
import { userStatuses } from '../core/user-status.ts'

// Times are Unix milliseconds. Columns that end in `_enc` are AES-256-GCM under the person's data key; columns that
// end in `_index` are keyed fingerprints. Foreign keys never cascade: deletions are explicit.

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
    /** An operator wants a new password: one that was set before this signs nobody in. */
    resetRequiredAt: integer('reset_required_at'),
    /** Raised by whatever must end every session; a session of an older epoch is dead. */
    securityEpoch: integer('security_epoch').notNull().default(0),
    /** Sessions opened since the window began that ends then. */
    signInCount: integer('sign_in_count').notNull().default(0),
    signInsCountedUntil: integer('sign_ins_counted_until').notNull().default(0),
  },
  (table) => [
    uniqueIndex('users_email_index').on(table.emailIndex),
    index('users_created').on(table.createdAt, table.id),
    index('users_domain').on(table.emailDomainIndex, table.createdAt, table.id),
    // Nearly everybody is active: those are found in `users_created` soon enough.
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
 * How many users are in each state, so that nobody has to count them. Kept by triggers on `users` that the migration
 * `user-counts` makes; drizzle does not know them, and a rebuild of `users` would lose them.
 */
export const userCounts = sqliteTable('user_counts', {
  status: text('status', { enum: userStatuses }).primaryKey(),
  users: integer('users').notNull(),
})

/** Apart from `users`, so that no query that reads a user can leak a hash. */
export const credentials = sqliteTable('credentials', {
  userId: text('user_id')
    .$type<UserId>()
    .primaryKey()
    .references(() => users.id),
  /** PHC string, or an imported hash around one; null for a person who signs in elsewhere. Index `credentials_pepper` on an expression: root-keys.ts. */
  passwordHash: text('password_hash'),
  changedAt: integer('changed_at').notNull(),
})

export const userProfiles = sqliteTable('user_profiles', {
  userId: text('user_id')
    .$type<UserId>()
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
    id: text('id').$type<SessionId>().primaryKey(),
    userId: text('user_id')
      .$type<UserId>()
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
    /** Fingerprint of person, browser and system, under a key: tells a new device from a known one. */
    deviceIndex: text('device_index'),
    securityEpoch: integer('security_epoch').notNull(),
  },
  (table) => [
    index('sessions_user_device').on(table.userId, table.deviceIndex),
    // Neither columns nor condition change in a refresh, so it writes no row of this index.
    index('sessions_unrevoked').on(table.userId).where(sql`revoked_at IS NULL`),
    index('sessions_expires').on(table.expiresAt),
  ],
)

/** Requests that came with an `Idempotency-Key`, and what came of them. */
export const idempotencyKeys = sqliteTable(
  'idempotency_keys',
  {
    /** Keyed fingerprint of the client's key, the route and the caller. */
    key: text('key').primaryKey(),
    /** The same with the body. The client's key is part of it, so nobody who lacks that can try bodies out. */
    requestHash: text('request_hash').notNull(),
    /** Of the attempt that is at work. */
    nonce: text('nonce').notNull(),
    /** An attempt that has kept no outcome by then is dead. */
    claimedUntil: integer('claimed_until').notNull(),
    /** JSON: what the verb answered, ids and times. */
    outcome: text('outcome'),
    createdAt: integer('created_at').notNull(),
  },
  (table) => [index('idempotency_keys_created').on(table.createdAt)],
)

/** Counts of failures and requests, by keyed fingerprint of what is counted. */
export const attempts = sqliteTable(
  'attempts',
  {
    key: text('key').primaryKey(),
    windowStart: integer('window_start').notNull(),
    count: integer('count').notNull(),
    /** When counting starts anew; windows differ between policies. */
    endsAt: integer('ends_at').notNull().default(0),
  },
  (table) => [index('attempts_ends').on(table.endsAt)],
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
    // What people did to themselves is found by the subject.
    index('audit_events_actor').on(table.actorId, table.id).where(sql`actor_id IS NOT subject_id`),
    index('audit_events_action').on(table.action, table.id),
    index('audit_events_unarchived').on(table.sentAt).where(sql`archived_at IS NULL`),
    index('audit_events_archived').on(table.archivedAt).where(sql`archived_at IS NOT NULL`),
  ],
)

/** One row: the newest segment of the archive. */
export const archiveHead = sqliteTable(
  'archive_head',
  {
    id: integer('id').primaryKey(),
    sequence: integer('sequence').notNull(),
    /** SHA-256 of the newest segment, hexadecimal. */
    hash: text('hash').notNull(),
    /** Events in all segments so far. */
    eventCount: integer('event_count').notNull(),
    advancedAt: integer('advanced_at').notNull(),
  },
  (table) => [check('archive_head_single', sql`${table.id} = 1`)],
)

/** In which segments a person's events lie, so that an export finds them after they have left `audit_events`. */
export const archivePlaces = sqliteTable(
  'archive_places',
  {
    userId: text('user_id').$type<UserId>().notNull(),
    sequence: integer('sequence').notNull(),
    archivedAt: integer('archived_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.userId, table.sequence] })],
)

/** Messages that a queue gave up on; kept until someone has replayed them. */
export const deadLetters = sqliteTable(
  'dead_letters',
  {
    id: text('id').primaryKey(),
    queue: text('queue').notNull(),
    /** JSON, as it was sent: pseudonyms and ciphertext. */
    body: text('body').notNull(),
    receivedAt: integer('received_at').notNull(),
    replayedAt: integer('replayed_at'),
  },
  (table) => [index('dead_letters_waiting').on(table.receivedAt).where(sql`replayed_at IS NULL`)],
)

/** A token exists only in the hands of its owner; this row says what it may do, and that it was used once. */
export const oneTimeTokens = sqliteTable(
  'one_time_tokens',
  {
    id: text('id').primaryKey(),
    userId: text('user_id')
      .$type<UserId>()
      .notNull()
      .references(() => users.id),
    purpose: text('purpose').notNull(),
    createdAt: integer('created_at').notNull(),
    expiresAt: integer('expires_at').notNull(),
    consumedAt: integer('consumed_at'),
    /** Written by the one request that consumed it: the other statements of its batch look for it. */
    nonce: text('nonce'),
    /** The address that a change of e-mail leads to, or back to. */
    payloadEnc: text('payload_enc'),
    /** Of the address that it leads back to: as long as the token can be used, nobody else gets that address. */
    addressIndex: text('address_index'),
    /** The session that asked for a change of address: the link dies with it. */
    sessionId: text('session_id'),
    /** JSON array: how the person proved who they are that was offered to restore the account. */
    amr: text('amr'),
  },
  (table) => [
    index('one_time_tokens_user').on(table.userId),
    index('one_time_tokens_address').on(table.addressIndex).where(sql`address_index IS NOT NULL`),
    index('one_time_tokens_expires').on(table.expiresAt),
    uniqueIndex('one_time_tokens_nonce').on(table.nonce),
  ],
)

/**
 * Mails that are to be sent, and the outbox of their queue. Readable addresses and tokens are not in it: the consumer
 * decrypts the one and makes the other when it sends.
 */
export const mailJobs = sqliteTable(
  'mail_jobs',
  {
    /** UUID v7; the same in every attempt to send. */
    id: text('id').primaryKey(),
    userId: text('user_id')
      .$type<UserId>()
      .notNull()
      .references(() => users.id),
    template: text('template').notNull(),
    /** Language of the request; the profile's own wish comes first. */
    locale: text('locale'),
    /** The one-time token that the mail hands out. Without its row the mail is pointless and is not sent. */
    tokenId: text('token_id'),
    /** The account's address when the mail was ordered, as `users.email_enc` had it: word of a theft goes to the owner. */
    emailEnc: text('email_enc'),
    /** JSON: another recipient than the account's address, device and place. */
    payloadEnc: text('payload_enc'),
    createdAt: integer('created_at').notNull(),
    /** Not to be touched before: somebody is sending it, or it has just failed. */
    claimedUntil: integer('claimed_until'),
    attempts: integer('attempts').notNull().default(0),
    sentAt: integer('sent_at'),
    failedAt: integer('failed_at'),
    /** Class of the last failure, never its message. */
    lastError: text('last_error'),
    /** Notices in whose place this mail is sent, after `created_at`. */
    heldBack: integer('held_back').notNull().default(0),
  },
  (table) => [
    index('mail_jobs_user').on(table.userId, table.createdAt),
    index('mail_jobs_open').on(table.createdAt).where(sql`sent_at IS NULL AND failed_at IS NULL`),
  ],
)

/**
 * Links that were asked for by naming an address. Whose it is, if anybody's, is looked up when the mail is due: a
 * request that did so would take longer for an address that is known (SECURITY.md E2).
 */
export const mailRequests = sqliteTable(
  'mail_requests',
  {
    /** UUID v7; later the mail job's. */
    id: text('id').primaryKey(),
    template: text('template').notNull(),
    /** JSON array: keyed fingerprints of the address, under every version of the root key. */
    addressIndexes: text('address_indexes').notNull(),
    locale: text('locale'),
    createdAt: integer('created_at').notNull(),
  },
  (table) => [index('mail_requests_address').on(table.addressIndexes, table.id)],
)

/** Ways to sign in at a provider. The identity is provider and subject, never the address. */
export const socialLogins = sqliteTable(
  'social_logins',
  {
    id: text('id').primaryKey(),
    userId: text('user_id')
      .$type<UserId>()
      .notNull()
      .references(() => users.id),
    /** Its name in the settings. */
    provider: text('provider').notNull(),
    /** Keyed fingerprint of provider and subject. */
    providerIdIndex: text('provider_id_index').notNull(),
    /** The subject: for its owner to see, and to be fingerprinted under another key. */
    providerIdEnc: text('provider_id_enc').notNull(),
    linkedAt: integer('linked_at').notNull(),
  },
  (table) => [
    uniqueIndex('social_logins_identity').on(table.provider, table.providerIdIndex),
    index('social_logins_index').on(table.providerIdIndex),
    index('social_logins_user').on(table.userId),
  ],
)

/**
 * Social sign-ins whose browser came back from the provider. The row's existence says that its state was used; once
 * it knows who it was, it stands for the code that the application exchanges.
 */
export const oauthFlows = sqliteTable(
  'oauth_flows',
  {
    id: text('id').primaryKey(),
    /** Who links the identity; null where it is to sign in. */
    userId: text('user_id')
      .$type<UserId>()
      .references(() => users.id),
    /** The session that asked to link: the code dies with it. Null where somebody signs in. */
    sessionId: text('session_id').$type<SessionId>(),
    provider: text('provider').notNull(),
    /** Of the application (RFC 7636, S256). */
    codeChallenge: text('code_challenge').notNull(),
    /** JSON array: the identity's fingerprints, newest key first. Null until the provider has said who it is. */
    identityIndexes: text('identity_indexes'),
    codeExpiresAt: integer('code_expires_at'),
    /** As `social_logins.provider_id_enc` will have it; only where the identity is to be linked. */
    providerIdEnc: text('provider_id_enc'),
    createdAt: integer('created_at').notNull(),
    /** Later than the state: as long as the browser could show it again, the row must be there. */
    expiresAt: integer('expires_at').notNull(),
    consumedAt: integer('consumed_at'),
    /** Written by the one request that exchanged the code. */
    nonce: text('nonce'),
  },
  (table) => [
    index('oauth_flows_user').on(table.userId),
    index('oauth_flows_expires').on(table.expiresAt),
    uniqueIndex('oauth_flows_nonce').on(table.nonce),
  ],
)

/** Requests to be erased, and what was done about them. The row outlives the person. */
export const erasures = sqliteTable(
  'erasures',
  {
    userId: text('user_id').$type<UserId>().primaryKey(),
    requestedAt: integer('requested_at').notNull(),
    dueAt: integer('due_at').notNull(),
    /** Claimed by a purge; from then on nothing can be restored. */
    startedAt: integer('started_at'),
    completedAt: integer('completed_at'),
    basis: text('basis', { enum: ['user_request', 'operator_request', 'database_restored'] }).notNull(),
    /** How often a purge has claimed it since it last got anywhere. */
    attempts: integer('attempts').notNull().default(0),
    /** When a purge may claim it again: each claim moves this on, so that one that fails goes to the back. */
    retryAt: integer('retry_at'),
    /** JSON: what each step did and when. */
    steps: text('steps').notNull().default('{}'),
    /** JWS. */
    receipt: text('receipt'),
  },
  (table) => [
    index('erasures_open').on(table.dueAt).where(sql`completed_at IS NULL`),
    index('erasures_next')
      .on(sql`(CASE WHEN retry_at IS NULL THEN due_at ELSE retry_at END)`)
      .where(sql`completed_at IS NULL`),
    index('erasures_completed').on(table.completedAt).where(sql`completed_at IS NOT NULL`),
  ],
)

/** Blocks a purge for as long as the row exists. */
export const legalHolds = sqliteTable('legal_holds', {
  userId: text('user_id').$type<UserId>().primaryKey(),
  /** Reference of the case, chosen by the operator; no personal data. */
  reason: text('reason').notNull(),
  placedAt: integer('placed_at').notNull(),
})

/** Exports that were asked for. The bundle lies in the vault, under the person's key, for 24 hours. */
export const exports = sqliteTable(
  'exports',
  {
    id: text('id').primaryKey(),
    userId: text('user_id')
      .$type<UserId>()
      .notNull()
      .references(() => users.id),
    status: text('status', { enum: ['pending', 'ready', 'failed'] }).notNull(),
    createdAt: integer('created_at').notNull(),
    readyAt: integer('ready_at'),
    expiresAt: integer('expires_at').notNull(),
    /** When the cron last began to build it: the next time it comes after those that were not tried since. */
    triedAt: integer('tried_at'),
  },
  (table) => [
    index('exports_user').on(table.userId),
    index('exports_pending').on(table.createdAt).where(sql`status = 'pending'`),
    index('exports_expires').on(table.expiresAt),
  ],
)

/** Every decision a person took about a document, the newest one counting. */
export const consents = sqliteTable(
  'consents',
  {
    /** UUID v7. */
    id: text('id').primaryKey(),
    userId: text('user_id')
      .$type<UserId>()
      .notNull()
      .references(() => users.id),
    document: text('document').notNull(),
    version: text('version').notNull(),
    decision: text('decision', { enum: consentDecisions }).notNull(),
    decidedAt: integer('decided_at').notNull(),
    source: text('source', { enum: consentSources }).notNull(),
  },
  (table) => [index('consents_user').on(table.userId, table.document, table.id)],
)

/** Keys in the vault that no user has, and since when. They are destroyed when no restore can bring the user back. */
export const orphanKeys = sqliteTable('orphan_keys', {
  owner: text('owner').$type<UserId>().primaryKey(),
  noticedAt: integer('noticed_at').notNull(),
})

/** One run of a paged job: how far it got, and what it did. A run that was cut off is continued from its cursor. */
export const jobRuns = sqliteTable(
  'job_runs',
  {
    /** UUID v7. */
    id: text('id').primaryKey(),
    job: text('job').$type<JobName>().notNull(),
    startedAt: integer('started_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
    finishedAt: integer('finished_at'),
    cursor: text('cursor'),
    /** How often the page at the cursor has been begun. */
    attempts: integer('attempts').notNull().default(0),
    /** JSON: counts. */
    counts: text('counts').notNull().default('{}'),
  },
  (table) => [
    uniqueIndex('job_runs_open').on(table.job).where(sql`finished_at IS NULL`),
    index('job_runs_job').on(table.job, table.id),
  ],
)

/** Moving in from another system: how far it is. */
export const imports = sqliteTable(
  'imports',
  {
    id: text('id').primaryKey(),
    startedAt: integer('started_at').notNull(),
    /** When the last lines came. */
    updatedAt: integer('updated_at').notNull(),
    finishedAt: integer('finished_at'),
    /** Number of the first line that has not been dealt with; lines count from 1. */
    nextLine: integer('next_line').notNull().default(1),
  },
  (table) => [index('imports_updated').on(table.updatedAt)],
)

/** Lines of an import that were refused, and why: codes and names of members, nothing of what stood in the line. */
export const importRefusals = sqliteTable(
  'import_refusals',
  {
    importId: text('import_id')
      .notNull()
      .references(() => imports.id),
    line: integer('line').notNull(),
    code: text('code').notNull(),
    /** The member that was refused; null for the line as a whole. */
    member: text('member'),
  },
  (table) => [primaryKey({ columns: [table.importId, table.line] })],
)

/**
 * How many imported password hashes wait for their owner's first sign-in, by what they cost. Kept by triggers on
 * `credentials` that the migration `imported-passwords` makes; drizzle does not know them.
 */
export const importedPasswords = sqliteTable('imported_passwords', {
  /** As `nameScheme` writes it. */
  scheme: text('scheme').primaryKey(),
  credentials: integer('credentials').notNull(),
})

/**
 * How many password hashes cost how much to compare with, so that an unknown address can be compared at one of these
 * costs. Kept by triggers on `credentials` that the migration `password-costs` makes; drizzle does not know them.
 */
export const passwordCosts = sqliteTable('password_costs', {
  /** As `nameCost` names it. */
  cost: text('cost').primaryKey(),
  credentials: integer('credentials').notNull(),
})

/** Root key versions that something was stored under, so that one taken away too early is missed and named. */
export const rootKeys = sqliteTable('root_keys', {
  version: integer('version').primaryKey(),
  /** Of the secret; from it nothing can be derived. */
  fingerprint: text('fingerprint').notNull(),
  /** When it was first used as the newest. */
  firstSeenAt: integer('first_seen_at').notNull(),
  /** Nothing is stored under it any more: it may go. */
  drainedAt: integer('drained_at'),
})
