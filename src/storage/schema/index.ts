// Ids are text, times are Unix milliseconds. Columns that end in `_enc` are AES-256-GCM under the person's
// data key; those of an event without a subject are under the system key of its month (core/key-owner.ts).
// Columns that end in `_index` are keyed fingerprints. Foreign keys never cascade: deletions are explicit.

export * from './activity.ts'
export * from './alarms.ts'
export * from './attempts.ts'
export * from './audit.ts'
export * from './consents.ts'
export * from './credentials.ts'
export * from './erasures.ts'
export * from './exports.ts'
export * from './idempotency-keys.ts'
export * from './jobs.ts'
export * from './keys.ts'
export * from './mail.ts'
export * from './one-time-tokens.ts'
export * from './passkeys.ts'
export * from './profiles.ts'
export * from './second-factors.ts'
export * from './sessions.ts'
export * from './social-sign-in.ts'
export * from './user-imports.ts'
export * from './users.ts'
