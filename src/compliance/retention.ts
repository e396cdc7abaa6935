import type { JobName } from '../core/job-name.ts'
import {
  CACHED_KEY_SECONDS,
  DEVICE_TOKEN_DAYS,
  EXPORT_HOURS,
  FAILURES_IN_A_ROW_DAYS,
  IDEMPOTENCY_KEY_HOURS,
  IMPORT_DAYS,
  JOB_RUN_DAYS,
  MAIL_GIVE_UP_DAYS,
  MAIL_JOB_DAYS,
  OAUTH_FLOW_MINUTES,
  ORPHAN_KEY_DAYS,
  REMOVED_PASSKEY_DAYS,
  SESSION_SNAPSHOT_SECONDS,
  SESSION_TOMBSTONE_SECONDS,
  TICKET_MINUTES,
} from '../core/lifetimes.ts'
import { profileFields, profileTable } from '../core/profile.ts'
import type { Settings } from '../core/settings.ts'

/**
 * The daily jobs that remove expired data. They run once a day, so data may stay up to a day longer than each
 * rule says.
 */
export const removingJobs = [
  'purge',
  'bundle-activity',
  'bundle-places',
  'delete-expired-exports',
  'delete-expired-rows',
  'delete-orphan-keys',
  'destroy-system-keys',
] as const satisfies readonly JobName[]

/**
 * What removes the data: a job, the store's own expiry, the consumer of a queue, the five-minute cron, an
 * operator, or nothing.
 */
type Remover = (typeof removingJobs)[number] | 'expiry' | 'consumer' | 'cron' | 'operator' | 'never'

/** What one table, prefix or queue holds, on which legal basis, and for how long. */
export interface RetentionRule {
  readonly store:
    | 'D1'
    | 'KV SESSIONS'
    | 'KV KEY_CACHE'
    | 'KV LIMITS'
    | 'R2 VAULT'
    | 'R2 VAULT_MIRROR'
    | 'R2 ARCHIVE'
    | 'Queue'
  /** Table, key prefix or queue. */
  readonly place: string
  readonly holds: string
  /** The form in which personal data is stored there. */
  readonly personalData: 'none' | 'pseudonym' | 'ciphertext'
  readonly basis: string
  readonly keptFor: (settings: Settings) => string
  readonly removedBy: Remover
  /** Members of `data` in an export that come from here. */
  readonly exportedAs?: readonly string[]
}

const CONTRACT = 'Contract with the person (GDPR 6(1)(b))'
const SECURITY = 'Legitimate interest: security of the service (GDPR 6(1)(f))'
const OBLIGATION = 'Legal obligation to demonstrate compliance (GDPR 6(1)(c) with 5(2))'
const OPERATION = 'Running the service; not about a person'

const untilErased = ({ ERASURE_GRACE_DAYS }: Settings): string =>
  `until the account is erased, ${ERASURE_GRACE_DAYS} days after its deletion (ERASURE_GRACE_DAYS)`
const forEver = (): string => 'permanently'

/**
 * The retention period in words. Daily jobs run once a day, so what they remove may stay up to a day longer.
 */
export function keptFor({ keptFor: lifetime, removedBy }: RetentionRule, settings: Settings): string {
  const isDaily = removingJobs.some((job) => job === removedBy) && removedBy !== 'purge'
  return isDaily ? `${lifetime(settings)}, and up to a day` : lifetime(settings)
}

