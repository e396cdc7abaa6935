import type { JobName } from '../core/job-name.ts'
import {
  CACHED_KEY_SECONDS,
  DEVICE_TOKEN_DAYS,
  EXPORT_HOURS,
  FAILURES_IN_A_ROW_DAYS,
  IMPORT_DAYS,
  JOB_RUN_DAYS,
  MAIL_GIVE_UP_DAYS,
  MAIL_JOB_DAYS,
  OAUTH_FLOW_MINUTES,
  ORPHAN_KEY_DAYS,
  RETRY_HOURS,
  SESSION_SNAPSHOT_SECONDS,
  SESSION_TOMBSTONE_SECONDS,
} from '../core/lifetimes.ts'
import { profileFields, profileTable } from '../core/profile.ts'
import type { Settings } from '../core/settings.ts'

/**
 * The daily jobs that remove what has had its time. They run once a day, so a day may be added to every
 * figure.
 */
export const removingJobs = [
  'purge',
  'delete-expired-exports',
  'delete-expired-rows',
  'delete-orphan-keys',
  'destroy-system-keys',
] as const satisfies readonly JobName[]

/** A job, a store's own expiry, the consumer of a queue, an operator, or nobody. */
type Remover = (typeof removingJobs)[number] | 'expiry' | 'consumer' | 'operator' | 'never'

/** What one table, prefix or queue holds, why it may, and when it goes. */
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
  /** In the form in which it lies there. */
  readonly personalData: 'none' | 'pseudonym' | 'ciphertext'
  readonly basis: string
  readonly keptFor: (settings: Settings) => string
  readonly removedBy: Remover
  /** Members of an export's `data` that come from here. */
  readonly exportedAs?: readonly string[]
}

const CONTRACT = 'Contract with the person (GDPR 6(1)(b))'
const SECURITY = 'Legitimate interest: security of the service (GDPR 6(1)(f))'
const OBLIGATION = 'Legal obligation to demonstrate compliance (GDPR 6(1)(c) with 5(2))'
const OPERATION = 'Running the service; says nothing about a person'

const untilErased = ({ ERASURE_GRACE_DAYS }: Settings): string =>
  `until the account is erased: ${ERASURE_GRACE_DAYS} days after its deletion (ERASURE_GRACE_DAYS)`
const forEver = (): string => 'for ever'

/** How long, in words. The daily jobs come once a day, so what they remove may stay that much longer. */
export function keptFor({ keptFor: lifetime, removedBy }: RetentionRule, settings: Settings): string {
  const isDaily = removingJobs.some((job) => job === removedBy) && removedBy !== 'purge'
  return isDaily ? `${lifetime(settings)}, and up to a day` : lifetime(settings)
}

