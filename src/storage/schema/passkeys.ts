import { sql } from 'drizzle-orm'
import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { UserId } from '../../core/ids.ts'
import { users } from './users.ts'

/**
 * Passkeys and security keys (WebAuthn Level 3). The public key is readable, because it is public, and
 * because a passkey then signs in while no store answers for the data key.
 */
export const passkeys = sqliteTable(
  'passkeys',
  {
    /** UUID v4, which the API shows. */
    id: text('id').primaryKey(),
    userId: text('user_id')
      .$type<UserId>()
      .notNull()
      .references(() => users.id),
    /** The RP ID of the registration. No other domain can use the passkey. */
    rpId: text('rp_id').notNull(),
    /** Base64url. Random, and of this RP ID alone (WebAuthn section 14.6.3). */
    credentialId: text('credential_id').notNull(),
    /** JSON: the algorithm and the JWK. */
    publicKey: text('public_key').notNull(),
    /** The highest signature counter that the authenticator has reported. Zero if it does not count. */
    signCount: integer('sign_count').notNull().default(0),
    /** Whether the passkey can be copied to other devices. It never changes (WebAuthn section 6.1.3). */
    isBackupEligible: integer('is_backup_eligible', { mode: 'boolean' }).notNull(),
    isBackedUp: integer('is_backed_up', { mode: 'boolean' }).notNull(),
    /** Whether the authenticator finds the passkey without its credential id. Never for a security key. */
    isDiscoverable: integer('is_discoverable', { mode: 'boolean' }).notNull(),
    /** Whether the authenticator has verified its user. Otherwise the passkey is a second factor only. */
    isUvInitialized: integer('is_uv_initialized', { mode: 'boolean' }).notNull(),
    /** Label, AAGUID, transports and browser, encrypted with the person's data key. */
    detailsEnc: text('details_enc'),
    /** Written by the one batch that accepted the last answer. Other statements of it find the row by it. */
    nonce: text('nonce'),
    createdAt: integer('created_at').notNull(),
    lastUsedAt: integer('last_used_at'),
    /** When the signature counter went back, so that another device may have a copy. */
    suspendedAt: integer('suspended_at'),
    /**
     * When the passkey was removed. The row is kept for a while, so that the holder of the passkey learns
     * that it was removed.
     */
    removedAt: integer('removed_at'),
  },
  (table) => [
    uniqueIndex('passkeys_credential').on(table.credentialId),
    index('passkeys_user').on(table.userId, table.removedAt),
    index('passkeys_removed').on(table.removedAt).where(sql`removed_at IS NOT NULL`),
  ],
)

/**
 * The number of passkeys and security keys of each RP ID, without removed ones, so that no query has to count
 * them. Triggers on `passkeys` maintain it. The migration `passkey-counts` creates them. Drizzle does not
 * know them, so a rebuild of `passkeys` would lose them.
 */
export const passkeyCounts = sqliteTable('passkey_counts', {
  rpId: text('rp_id').primaryKey(),
  passkeys: integer('passkeys').notNull(),
})
