import { sql } from 'drizzle-orm'
import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { SessionId, UserId } from '../../core/ids.ts'
import { users } from './users.ts'

/**
 * One-time tokens. Only the recipient has the token itself. The row contains its purpose, and when it was
 * used.
 */
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
    /**
     * Written by the one request that consumed the token. Other statements of its batch find the row by it.
     */
    nonce: text('nonce'),
    /** The address that a change of e-mail sets, or the one that it can restore. */
    payloadEnc: text('payload_enc'),
    /**
     * Fingerprint of the address that the token can restore. While the token is usable, no other account can
     * take that address.
     */
    addressIndex: text('address_index'),
    /** The session that requested the change of address. When it ends, the token becomes invalid. */
    sessionId: text('session_id').$type<SessionId>(),
    /** JSON array: how the person authenticated before the offer to restore the account. */
    amr: text('amr'),
  },
  (table) => [
    index('one_time_tokens_user').on(table.userId),
    index('one_time_tokens_address').on(table.addressIndex).where(sql`address_index IS NOT NULL`),
    index('one_time_tokens_expires').on(table.expiresAt),
    uniqueIndex('one_time_tokens_nonce').on(table.nonce),
  ],
)
