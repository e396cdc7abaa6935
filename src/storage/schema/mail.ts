import { sql } from 'drizzle-orm'
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { UserId } from '../../core/ids.ts'
import type { Locale, MailTemplate, RequestedTemplate } from '../../core/mail.ts'
import { users } from './users.ts'

/**
 * Mails to send, and the outbox of the mail queue. The table contains no readable address and no token: the
 * consumer decrypts the address and creates the token when it sends the mail.
 */
export const mailJobs = sqliteTable(
  'mail_jobs',
  {
    /** UUID v7. Every attempt to send uses the same id. */
    id: text('id').primaryKey(),
    userId: text('user_id')
      .$type<UserId>()
      .notNull()
      .references(() => users.id),
    template: text('template').$type<MailTemplate>().notNull(),
    /** Language of the request. The language in the user's profile takes precedence. */
    locale: text('locale').$type<Locale>(),
    /**
     * The one-time token that the mail delivers. If the token's row is gone, the mail is useless and is not
     * sent.
     */
    tokenId: text('token_id'),
    /**
     * The account's `users.email_enc` when the mail was ordered, so that a mail about a theft reaches the
     * owner.
     */
    emailEnc: text('email_enc'),
    /** JSON: device, place, and the recipient if it is not the account's address. */
    payloadEnc: text('payload_enc'),
    createdAt: integer('created_at').notNull(),
    /** No consumer may claim the job before this time: another one is sending it, or has just failed. */
    claimedUntil: integer('claimed_until'),
    attempts: integer('attempts').notNull().default(0),
    sentAt: integer('sent_at'),
    failedAt: integer('failed_at'),
    /** Error class of the last failure, never its message. */
    lastError: text('last_error'),
    /** The number of notices that this mail replaces; it is sent at `created_at`. */
    heldBack: integer('held_back').notNull().default(0),
  },
  (table) => [
    index('mail_jobs_user').on(table.userId, table.createdAt),
    index('mail_jobs_open').on(table.createdAt).where(sql`sent_at IS NULL AND failed_at IS NULL`),
  ],
)

/**
 * Requests for a link by mail that named an address. The account is looked up when the mail is due. A lookup
 * in the request would take longer for a known address and so reveal it (E2 in docs/requirements.md).
 */
export const mailRequests = sqliteTable(
  'mail_requests',
  {
    /** UUID v7. The mail job gets the same id. */
    id: text('id').primaryKey(),
    template: text('template').$type<RequestedTemplate>().notNull(),
    /** JSON array: keyed fingerprints of the address, one for each root key version. */
    addressIndexes: text('address_indexes').notNull(),
    locale: text('locale').$type<Locale>(),
    createdAt: integer('created_at').notNull(),
    /**
     * The address of a sign-up, encrypted for the service, until its mail was sent: there is no account that
     * could have it. Null for any other request.
     */
    addressEnc: text('address_enc'),
    /** Of a sign-up: no consumer may claim the request before this time. */
    claimedUntil: integer('claimed_until'),
    /** Of a sign-up: how often it was claimed. */
    attempts: integer('attempts').notNull().default(0),
  },
  (table) => [index('mail_requests_address').on(table.addressIndexes, table.id)],
)