/** The one place that says what is stored, why, for how long, and what removes it. */
export const retentionRules: readonly RetentionRule[] = [
  {
    store: 'D1',
    place: 'users',
    holds:
      'account: keyed e-mail index, encrypted e-mail, state and times; after an erasure a tombstone with state and times',
    personalData: 'ciphertext',
    basis: CONTRACT,
    keptFor: (settings) => `${untilErased(settings)}; the tombstone for ever`,
    removedBy: 'purge',
    exportedAs: ['account'],
  },
  {
    store: 'D1',
    place: 'user_counts',
    holds: 'how many accounts are in each state',
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
    holds: 'Argon2id password hash, keyed with a pepper; for imported people, of the hash that the other system had',
    personalData: 'pseudonym',
    basis: CONTRACT,
    keptFor: untilErased,
    removedBy: 'purge',
    exportedAs: ['credential'],
  },
  {
    store: 'D1',
    place: 'social_logins',
    holds: "linked identities: which provider, and the person's id there, as a keyed fingerprint and encrypted",
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
      'social sign-ins that came back from a provider: fingerprint of the identity, the encrypted id that is to be linked, and the session that asked',
    personalData: 'ciphertext',
    basis: SECURITY,
    keptFor: () => `${2 * OAUTH_FLOW_MINUTES} minutes`,
    removedBy: 'delete-expired-rows',
    exportedAs: ['oauth_flows'],
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
    holds: 'sessions, their times, the encrypted device behind each and its keyed fingerprint',
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
      'which links were handed out, to which session, after which proof, and whether they were used; never a usable token; an address to change to, encrypted, and the keyed index of one that can be gone back to',
    personalData: 'ciphertext',
    basis: SECURITY,
    keptFor: () => 'until the token expires, and its mail has been sent or given up',
    removedBy: 'delete-expired-rows',
    exportedAs: ['one_time_tokens'],
  },
  {
    store: 'D1',
    place: 'mail_jobs',
    holds: 'mails to be sent: which template, to whose account; recipient and device encrypted',
    personalData: 'ciphertext',
    basis: CONTRACT,
    keptFor: () => `until sent, and an hour; ${MAIL_JOB_DAYS} days if it cannot be`,
    removedBy: 'delete-expired-rows',
    exportedAs: ['mails'],
  },
  {
    store: 'D1',
    place: 'mail_requests',
    holds: 'links that were asked for by naming an address: a keyed fingerprint of it, whether or not anybody has it',
    personalData: 'pseudonym',
    basis: CONTRACT,
    keptFor: () =>
      `until it is looked up whose address it is, usually seconds; ${MAIL_GIVE_UP_DAYS} days, and no longer, if the queue is down`,
    removedBy: 'consumer',
  },
  {
    store: 'D1',
    place: 'consents',
    holds: 'every decision about a document, with version, time and source',
    personalData: 'pseudonym',
    basis: 'Legal obligation to demonstrate consent (GDPR 7(1))',
    keptFor: untilErased,
    removedBy: 'purge',
    exportedAs: ['consents'],
  },
  {
    store: 'D1',
    place: 'exports',
    holds: 'which exports were asked for, and their state',
    personalData: 'pseudonym',
    basis: 'Right of access and portability (GDPR 15, 20)',
    keptFor: () => `${EXPORT_HOURS} hours`,
    removedBy: 'delete-expired-exports',
    exportedAs: ['exports'],
  },
  {
    store: 'D1',
    place: 'audit_events',
    holds: 'what happened to the account, under a pseudonym; address and device encrypted',
    personalData: 'ciphertext',
    basis: SECURITY,
    keptFor: ({ AUDIT_HOT_DAYS }) => `${AUDIT_HOT_DAYS} days (AUDIT_HOT_DAYS), and until archived`,
    removedBy: 'delete-expired-rows',
    exportedAs: ['events'],
  },
  {
    store: 'D1',
    place: 'archive_places',
    holds: "in which archive segments a person's events lie",
    personalData: 'pseudonym',
    basis: 'Right of access (GDPR 15): finding what is archived',
    keptFor: untilErased,
    removedBy: 'purge',
  },
  {
    store: 'D1',
    place: 'archive_head',
    holds: 'number and hash of the newest archive segment',
    personalData: 'none',
    basis: OPERATION,
    keptFor: forEver,
    removedBy: 'never',
  },
  {
    store: 'D1',
    place: 'dead_letters',
    holds: 'messages that a queue gave up on',
    personalData: 'ciphertext',
    basis: SECURITY,
    keptFor: () => 'until they have been replayed',
    removedBy: 'delete-expired-rows',
  },
  {
    store: 'D1',
    place: 'erasures',
    holds: 'requests to be erased, their steps and the signed receipt',
    personalData: 'pseudonym',
    basis: OBLIGATION,
    keptFor: forEver,
    removedBy: 'never',
    exportedAs: ['erasures'],
  },
  {
    store: 'D1',
    place: 'legal_holds',
    holds: 'whose purge is blocked, and the reference of the case',
    personalData: 'pseudonym',
    basis: 'Legal claims (GDPR 17(3)(e))',
    keptFor: () => 'until the hold is lifted',
    removedBy: 'operator',
  },
  {
    store: 'D1',
    place: 'attempts',
    holds:
      'counts of failed sign-ins and of requests, by keyed fingerprint of address, network, session, user or device token',
    personalData: 'pseudonym',
    basis: SECURITY,
    keptFor: ({ SIGN_IN_WINDOW_MINUTES }) =>
      `${SIGN_IN_WINDOW_MINUTES} minutes (SIGN_IN_WINDOW_MINUTES) for sign-ins, ${FAILURES_IN_A_ROW_DAYS} days after the ` +
      `last failure for failures in a row, ${DEVICE_TOKEN_DAYS} days for those of a device token, at most a day for requests`,
    removedBy: 'delete-expired-rows',
  },
  {
    store: 'D1',
    place: 'idempotency_keys',
    holds: 'what came of requests with an `Idempotency-Key`: ids and times, by keyed fingerprint of key and request',
    personalData: 'pseudonym',
    basis: CONTRACT,
    keptFor: () => `${RETRY_HOURS} hours`,
    removedBy: 'delete-expired-rows',
  },
  {
    store: 'D1',
    place: 'orphan_keys',
    holds: 'ids of keys in the vault that no user has',
    personalData: 'none',
    basis: OPERATION,
    keptFor: () => `${ORPHAN_KEY_DAYS} days`,
    removedBy: 'delete-orphan-keys',
  },
  {
    store: 'D1',
    place: 'job_runs',
    holds: 'how far each housekeeping run got',
    personalData: 'none',
    basis: OPERATION,
    keptFor: () => `${JOB_RUN_DAYS} days`,
    removedBy: 'delete-expired-rows',
  },
  {
    store: 'D1',
    place: 'imports',
    holds: 'how far an import of users got',
    personalData: 'none',
    basis: OPERATION,
    keptFor: () => `${IMPORT_DAYS} days after its last line`,
    removedBy: 'delete-expired-rows',
  },
  {
    store: 'D1',
    place: 'import_refusals',
    holds: 'numbers of the lines that an import refused, and why',
    personalData: 'none',
    basis: OPERATION,
    keptFor: () => `${IMPORT_DAYS} days after the last line of the import`,
    removedBy: 'delete-expired-rows',
  },
  {
    store: 'D1',
    place: 'imported_passwords',
    holds: 'how many imported password hashes of each cost wait for a first sign-in',
    personalData: 'none',
    basis: OPERATION,
    keptFor: forEver,
    removedBy: 'never',
  },
  {
    store: 'D1',
    place: 'password_costs',
    holds: 'how many password hashes cost how much to compare with',
    personalData: 'none',
    basis: OPERATION,
    keptFor: forEver,
    removedBy: 'never',
  },
  {
    store: 'D1',
    place: 'root_keys',
    holds: 'which root key versions are in use, and fingerprints from which no key can be derived',
    personalData: 'none',
    basis: OPERATION,
    keptFor: forEver,
    removedBy: 'never',
  },
  {
    store: 'KV SESSIONS',
    place: 'session:',
    holds: 'session snapshots for the edge',
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
    holds: 'until when a counter is blocked, by its keyed fingerprint',
    personalData: 'pseudonym',
    basis: SECURITY,
    keptFor: () => 'until the window of the counter ends, at most a day',
    removedBy: 'expiry',
  },
  {
    store: 'R2 VAULT',
    place: 'keys/',
    holds: "each person's data key, wrapped by the root key; destroying it erases",
    personalData: 'pseudonym',
    basis: CONTRACT,
    keptFor: untilErased,
    removedBy: 'purge',
  },
  {
    store: 'R2 VAULT',
    place: 'keys/system/',
    holds: "each month's key for device details of events without a subject",
    personalData: 'none',
    basis: SECURITY,
    keptFor: ({ AUDIT_SYSTEM_DAYS }) => `${AUDIT_SYSTEM_DAYS} days after the end of the month (AUDIT_SYSTEM_DAYS)`,
    removedBy: 'destroy-system-keys',
  },
  {
    store: 'R2 VAULT',
    place: 'exports/',
    holds: "export bundles, under the person's key",
    personalData: 'ciphertext',
    basis: 'Right of access and portability (GDPR 15, 20)',
    keptFor: () => `${EXPORT_HOURS} hours`,
    removedBy: 'delete-expired-exports',
  },
  {
    store: 'R2 VAULT',
    place: 'erased/',
    holds: 'marks of who was erased, so that a restored database is erased again',
    personalData: 'pseudonym',
    basis: OBLIGATION,
    keptFor: forEver,
    removedBy: 'never',
  },
  {
    store: 'R2 VAULT_MIRROR',
    place: 'keys/',
    holds: 'a copy of every wrapped data key, where an operator has bound a mirror',
    personalData: 'pseudonym',
    basis: CONTRACT,
    keptFor: untilErased,
    removedBy: 'purge',
  },
  {
    store: 'R2 VAULT_MIRROR',
    place: 'erased/',
    holds: 'a copy of the marks of who was erased',
    personalData: 'pseudonym',
    basis: OBLIGATION,
    keptFor: forEver,
    removedBy: 'never',
  },
  {
    store: 'R2 ARCHIVE',
    place: 'audit/',
    holds: 'audit segments: pseudonyms, codes, encrypted device details that die with the key',
    personalData: 'ciphertext',
    basis: OBLIGATION,
    keptFor: forEver,
    removedBy: 'never',
    exportedAs: ['events', 'unreadable_archive_segments'],
  },
  {
    store: 'R2 ARCHIVE',
    place: 'checkpoints/',
    holds: 'signed heads of the archive',
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
    store: 'Queue',
    place: 'latchkey-audit',
    holds: 'events on their way to the archive',
    personalData: 'ciphertext',
    basis: SECURITY,
    keptFor: () => 'seconds; four days at most',
    removedBy: 'consumer',
  },
  {
    store: 'Queue',
    place: 'latchkey-audit-dead',
    holds: 'events on their way to dead_letters',
    personalData: 'ciphertext',
    basis: SECURITY,
    keptFor: () => 'seconds; four days at most',
    removedBy: 'consumer',
  },
  {
    store: 'Queue',
    place: 'latchkey-mail',
    holds: 'ids of mails to send',
    personalData: 'none',
    basis: CONTRACT,
    keptFor: () => 'seconds; four days at most',
    removedBy: 'consumer',
  },
  {
    store: 'Queue',
    place: 'latchkey-mail-dead',
    holds: 'ids of mails that could not be sent',
    personalData: 'none',
    basis: CONTRACT,
    keptFor: () => 'seconds; four days at most',
    removedBy: 'consumer',
  },
]
