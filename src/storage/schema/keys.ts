import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { UserId } from '../../core/ids.ts'

/**
 * Root key versions under which data is or was stored. If an operator removes a version that is still needed,
 * the error names it.
 */
export const rootKeys = sqliteTable('root_keys', {
  version: integer('version').primaryKey(),
  /** Fingerprint of the secret; nothing can be derived from it. */
  fingerprint: text('fingerprint').notNull(),
  /** When this version was first used as the newest one. */
  firstSeenAt: integer('first_seen_at').notNull(),
  /** When the last data under this version was moved to a newer one: the operator may remove the version. */
  drainedAt: integer('drained_at'),
})

/**
 * Data keys in the vault without a user in the database, and when a job noticed them. They are destroyed once
 * no restore of the database can bring the user back.
 */
export const orphanKeys = sqliteTable('orphan_keys', {
  owner: text('owner').$type<UserId>().primaryKey(),
  noticedAt: integer('noticed_at').notNull(),
  /** Shows that this service noticed the key at that time: see `crypto/erasure-seal.ts`. */
  seal: text('seal'),
})
