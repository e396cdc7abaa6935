import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { SessionId, UserId } from '../../core/ids.ts'
import { users } from './users.ts'

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
 * Social sign-ins whose browser came back from the provider. The row's existence says that its state was
 * used; once it knows who it was, it stands for the code that the application exchanges.
 */
export const oauthFlows = sqliteTable(
  'oauth_flows',
  {
    id: text('id').primaryKey(),
    /** The user who links the identity; null in a sign-in. */
    userId: text('user_id')
      .$type<UserId>()
      .references(() => users.id),
    /** The session that asked to link: the code is void when it ends. Null in a sign-in. */
    sessionId: text('session_id').$type<SessionId>(),
    provider: text('provider').notNull(),
    /** Of the application (RFC 7636, S256). */
    codeChallenge: text('code_challenge').notNull(),
    /**
     * JSON array: the identity's fingerprints, newest key first. Null until the provider has said who it is.
     */
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
