import { sql } from 'drizzle-orm'
import { check, index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { rejectionReasons } from '../../core/dead-letter.ts'
import type { UserId } from '../../core/ids.ts'

/**
 * The newest part of the audit trail, and its outbox. A row is written in the batch that makes the change,
 * and sent to the archive afterwards.
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
    /**
     * JSON of client address and device, encrypted under the subject's data key or the system key of the
     * month.
     */
    piiEnc: text('pii_enc'),
    /**
     * Proves that the service wrote the row: see `crypto/event-seal.ts`. Null in rows of releases before
     * 0.3.0.
     */
    seal: text('seal'),
    /**
     * Number of the archive segment that contains the event. 0: the event was refused. Null: neither, or the
     * segment is one of releases before 0.3.0.
     */
    archivedIn: integer('archived_in'),
    /** An operator's note, encrypted under the data key of the person that it is about. */
    noteEnc: text('note_enc'),
    sentAt: integer('sent_at'),
    archivedAt: integer('archived_at'),
  },
  (table) => [
    index('audit_events_subject').on(table.subjectId, table.id),
    // Events whose actor is also the subject are found by `audit_events_subject`.
    index('audit_events_actor').on(table.actorId, table.id).where(sql`actor_id IS NOT subject_id`),
    index('audit_events_action').on(table.action, table.id),
    index('audit_events_unarchived').on(table.sentAt).where(sql`archived_at IS NULL`),
  ],
)

/** One row, which names the newest segment of the archive. */
export const logHead = sqliteTable(
  'log_head',
  {
    id: integer('id').primaryKey(),
    /**
     * Compact JWS: number, hash and event count of that segment. It is believed only if its signature holds.
     */
    checkpoint: text('checkpoint').notNull(),
    advancedAt: integer('advanced_at').notNull(),
    /**
     * The rows of all events up to this segment say where they are archived. Below the newest segment only
     * after the database was restored.
     */
    followed: integer('followed').notNull(),
  },
  (table) => [check('log_head_single', sql`${table.id} = 1`)],
)

/**
 * One row, which describes the newest segment of format 1. Only versions before 0.3.0 wrote it.
 */
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
 * The Merkle tree over the lines of the archive, and the signed note of exactly this tree. A row is believed
 * only if the note holds and has the root of the edge. All of it follows from the segments, so a lost row is
 * made again.
 */
export const logTree = sqliteTable(
  'log_tree',
  {
    id: integer('id').primaryKey(),
    /** Number of the last segment whose lines are in the tree. */
    segment: integer('segment').notNull(),
    /** JSON of `formatEdge`. */
    edge: text('edge').notNull(),
    /** A signed note (C2SP). */
    note: text('note').notNull(),
    grownAt: integer('grown_at').notNull(),
  },
  (table) => [check('log_tree_single', sql`${table.id} = 1`)],
)

/**
 * The archive segments that contain events of a person. An export needs them after the events have been
 * deleted from `audit_events`.
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

/** Messages that a queue has given up on. A row is kept until an operator has replayed the message. */
export const deadLetters = sqliteTable(
  'dead_letters',
  {
    id: text('id').primaryKey(),
    queue: text('queue').notNull(),
    /** JSON of the message as it was sent. It contains only pseudonyms and ciphertext. */
    body: text('body').notNull(),
    receivedAt: integer('received_at').notNull(),
    /**
     * Why the archive refused the event. Null if the queue gave up on the message, or its form is unknown.
     */
    reason: text('reason', { enum: rejectionReasons }),
    replayedAt: integer('replayed_at'),
  },
  (table) => [index('dead_letters_waiting').on(table.receivedAt).where(sql`replayed_at IS NULL`)],
)

/**
 * How many refused events are no longer in `dead_letters`, which keeps only the newest ones. At most one row
 * for each reason.
 */
export const droppedLetters = sqliteTable('dropped_letters', {
  reason: text('reason', { enum: rejectionReasons }).primaryKey(),
  count: integer('count').notNull(),
})
