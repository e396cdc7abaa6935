// Lifetimes that the platform or the design determines. No setting changes them.

/**
 * How long a session may be answered from KV without reading the database. This is the shortest lifetime that
 * KV allows.
 */
export const SESSION_SNAPSHOT_SECONDS = 60

/** Longer than any snapshot exists at any location, with a margin for the delay of KV. */
export const SESSION_TOMBSTONE_SECONDS = 600

/** How long a wrapped data key stays in KV. */
export const CACHED_KEY_SECONDS = 3600

/**
 * Longer than the 30 days back to which D1 can be restored. Only after that is it certain that a key without
 * a user is not needed.
 */
export const ORPHAN_KEY_DAYS = 35

/** Upper bound of `ERASURE_GRACE_DAYS`, here and in a service from which users are imported. */
export const LONGEST_GRACE_DAYS = 365

/** How long attempts from a device that has signed in are counted apart from those of other devices. */
export const DEVICE_TOKEN_DAYS = 180

/** How long the count of consecutive wrong passwords is kept after the last one. */
export const FAILURES_IN_A_ROW_DAYS = 30

/** How long the record of a job run is kept. */
export const JOB_RUN_DAYS = 90

/** How long an idempotency key and the outcome of its request are stored. */
export const IDEMPOTENCY_KEY_HOURS = 24

/**
 * How long an attempt may hold an idempotency key. Longer than any request runs, so an attempt without an
 * outcome has failed after this time, and a retry may take the key.
 */
export const IDEMPOTENT_ATTEMPT_SECONDS = 60

/** How long an export can be downloaded. */
export const EXPORT_HOURS = 24

/**
 * The cron trigger in wrangler.toml that only continues unfinished work. Any other trigger starts the daily
 * jobs first.
 */
export const HOUSEKEEPING_CRON = '*/5 * * * *'

/** How long a link in a mail can be used (ASVS 6.5.5: at most 60 minutes if it replaces a password). */
export const MAIL_LINK_MINUTES = 60

/** When a link that is mailed now expires, in Unix milliseconds. */
export const mailLinkExpiry = (now: number): number => now + MAIL_LINK_MINUTES * 60_000

/** How long a person may take to sign in at a provider. */
export const OAUTH_FLOW_MINUTES = 10

/** How long each kind of ticket (`crypto/ticket.ts`) is valid. */
export const TICKET_MINUTES = {
  mfa: 5,
  'totp-add': 10,
  enrol: 15,
  'passkey-sign-in': 5,
  'passkey-step-up': 5,
  'passkey-add': 10,
  'passkey-enrol': 10,
  'mail-sign-in': 10,
  'mail-address': 10,
  'sign-up': 15,
  'passkey-sign-up': 10,
} as const

/** How long the row of a removed passkey is kept, so that its holder learns that it was removed. */
export const REMOVED_PASSKEY_DAYS = 90

/** How long the owner of an account can undo that a passkey was added. */
export const UNDO_PASSKEY_DAYS = 7

/** How long an application may take to exchange its code for tokens. */
export const OAUTH_CODE_SECONDS = 60

/** How long a signed-in user may take to start linking an identity. */
export const LINK_TICKET_MINUTES = 5

/** How long the owner of the old address can undo a change of address. */
export const UNDO_EMAIL_DAYS = 7

/** How long the delivery of a mail is retried. After that its recipient no longer expects it. */
export const MAIL_GIVE_UP_DAYS = 3

/** How long the row of a mail that could not be sent is kept, so that operators can see it. */
export const MAIL_JOB_DAYS = 14

/** How long the progress of an import and its refused lines are kept, counted from its last line. */
export const IMPORT_DAYS = 90

/** How long the previous refresh token is still accepted after a refresh, because two requests may race. */
export const ROTATION_GRACE_MS = 10_000

/**
 * From this time (Unix milliseconds), columns whose rows expire no longer accept a ciphertext of version
 * 0.2.0. A deployment that was updated 90 days before has no such row left.
 */
export const UNBOUND_CIPHERTEXTS_END_MS: number = Date.UTC(2027, 5, 30)

/** A location answers with the published checkpoint for so long without reading a store. */
export const CHECKPOINT_SECONDS = 60
