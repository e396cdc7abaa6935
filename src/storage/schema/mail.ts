import { sql } from 'drizzle-orm'
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { UserId } from '../../core/ids.ts'
import type { Locale, MailTemplate, RequestedTemplate } from '../../core/mail.ts'
import { users } from './users.ts'

/**
 * Mails that are to be sent, and the outbox of their queue. Readable addresses and tokens are not in it: the
 * consumer decrypts the one and makes the other when it sends.
 */
export const mailJobs = sqliteTable(
  'mail_jobs',
  {
    /** UUID v7; the same in every attempt to send. */
    id: text('id').primaryKey(),
    userId: text('user_id')
      .$type<UserId>()
      .notNull()
      .references(() => users.id),
    template: text('template').$type<MailTemplate>().notNull(),
    /** Language of the request; the profile's own wish comes first. */
    locale: text('locale').$type<Locale>(),
    /** The one-time token that the mail hands out. Without its row the mail is pointless and is not sent. */
    tokenId: text('token_id'),
    /** The account's `users.email_enc` when the mail was ordered: a mail about a theft goes to the owner. */
    emailEnc: text('email_enc'),
    /** JSON: another recipient than the account's address, device and place. */
    payloadEnc: text('payload_enc'),
    createdAt: integer('created_at').notNull(),
    /** Not to be claimed before: a consumer is sending it, or has just failed to. */
    claimedUntil: integer('claimed_until'),
    attempts: integer('attempts').notNull().default(0),
    sentAt: integer('sent_at'),
    failedAt: integer('failed_at'),
    /** Class of the last failure, never its message. */
    lastError: text('last_error'),
    /** Notices in whose place this mail is sent, after `created_at`. */
    heldBack: integer('held_back').notNull().default(0),
  },
  (table) => [
    index('mail_jobs_user').on(table.userId, table.createdAt),
    index('mail_jobs_open').on(table.createdAt).where(sql`sent_at IS NULL AND failed_at IS NULL`),
  ],
)

/**
 * Links that were asked for by naming an address. Whose it is, if anybody's, is looked up when the mail is
 * due: a request that did so would take longer for an address that is known (SECURITY.md E2).
 */
export const mailRequests = sqliteTable(
  'mail_requests',
  {
    /** UUID v7; later the mail job's. */
    id: text('id').primaryKey(),
    template: text('template').$type<RequestedTemplate>().notNull(),
    /** JSON array: keyed fingerprints of the address, under every version of the root key. */
    addressIndexes: text('address_indexes').notNull(),
    locale: text('locale').$type<Locale>(),
    createdAt: integer('created_at').notNull(),
  },
  (table) => [index('mail_requests_address').on(table.addressIndexes, table.id)],
)
