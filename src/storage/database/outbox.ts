import { type SQL, sql } from 'drizzle-orm'
import * as z from 'zod'
import type { Actor, AuditEvent } from '../../core/audit-event.ts'
import { type ClientDetails, clientSchema } from '../../core/client-details.ts'
import { newTimeOrderedId, type SessionId } from '../../core/ids.ts'
import { readStored } from '../../core/json.ts'
import type { KeyOwner } from '../../core/key-owner.ts'
import type { DataKeyLookup, MailOutbox, Outbox, RequestFacts } from '../../core/ports.ts'
import { databaseParts, type SealedEvent } from '../../core/sealed-event.ts'
import { decryptField, encryptField } from '../../crypto/field-cipher.ts'
import { auditEvents } from '../schema/index.ts'
import { eventColumns, type SentEvent, sentEvent } from './outbox-columns.ts'
import { withRows } from './rows.ts'
import { type Statement, type Taken, takenFrom } from './statement.ts'
import { type Insertable, insertRows } from './writes.ts'

/** Dependencies of recording an event. */
export type Recorder = Pick<RequestFacts, 'requestId' | 'now' | 'outbox'> & { readonly actor: Actor }

export interface RecordOptions {
  /** From `encryptClient`. If absent, the event contains no client address and no device. */
  readonly pii?: string | undefined
  /** From `encryptNote`. If absent, the event has no note. */
  readonly note?: string | undefined
  /**
   * SQL condition: the event is recorded only if it holds. For an event that records one change, `recorded`
   * sets it.
   */
  readonly onlyIf?: SQL
  /** Id of the event. `recorded` finds the event by it. */
  readonly id?: string
  /** Completes the event after the answer has been sent. The event is sent when this work is done. */
  readonly later?: CompleteEvent
  /** SQL for a user id that becomes both actor and subject. For events whose user only the database knows. */
  readonly owner?: SQL
  /** SQL for the id of the subject alone, for events whose subject only the database knows. */
  readonly subject?: SQL
  /** SQL for the detail, as JSON, if only the database knows it. */
  readonly detail?: SQL
  /** SQL for the outcome, which replaces the event's own. */
  readonly outcome?: SQL
}

/** Work on a recorded event. If it fails, the event is sent as it is. */
export type CompleteEvent = (event: SentEvent) => Promise<void>

/** SQL: the user of a session, for the option `owner`. */
export const ownerOf = (sessionId: SessionId): SQL => sql`(SELECT user_id FROM sessions WHERE id = ${sessionId})`

/** An event, and the options for recording it. */
export type EventRecord = readonly [AuditEvent, RecordOptions?]

/**
 * The statement that records an event. It belongs in the same batch as the change, so that neither can exist
 * without the other. Adds the recorded event to the outbox.
 */
export const recordEvent = (ctx: Recorder, ...record: EventRecord): Statement<Taken> => recordEvents(ctx, [record])

/** Records several events, each under its own condition. One statement costs less than two. */
export function recordEvents(
  ctx: Recorder,
  [first, ...others]: readonly [EventRecord, ...EventRecord[]],
): Statement<Taken> {
  ctx.outbox.hasEvents = true
  const made = (record: EventRecord) => ({
    ...record[1],
    id: record[1]?.id ?? newTimeOrderedId(ctx.now),
    event: record[0],
  })
  const [top, ...rest] = [made(first), ...others.map(made)] as const
  const rowOf = (record: EventToInsert) => ({ values: eventValues(ctx, record), onlyIf: record.onlyIf })
  const insertion = insertRows(auditEvents, [rowOf(top), ...rest.map(rowOf)])
  return intoOutbox(ctx.outbox, withRows(sentEvent, sql`${insertion} RETURNING ${eventColumns}`), (row) =>
    [top, ...rest].find(({ id }) => id === row.id)?.later?.(row),
  )
}

/**
 * Adds the events that a statement returns to the outbox, which sends them as they are in these rows.
 * @param complete starts work that must finish before the event is sent
 */
export function intoOutbox(
  outbox: Outbox,
  statement: Statement<SentEvent>,
  complete: (event: SentEvent) => Promise<void> | undefined = () => undefined,
): Statement<Taken> {
  outbox.unanswered++
  return takenFrom(statement, (rows) => {
    outbox.unanswered--
    for (const row of rows) {
      outbox.events.set(row.id, row)
      finishFirst(outbox, complete(row))
    }
  })
}

/**
 * Makes the outbox wait for this work before it sends. Handles a rejection at once, because the work may fail
 * before the outbox waits for it.
 */
export function finishFirst({ unfinished }: MailOutbox, work: Promise<void> | undefined): void {
  if (work !== undefined) unfinished.push(work.catch(() => undefined))
}

interface EventToInsert extends RecordOptions {
  readonly id: string
  readonly event: AuditEvent
}

function eventValues(
  { now, actor, requestId, outbox }: Recorder,
  { id, event, pii, note, owner, subject, detail, outcome }: EventToInsert,
): Insertable<typeof auditEvents> {
  const known: SealedEvent = {
    id,
    occurred_at: now,
    action: event.action,
    outcome: event.outcome,
    actor_type: owner ? 'user' : actor.type,
    actor_id: actor.type === 'user' ? actor.userId : null,
    subject_id: event.subjectId ?? null,
    request_id: requestId,
    detail: ('detail' in event && JSON.stringify(event.detail)) || null,
    note_enc: note ?? null,
  }
  const fromDatabase = { actor: owner, subject: subject ?? owner, outcome, detail }
  return {
    ...known,
    actor_id: owner ?? known.actor_id,
    subject_id: subject ?? owner ?? event.subjectId ?? null,
    outcome: outcome ?? known.outcome,
    detail: detail ?? known.detail,
    pii_enc: pii ?? null,
    seal: outbox.seal(
      known,
      databaseParts.filter((part) => fromDatabase[part] !== undefined),
    ),
  }
}

/** Encrypts client address and device for `audit_events.pii_enc`. Undefined if there is no data key. */
export async function encryptClient(
  lookup: DataKeyLookup,
  owner: KeyOwner,
  client: ClientDetails,
): Promise<string | undefined> {
  if (lookup.kind !== 'found') return undefined
  return encryptField(lookup.key, placeOf(owner), JSON.stringify(client))
}

/**
 * Encrypts an operator's note for `audit_events.pii_enc`. The operator's own client address and device are
 * not stored there, since they would be under another person's data key. Undefined if there is no data key.
 */
export async function encryptNote(lookup: DataKeyLookup, owner: KeyOwner, note: string): Promise<string | undefined> {
  if (lookup.kind !== 'found') return undefined
  return encryptField(lookup.key, placeOf(owner), JSON.stringify({ note }))
}

const sealedSchema = clientSchema.extend({ note: z.string().optional() })

/** The encrypted details of an event: client address and device of the actor, or the note of an operator. */
export type SealedDetails = z.infer<typeof sealedSchema>

/** Decrypts `audit_events.pii_enc`. @throws CiphertextError */
export async function decryptDetails(key: CryptoKey, owner: KeyOwner, sealed: string): Promise<SealedDetails> {
  return readStored(sealedSchema, await decryptField(key, placeOf(owner), sealed))
}

const placeOf = (owner: KeyOwner) => ({ table: 'audit_events', column: 'pii_enc', owner })
