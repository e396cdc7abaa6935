import { sql } from 'drizzle-orm'
import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { SessionId, UserId } from '../../core/ids.ts'
import { users } from './users.ts'

/** A token exists only in the hands of its owner; this row says what it may do, and that it was used once. */
export const oneTimeTokens = sqliteTable(
  'one_time_tokens',
  {
    id: text('id').primaryKey(),
    userId: text('user_id')
      .$type<UserId>()
      .notNull()
      .references(() => users.id),
    purpose: text('purpose').notNull(),
    createdAt: integer('created_at').notNull(),
    expiresAt: integer('expires_at').notNull(),
    consumedAt: integer('consumed_at'),
    /** Written by the one request that consumed it: the other statements of its batch look for it. */
    nonce: text('nonce'),
    /** The address that a change of e-mail leads to, or back to. */
    payloadEnc: text('payload_enc'),
    /**
     * Of the address that it leads back to: as long as the token can be used, no other account gets that
     * address.
     */
    addressIndex: text('address_index'),
    /** The session that asked for a change of address: the link dies with it. */
    sessionId: text('session_id').$type<SessionId>(),
    /** JSON array: how the person proved who they are that was offered to restore the account. */
    amr: text('amr'),
  },
  (table) => [
    index('one_time_tokens_user').on(table.userId),
    index('one_time_tokens_address').on(table.addressIndex).where(sql`address_index IS NOT NULL`),
    index('one_time_tokens_expires').on(table.expiresAt),
    uniqueIndex('one_time_tokens_nonce').on(table.nonce),
  ],
)
