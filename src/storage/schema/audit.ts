import { sql } from 'drizzle-orm'
import { check, index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { UserId } from '../../core/ids.ts'

/**
 * The newest part of the audit trail, and its outbox: written with the change, sent to the archive
 * afterwards.
 */
export const auditEvents = sqliteTable(
  'audit_events',
  {
    /** UUID v7. */
    id: text('id').primaryKey(),
    occurredAt: integer('occurred_at').notNull(),
    action: text('action').notNull(),
    outcome: text('outcome', { enum: ['success', 'failure'] }).notNull(),
    actorType: text('actor_type', { enum: ['anonymous', 'user', 'system'] }).notNull(),
    actorId: text('actor_id'),
    subjectId: text('subject_id').$type<UserId>(),
    requestId: text('request_id').notNull(),
    /** JSON: codes and counts, no personal data. */
    detail: text('detail'),
    /** JSON of address and device, under the subject's key or the month's system key. */
    piiEnc: text('pii_enc'),
    sentAt: integer('sent_at'),
    archivedAt: integer('archived_at'),
  },
  (table) => [
    index('audit_events_subject').on(table.subjectId, table.id),
    // What people did to themselves is found by the subject.
    index('audit_events_actor').on(table.actorId, table.id).where(sql`actor_id IS NOT subject_id`),
    index('audit_events_action').on(table.action, table.id),
    index('audit_events_unarchived').on(table.sentAt).where(sql`archived_at IS NULL`),
    index('audit_events_archived').on(table.archivedAt).where(sql`archived_at IS NOT NULL`),
  ],
)

/** One row: the newest segment of the archive. */
export const archiveHead = sqliteTable(
  'archive_head',
  {
    id: integer('id').primaryKey(),
    sequence: integer('sequence').notNull(),
    /** SHA-256 of the newest segment, hexadecimal. */
    hash: text('hash').notNull(),
    /** Events in all segments so far. */
    eventCount: integer('event_count').notNull(),
    advancedAt: integer('advanced_at').notNull(),
  },
  (table) => [check('archive_head_single', sql`${table.id} = 1`)],
)

/**
 * In which segments a person's events lie, so that an export finds them after they have left `audit_events`.
 */
export const archivePlaces = sqliteTable(
  'archive_places',
  {
    userId: text('user_id').$type<UserId>().notNull(),
    sequence: integer('sequence').notNull(),
    archivedAt: integer('archived_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.userId, table.sequence] })],
)

/** Messages that a queue gave up on; kept until someone has replayed them. */
export const deadLetters = sqliteTable(
  'dead_letters',
  {
    id: text('id').primaryKey(),
    queue: text('queue').notNull(),
    /** JSON, as it was sent: pseudonyms and ciphertext. */
    body: text('body').notNull(),
    receivedAt: integer('received_at').notNull(),
    replayedAt: integer('replayed_at'),
  },
  (table) => [index('dead_letters_waiting').on(table.receivedAt).where(sql`replayed_at IS NULL`)],
)
