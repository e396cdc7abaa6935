// Lifetimes that the platform or the design fixes, so that no setting changes them.

/** How long the edge may answer for a session without asking the database. KV's own minimum. */
export const SESSION_SNAPSHOT_SECONDS = 60

/** Longer than any snapshot lives, at every location, with room for KV's own delay. */
export const SESSION_TOMBSTONE_SECONDS = 600

/** How long a wrapped data key stays in KV. */
export const CACHED_KEY_SECONDS = 3600

/** Longer than D1 can be restored to (30 days): only then is a key without a user surely nobody's. */
export const ORPHAN_KEY_DAYS = 35

/** The most that `ERASURE_GRACE_DAYS` may be, here or where somebody moved in from. */
export const LONGEST_GRACE_DAYS = 365

/** How long a device that was signed in on keeps attempts of its own. */
export const DEVICE_TOKEN_DAYS = 180

/** How long wrong passwords in a row are remembered after the last one. */
export const FAILURES_IN_A_ROW_DAYS = 30

/** How long it is remembered what a job did. */
export const JOB_RUN_DAYS = 90

/** How long the answer to a request with an `Idempotency-Key` is kept. */
export const RETRY_HOURS = 24

/**
 * Longer than any request runs: after this one that gave no answer is taken for dead, and may be tried again.
 */
export const CLAIM_SECONDS = 60

/** How long an export can be downloaded. */
export const EXPORT_HOURS = 24

/**
 * The trigger in wrangler.toml that continues unfinished work. Any other trigger opens the daily jobs first.
 */
export const HOUSEKEEPING_CRON = '*/5 * * * *'

/**
 * How long a link in a mail can be used (ASVS 6.5.5: at most 60 minutes where it stands in for a password).
 */
export const MAIL_LINK_MINUTES = 60

/** When a link that is mailed now ends, in Unix milliseconds. */
export const mailLinkExpiry = (now: number): number => now + MAIL_LINK_MINUTES * 60_000

/** How long a person may take at a provider. */
export const OAUTH_FLOW_MINUTES = 10

/** How long an application may take to exchange its code. */
export const OAUTH_CODE_SECONDS = 60

/** How long a signed-in user may take to begin to link an identity. */
export const LINK_TICKET_MINUTES = 5

/** How long the old address can undo a change of address. */
export const UNDO_EMAIL_DAYS = 7

/** After this nobody expects a mail any more. */
export const MAIL_GIVE_UP_DAYS = 3

/** How long a mail that could not be sent is remembered, for an operator to see. */
export const MAIL_JOB_DAYS = 14

/** How long it is remembered how far an import got and what it refused, from its last line on. */
export const IMPORT_DAYS = 90

/** Within this time after a refresh, the previous refresh token is still taken: two requests may race. */
export const ROTATION_GRACE_MS = 10_000
