import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { SessionId, UserId } from '../../core/ids.ts'
import { users } from './users.ts'

/** Links to identities at providers. An identity is a provider and a subject, never an e-mail address. */
export const socialLogins = sqliteTable(
  'social_logins',
  {
    id: text('id').primaryKey(),
    userId: text('user_id')
      .$type<UserId>()
      .notNull()
      .references(() => users.id),
    /** Name of the provider in the settings. */
    provider: text('provider').notNull(),
    /** Keyed fingerprint of provider and subject. */
    providerIdIndex: text('provider_id_index').notNull(),
    /**
     * The provider's subject, encrypted. The owner can read it, and a rotation computes a new fingerprint
     * from it.
     */
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
 * Social sign-ins whose browser has returned from the provider. A row exists once the state has been used.
 * After the provider has named the identity, the row represents the code that the application exchanges.
 *
 * Also the codes with which the service's own pages send a person back to an application. Such a row has no
 * provider: the text is empty.
 */
export const oauthFlows = sqliteTable(
  'oauth_flows',
  {
    id: text('id').primaryKey(),
    /** The user who links the identity or returns to an application. Null in a social sign-in. */
    userId: text('user_id')
      .$type<UserId>()
      .references(() => users.id),
    /**
     * The session that started to link or returns to an application. When it ends, the code is invalid. Null
     * in a social sign-in.
     */
    sessionId: text('session_id').$type<SessionId>(),
    /** Name of the provider in the settings. Empty in a return to an application. */
    provider: text('provider').notNull(),
    /** The application's address, to which the code is sent. Null in rows of version 0.2.0. */
    redirectUri: text('redirect_uri'),
    /** Code challenge of the application (RFC 7636, S256). */
    codeChallenge: text('code_challenge').notNull(),
    /**
     * JSON array: the identity's fingerprints, newest root key first. Null until the provider has named the
     * identity.
     */
    identityIndexes: text('identity_indexes'),
    codeExpiresAt: integer('code_expires_at'),
    /** The future `social_logins.provider_id_enc`. Set only if the identity is to be linked. */
    providerIdEnc: text('provider_id_enc'),
    createdAt: integer('created_at').notNull(),
    /**
     * Later than the state's expiry: the row must exist as long as a browser could present the state again.
     */
    expiresAt: integer('expires_at').notNull(),
    consumedAt: integer('consumed_at'),
    /**
     * Written by the one request that exchanged the code. In a sign-in it is the id of the session that this
     * request opens, so that a second use of the code can end it.
     */
    nonce: text('nonce'),
  },
  (table) => [
    index('oauth_flows_user').on(table.userId),
    index('oauth_flows_expires').on(table.expiresAt),
    uniqueIndex('oauth_flows_nonce').on(table.nonce),
  ],
)
