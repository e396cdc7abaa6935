import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { UserId } from '../../core/ids.ts'
import { users } from './users.ts'

/** The authenticator apps (TOTP, RFC 6238), at most one for each user. */
export const totpFactors = sqliteTable('totp_factors', {
  userId: text('user_id')
    .$type<UserId>()
    .primaryKey()
    .references(() => users.id),
  /** The shared secret: 160 bits, base32, encrypted with the person's data key. */
  secretEnc: text('secret_enc').notNull(),
  /**
   * The time step (Unix time / 30 s) of the last accepted code. It and earlier ones are not accepted again.
   */
  lastStep: integer('last_step').notNull(),
  /** Attempts since the last right second factor. They bound all guesses, not only those of a time window. */
  failures: integer('failures').notNull().default(0),
  /** Written by the one batch that accepted the last code. Other statements of it find the row by it. */
  nonce: text('nonce').notNull(),
  createdAt: integer('created_at').notNull(),
})

/** Recovery codes, one row each. A code replaces the authenticator app once. */
export const recoveryCodes = sqliteTable(
  'recovery_codes',
  {
    userId: text('user_id')
      .$type<UserId>()
      .notNull()
      .references(() => users.id),
    /** SHA-256 of the user and the code, base64url. A code has 120 random bits, so it needs no key. */
    codeHash: text('code_hash').notNull(),
    createdAt: integer('created_at').notNull(),
    usedAt: integer('used_at'),
    /** Written by the one batch that used the code. */
    nonce: text('nonce'),
  },
  (table) => [
    uniqueIndex('recovery_codes_code').on(table.userId, table.codeHash),
    uniqueIndex('recovery_codes_nonce').on(table.nonce),
  ],
)

/** Tickets (`crypto/ticket.ts`) that were used. A row names no person. */
export const spentTickets = sqliteTable(
  'spent_tickets',
  {
    /** The id in the ticket. */
    id: text('id').primaryKey(),
    /** When the ticket itself expires, so that the row is not needed any more. */
    expiresAt: integer('expires_at').notNull(),
  },
  (table) => [index('spent_tickets_expires').on(table.expiresAt)],
)

/** Resets of second factors that an operator has requested and whose delay has not ended. */
export const factorResets = sqliteTable(
  'factor_resets',
  {
    userId: text('user_id')
      .$type<UserId>()
      .primaryKey()
      .references(() => users.id),
    /** JSON array of the kinds that go: `totp`, `recovery_codes`. */
    kinds: text('kinds').notNull(),
    dueAt: integer('due_at').notNull(),
    /** The operator's user id. */
    requestedBy: text('requested_by').$type<UserId>().notNull(),
    createdAt: integer('created_at').notNull(),
  },
  (table) => [index('factor_resets_due').on(table.dueAt)],
)
