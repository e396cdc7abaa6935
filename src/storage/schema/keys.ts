import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { UserId } from '../../core/ids.ts'

/**
 * Root key versions that something was stored under, so that one taken away too early is missed and named.
 */
export const rootKeys = sqliteTable('root_keys', {
  version: integer('version').primaryKey(),
  /** Of the secret; from it nothing can be derived. */
  fingerprint: text('fingerprint').notNull(),
  /** When it was first used as the newest. */
  firstSeenAt: integer('first_seen_at').notNull(),
  /** Nothing is stored under it any more: it may go. */
  drainedAt: integer('drained_at'),
})

/**
 * Keys in the vault that no user has, and since when. They are destroyed when no restore can bring the user
 * back.
 */
export const orphanKeys = sqliteTable('orphan_keys', {
  owner: text('owner').$type<UserId>().primaryKey(),
  noticedAt: integer('noticed_at').notNull(),
})