/** The single source for what is stored, why, for how long, and what removes it. */
export const retentionRules: readonly RetentionRule[] = [
  {
    store: 'D1',
    place: 'users',
    holds:
      'account: keyed index of the e-mail address, encrypted e-mail address, state and times; after an erasure only a tombstone with state and times',
    personalData: 'ciphertext',
    basis: CONTRACT,
    keptFor: (settings) => `${untilErased(settings)}; the tombstone permanently`,
    removedBy: 'purge',
    exportedAs: ['account'],
  },
  {
    store: 'D1',
    place: 'user_counts',
    holds: 'number of accounts in each state, and of those with two-step sign-in',
    personalData: 'none',
    basis: OPERATION,
    keptFor: forEver,
    removedBy: 'never',
  },
  {
    store: 'D1',
    place: 'passkey_counts',
    holds: 'number of passkeys of each domain',
    personalData: 'none',
    basis: OPERATION,
    keptFor: forEver,
    removedBy: 'never',
  },
  {
    store: 'D1',
    place: 'user_roles',
    holds: 'roles',
    personalData: 'pseudonym',
    basis: CONTRACT,
    keptFor: untilErased,
    removedBy: 'purge',
    exportedAs: ['roles'],
  },
  {
    store: 'D1',
    place: 'credentials',
    holds:
      'Argon2id hash of the password, keyed with a pepper; for imported users, Argon2id over the password hash of their previous system',
    personalData: 'pseudonym',
    basis: CONTRACT,
    keptFor: untilErased,
    removedBy: 'purge',
    exportedAs: ['credential'],
  },
  {
    store: 'D1',
    place: 'social_logins',
    holds: "linked identities: the provider, and the person's id at the provider, as a keyed fingerprint and encrypted",
    personalData: 'ciphertext',
    basis: CONTRACT,
    keptFor: (settings) => `${untilErased(settings)}, or until unlinked`,
    removedBy: 'purge',
    exportedAs: ['identities'],
  },
  {
    store: 'D1',
    place: 'oauth_flows',
    holds:
      'unfinished social sign-ins and returns to an application: fingerprint of the identity, the encrypted id to link, the address of the application, and the session that requested the link or the return',
    personalData: 'ciphertext',
    basis: SECURITY,
    keptFor: () => `${2 * OAUTH_FLOW_MINUTES} minutes`,
    removedBy: 'delete-expired-rows',
    exportedAs: ['oauth_flows'],
  },
  {
    store: 'D1',
    place: 'totp_factors',
    holds:
      'authenticator apps: the shared secret, encrypted; the time step of the last accepted code, and the number of attempts since then',
    personalData: 'ciphertext',
    basis: SECURITY,
    keptFor: (settings) => `${untilErased(settings)}, or until removed`,
    removedBy: 'purge',
    exportedAs: ['second_factors'],
  },
  {
    store: 'D1',
    place: 'passkeys',
    holds:
      'passkeys and security keys: the public key, the credential id, counters and times; the name that the owner gave, the model of the authenticator and the browser, encrypted',
    personalData: 'ciphertext',
    basis: CONTRACT,
    keptFor: (settings) =>
      `${untilErased(settings)}; after a removal ${REMOVED_PASSKEY_DAYS} days without the encrypted part, so that the holder of the passkey learns that it was removed`,
    removedBy: 'delete-expired-rows',
    exportedAs: ['passkeys'],
  },
  {
    store: 'D1',
    place: 'recovery_codes',
    holds: 'recovery codes: a hash of each, when it was made, and when it was used',
    personalData: 'pseudonym',
    basis: SECURITY,
    keptFor: (settings) => `${untilErased(settings)}, or until replaced`,
    removedBy: 'purge',
    exportedAs: ['second_factors'],
  },
  {
    store: 'D1',
    place: 'factor_resets',
    holds: 'resets of second factors that an operator has requested: which kinds, when, and the id of the operator',
    personalData: 'pseudonym',
    basis: SECURITY,
    keptFor: () => 'until the reset is done or cancelled',
    removedBy: 'cron',
    exportedAs: ['second_factors'],
  },
  {
    store: 'D1',
    place: 'spent_tickets',
    holds: 'random ids of used tickets, about nobody',
    personalData: 'none',
    basis: OPERATION,
    keptFor: () => `until the ticket itself expires, at most ${Math.max(...Object.values(TICKET_MINUTES))} minutes`,
    removedBy: 'delete-expired-rows',
  },
  {
    store: 'D1',
    place: 'user_profiles',
    holds: profileFields.map((field) => profileTable[field].label).join(', '),
    personalData: 'ciphertext',
    basis: CONTRACT,
    keptFor: untilErased,
    removedBy: 'purge',
    exportedAs: ['profile'],
  },
  {
    store: 'D1',
    place: 'sessions',
    holds:
      'sessions and their times; the device and the application of each, encrypted, the device also as a keyed fingerprint; a keyed fingerprint of the network and device of the last refresh, and the number of refreshes in ten minutes',
    personalData: 'ciphertext',
    basis: SECURITY,
    keptFor: ({ SESSION_DAYS, SESSION_IDLE_DAYS }) =>
      `${SESSION_DAYS} days (SESSION_DAYS), usable until ${SESSION_IDLE_DAYS} days without use (SESSION_IDLE_DAYS)`,
    removedBy: 'delete-expired-rows',
    exportedAs: ['sessions'],
  },
  {
    store: 'D1',
    place: 'one_time_tokens',
    holds:
      'mailed links: purpose, requesting session, proof given, and whether the link was used, but never a usable token; for a change of address the new address, encrypted, and a keyed index of the old one',
    personalData: 'ciphertext',
    basis: SECURITY,
    keptFor: () => 'until the token expires and its mail has been sent or has failed for good',
    removedBy: 'delete-expired-rows',
    exportedAs: ['one_time_tokens'],
  },
  {
    store: 'D1',
    place: 'mail_jobs',
    holds: 'mails to send: template and account; recipient and device encrypted',
    personalData: 'ciphertext',
    basis: CONTRACT,
    keptFor: () => `one hour after sending; ${MAIL_JOB_DAYS} days if sending fails`,
    removedBy: 'delete-expired-rows',
    exportedAs: ['mails'],
  },
  {
    store: 'D1',
    place: 'mail_requests',
    holds:
      'requests to mail a link to an address: a keyed fingerprint of the address, whether or not an account has it; of a sign-up also the address, encrypted for the service',
    personalData: 'ciphertext',
    basis: CONTRACT,
    keptFor: () =>
      `until the account of the address has been looked up or the mail of a sign-up was sent, usually seconds; at most ${TICKET_MINUTES['mail-sign-in']} minutes for a sign-in or sign-up, and ${MAIL_GIVE_UP_DAYS} days for other requests if the queue is down`,
    removedBy: 'consumer',
  },
  {
    store: 'D1',
    place: 'consents',
    holds: 'every consent decision about a document, with version, time and source',
    personalData: 'pseudonym',
    basis: 'Legal obligation to demonstrate consent (GDPR 7(1))',
    keptFor: untilErased,
    removedBy: 'purge',
    exportedAs: ['consents'],
  },
  {
    store: 'D1',
    place: 'exports',
    holds: 'requested exports and their state',
    personalData: 'pseudonym',
    basis: 'Right of access and portability (GDPR 15, 20)',
    keptFor: () => `${EXPORT_HOURS} hours`,
    removedBy: 'delete-expired-exports',
    exportedAs: ['exports'],
  },
  {
    store: 'D1',
    place: 'audit_events',
    holds: 'audit events of the account, under a pseudonym; network address and device encrypted',
    personalData: 'ciphertext',
    basis: SECURITY,
    keptFor: ({ AUDIT_HOT_DAYS, AUDIT_BUNDLE_DAYS, AUDIT_SYSTEM_DAYS }) =>
      `${AUDIT_HOT_DAYS} to ${AUDIT_HOT_DAYS + AUDIT_BUNDLE_DAYS} days (AUDIT_HOT_DAYS, and the rest of the period of AUDIT_BUNDLE_DAYS), and longer if not archived by then; ` +
      `network address and device ${AUDIT_SYSTEM_DAYS} days (AUDIT_SYSTEM_DAYS, job delete-client-details); until the purge, once archived`,
    removedBy: 'bundle-activity',
    exportedAs: ['events'],
  },
  {
    store: 'D1',
    place: 'activity_bundles',
    holds: "number and hash of a person's older events in each period",
    personalData: 'pseudonym',
    basis: 'Right of access (GDPR 15): finding older events',
    keptFor: untilErased,
    removedBy: 'purge',
  },
  {
    store: 'D1',
    place: 'log_head',
    holds: 'the signed checkpoint of the newest archive segment',
    personalData: 'none',
    basis: OPERATION,
    keptFor: forEver,
    removedBy: 'never',
  },
  {
    store: 'D1',
    place: 'log_tree',
    holds: 'the right edge of the Merkle tree over the archive, as hashes, and the signed note of that tree',
    personalData: 'none',
    basis: OPERATION,
    keptFor: forEver,
    removedBy: 'never',
  },
  {
    store: 'D1',
    place: 'archive_places',
    holds: "numbers of old archive segments that hold a person's events; nothing is added any more",
    personalData: 'pseudonym',
    basis: 'Right of access (GDPR 15): finding archived events',
    keptFor: () => 'until the events are in bundles',
    removedBy: 'bundle-places',
  },
  {
    store: 'D1',
    place: 'archive_head',
    holds: 'number and hash of the newest archive segment of format 1; not written since 0.3.0',
    personalData: 'none',
    basis: OPERATION,
    keptFor: forEver,
    removedBy: 'never',
  },
  {
    store: 'D1',
    place: 'dead_letters',
    holds: 'messages that a queue gave up on, and the newest 10,000 events that the archive refused',
    personalData: 'ciphertext',
    basis: SECURITY,
    keptFor: () => 'until they are replayed',
    removedBy: 'delete-expired-rows',
  },
  {
    store: 'D1',
    place: 'dropped_letters',
    holds: 'how many refused events `dead_letters` no longer holds, by reason',
    personalData: 'none',
    basis: OPERATION,
    keptFor: forEver,
    removedBy: 'never',
  },
  {
    store: 'D1',
    place: 'erasures',
    holds: 'erasure requests, the steps taken, the signed receipt, and the archive segment with its event',
    personalData: 'pseudonym',
    basis: OBLIGATION,
    keptFor: forEver,
    removedBy: 'never',
    exportedAs: ['erasures'],
  },
  {
    store: 'D1',
    place: 'legal_holds',
    holds: 'users whose purge is blocked, and the reference of the case',
    personalData: 'pseudonym',
    basis: 'Legal claims (GDPR 17(3)(e))',
    keptFor: () => 'until the hold is lifted',
    removedBy: 'operator',
  },
  {
    store: 'D1',
    place: 'attempts',
    holds:
      'counts of failed sign-ins and of requests, by keyed fingerprint of e-mail address, network, session, user or device token',
    personalData: 'pseudonym',
    basis: SECURITY,
    keptFor: ({ SIGN_IN_WINDOW_MINUTES }) =>
      `${SIGN_IN_WINDOW_MINUTES} minutes (SIGN_IN_WINDOW_MINUTES) for failed sign-ins; ${FAILURES_IN_A_ROW_DAYS} days after the ` +
      `last failure for failures in a row; ${DEVICE_TOKEN_DAYS} days for failures of a device token; at most a day for requests`,
    removedBy: 'delete-expired-rows',
  },
  {
    store: 'D1',
    place: 'idempotency_keys',
    holds: 'results of requests with an `Idempotency-Key`: ids and times, by keyed fingerprint of key and request',
    personalData: 'pseudonym',
    basis: CONTRACT,
    keptFor: () => `${IDEMPOTENCY_KEY_HOURS} hours`,
    removedBy: 'delete-expired-rows',
  },
  {
    store: 'D1',
    place: 'orphan_keys',
    holds: 'ids of keys in the vault that belong to no user',
    personalData: 'none',
    basis: OPERATION,
    keptFor: () => `${ORPHAN_KEY_DAYS} days`,
    removedBy: 'delete-orphan-keys',
  },
  {
    store: 'D1',
    place: 'job_runs',
    holds: 'progress of each housekeeping run',
    personalData: 'none',
    basis: OPERATION,
    keptFor: () => `${JOB_RUN_DAYS} days`,
    removedBy: 'delete-expired-rows',
  },
  {
    store: 'D1',
    place: 'alarms',
    holds: 'names and times of the active alarms',
    personalData: 'none',
    basis: OPERATION,
    keptFor: () => 'until the cause of the alarm has ended, or a day after it was last raised',
    removedBy: 'cron',
  },
  {
    store: 'D1',
    place: 'imports',
    holds: 'progress of each user import',
    personalData: 'none',
    basis: OPERATION,
    keptFor: () => `${IMPORT_DAYS} days after its last line`,
    removedBy: 'delete-expired-rows',
  },
  {
    store: 'D1',
    place: 'import_refusals',
    holds: 'numbers of the lines that an import refused, and the reasons',
    personalData: 'none',
    basis: OPERATION,
    keptFor: () => `${IMPORT_DAYS} days after the last line of the import`,
    removedBy: 'delete-expired-rows',
  },
  {
    store: 'D1',
    place: 'imported_passwords',
    holds: 'number of imported password hashes of each scheme whose owners have not signed in yet',
    personalData: 'none',
    basis: OPERATION,
    keptFor: forEver,
    removedBy: 'never',
  },
  {
    store: 'D1',
    place: 'password_costs',
    holds: 'number of password hashes of each cost',
    personalData: 'none',
    basis: OPERATION,
    keptFor: forEver,
    removedBy: 'never',
  },
  {
    store: 'D1',
    place: 'root_keys',
    holds: 'root key versions in use, and fingerprints from which no key can be derived',
    personalData: 'none',
    basis: OPERATION,
    keptFor: forEver,
    removedBy: 'never',
  },
  {
    store: 'KV SESSIONS',
    place: 'session:',
    holds: 'cached session states, for answers without the database',
    personalData: 'pseudonym',
    basis: CONTRACT,
    keptFor: () => `${SESSION_SNAPSHOT_SECONDS} seconds`,
    removedBy: 'expiry',
  },
  {
    store: 'KV SESSIONS',
    place: 'revoked:',
    holds: 'ids of sessions that have ended',
    personalData: 'none',
    basis: SECURITY,
    keptFor: () => `${SESSION_TOMBSTONE_SECONDS} seconds`,
    removedBy: 'expiry',
  },
  {
    store: 'KV KEY_CACHE',
    place: 'dek:',
    holds: 'data keys, wrapped by the root key',
    personalData: 'pseudonym',
    basis: CONTRACT,
    keptFor: () => `${CACHED_KEY_SECONDS} seconds; removed at once by a purge`,
    removedBy: 'expiry',
  },
  {
    store: 'KV LIMITS',
    place: 'blocked:',
    holds: 'rate limit counters that are blocked and until when, by keyed fingerprint',
    personalData: 'pseudonym',
    basis: SECURITY,
    keptFor: () => 'until the window of the counter ends, at most a day',
    removedBy: 'expiry',
  },
  {
    store: 'R2 VAULT',
    place: 'keys/',
    holds: "each person's data key, wrapped by the root key; destroying it makes the person's data unreadable",
    personalData: 'pseudonym',
    basis: CONTRACT,
    keptFor: untilErased,
    removedBy: 'purge',
  },
  {
    store: 'R2 VAULT',
    place: 'keys/system/',
    holds: 'a key for each month, for device details of events without a subject',
    personalData: 'none',
    basis: SECURITY,
    keptFor: ({ AUDIT_SYSTEM_DAYS }) => `${AUDIT_SYSTEM_DAYS} days after the end of the month (AUDIT_SYSTEM_DAYS)`,
    removedBy: 'destroy-system-keys',
  },
  {
    store: 'R2 VAULT',
    place: 'keys/log',
    holds: 'the key that makes the names of archive segments',
    personalData: 'none',
    basis: OPERATION,
    keptFor: forEver,
    removedBy: 'never',
  },
  {
    store: 'R2 VAULT',
    place: 'log/',
    holds: 'the signed checkpoint of the newest archive segment (`log/mark`)',
    personalData: 'none',
    basis: OPERATION,
    keptFor: forEver,
    removedBy: 'never',
  },
  {
    store: 'R2 VAULT',
    place: 'exports/',
    holds: "export bundles, encrypted under the person's key",
    personalData: 'ciphertext',
    basis: 'Right of access and portability (GDPR 15, 20)',
    keptFor: () => `${EXPORT_HOURS} hours`,
    removedBy: 'delete-expired-exports',
  },
  {
    store: 'R2 VAULT',
    place: 'activity/',
    holds: "each person's older events by period, without network address and device, encrypted under the person's key",
    personalData: 'ciphertext',
    basis: 'Right of access (GDPR 15)',
    keptFor: untilErased,
    removedBy: 'purge',
    exportedAs: ['events', 'incomplete_activity_bundles'],
  },
  {
    store: 'R2 VAULT',
    place: 'erased/',
    holds: 'markers of erased people, so that they are erased again after a database restore',
    personalData: 'pseudonym',
    basis: OBLIGATION,
    keptFor: forEver,
    removedBy: 'never',
  },
  {
    store: 'R2 VAULT',
    place: 'restored/',
    holds: 'signed statements that a person has restored the account, so that a cancelled deletion cannot be put back',
    personalData: 'pseudonym',
    basis: SECURITY,
    keptFor: untilErased,
    removedBy: 'purge',
  },
  {
    store: 'R2 VAULT',
    place: 'log/erasures-sealed',
    holds: 'a signed statement of the time from which every erasure request must be sealed',
    personalData: 'none',
    basis: OPERATION,
    keptFor: forEver,
    removedBy: 'never',
  },
  {
    store: 'R2 VAULT',
    place: 'log/publication',
    holds: 'the published checkpoint of the audit archive, signed',
    personalData: 'none',
    basis: OBLIGATION,
    keptFor: () => 'until the next one',
    removedBy: 'cron',
  },
  {
    store: 'R2 VAULT_MIRROR',
    place: 'keys/',
    holds: 'a copy of every wrapped data key, if an operator has bound a mirror',
    personalData: 'pseudonym',
    basis: CONTRACT,
    keptFor: untilErased,
    removedBy: 'purge',
  },
  {
    store: 'R2 VAULT_MIRROR',
    place: 'erased/',
    holds: 'a copy of the markers of erased people',
    personalData: 'pseudonym',
    basis: OBLIGATION,
    keptFor: forEver,
    removedBy: 'never',
  },
  {
    store: 'R2 ARCHIVE',
    place: 'audit/',
    holds:
      'audit segments: pseudonyms and codes, and notes of operators encrypted under the data key; those of format 1 (before 0.3.0) also user ids, and device details encrypted under the data key',
    personalData: 'ciphertext',
    basis: OBLIGATION,
    keptFor: forEver,
    removedBy: 'never',
    exportedAs: ['events', 'archive', 'unreadable_archive_segments'],
  },
  {
    store: 'R2 ARCHIVE',
    place: 'checkpoints/',
    holds: 'checkpoints of archive segments of format 1; later segments contain theirs',
    personalData: 'none',
    basis: OBLIGATION,
    keptFor: forEver,
    removedBy: 'never',
  },
  {
    store: 'R2 ARCHIVE',
    place: 'receipt-keys/',
    holds: 'public keys of receipts and checkpoints',
    personalData: 'none',
    basis: OBLIGATION,
    keptFor: forEver,
    removedBy: 'never',
  },
  {
    store: 'R2 ARCHIVE',
    place: 'receipts/',
    holds: 'signed receipts of erasures: a pseudonym, days and counts',
    personalData: 'pseudonym',
    basis: OBLIGATION,
    keptFor: forEver,
    removedBy: 'never',
  },
  {
    store: 'R2 ARCHIVE',
    place: 'log/timestamps/',
    holds: 'published checkpoints of the log, and time-stamps of an authority',
    personalData: 'none',
    basis: OBLIGATION,
    keptFor: forEver,
    removedBy: 'never',
  },
  {
    store: 'R2 ARCHIVE',
    place: 'key-endorsements/',
    holds: 'signed statements that a key vouches for an earlier one',
    personalData: 'none',
    basis: OBLIGATION,
    keptFor: forEver,
    removedBy: 'never',
  },
  {
    store: 'R2 ARCHIVE',
    place: 'log/',
    holds: 'tiles and bundles of the Merkle tree over the archive: hashes of lines, which contain random bits',
    personalData: 'none',
    basis: OBLIGATION,
    keptFor: forEver,
    removedBy: 'never',
  },
  {
    store: 'Queue',
    place: 'latchkey-audit',
    holds: 'events on their way to the archive',
    personalData: 'ciphertext',
    basis: SECURITY,
    keptFor: () => 'seconds; 14 days at most',
    removedBy: 'consumer',
  },
  {
    store: 'Queue',
    place: 'latchkey-audit-dead',
    holds: 'events on their way to `dead_letters`',
    personalData: 'ciphertext',
    basis: SECURITY,
    keptFor: () => 'seconds; 14 days at most',
    removedBy: 'consumer',
  },
  {
    store: 'Queue',
    place: 'latchkey-mail',
    holds: 'ids of mail jobs to send',
    personalData: 'none',
    basis: CONTRACT,
    keptFor: () => 'seconds; 14 days at most',
    removedBy: 'consumer',
  },
  {
    store: 'Queue',
    place: 'latchkey-mail-dead',
    holds: 'ids of mail jobs that could not be sent',
    personalData: 'none',
    basis: CONTRACT,
    keptFor: () => 'seconds; 14 days at most',
    removedBy: 'consumer',
  },
]
