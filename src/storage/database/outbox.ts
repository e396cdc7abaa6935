import { type SQL, sql } from 'drizzle-orm'
import * as z from 'zod'
import type { Actor, AuditEvent } from '../../core/audit-event.ts'
import { type ClientDetails, clientSchema } from '../../core/client.ts'
import { newTimeOrderedId, type SessionId } from '../../core/ids.ts'
import { readStored } from '../../core/json.ts'
import type { KeyOwner } from '../../core/key-owner.ts'
import type { DataKeyLookup, Outbox, RequestFacts } from '../../core/ports.ts'
import { decryptField, encryptField } from '../../crypto/field-cipher.ts'
import { auditEvents } from '../schema/index.ts'
import { eventColumns, type SentEvent, sentEvent } from './outbox-columns.ts'
import { withRows } from './rows.ts'
import { type Statement, type Taken, takenFrom } from './statement.ts'
import { type Insertable, insertRows } from './writes.ts'

/** What recording an event takes. */
export type Recorder = Pick<RequestFacts, 'requestId' | 'now' | 'outbox'> & { readonly actor: Actor }

export interface RecordOptions {
  /** From `encryptClient`. Without it the event keeps no address and no device. */
  readonly pii?: string | undefined
  /** SQL condition. Where the event records one change, `recorded` has it. */
  readonly onlyIf?: SQL
  /** Its id. `recorded` looks for it. */
  readonly id?: string
  /** Completes the event behind the answer. It is sent when that is done. */
  readonly later?: CompleteEvent
  /** SQL for a user id: makes that user both actor and subject, where only the database knows who it is. */
  readonly owner?: SQL
  /** SQL for the subject alone, likewise. */
  readonly subject?: SQL
  /** SQL for the detail, as JSON, where only the database knows it. */
  readonly detail?: SQL
  /** SQL for the outcome instead of the event's own. */
  readonly outcome?: SQL
}

/** Work on an event that the database has taken. It may fail: then the event goes as it is. */
export type CompleteEvent = (event: SentEvent) => Promise<void>

/** SQL: the user of a session, for `owner`. */
export const ownerOf = (sessionId: SessionId): SQL => sql`(SELECT user_id FROM sessions WHERE id = ${sessionId})`

/** An event and how to record it. */
export type EventRecord = readonly [AuditEvent, RecordOptions?]

/**
 * The statement that records an event. It belongs into the same batch as the change, so that neither can
 * exist without the other. What it has recorded goes into the outbox.
 */
export const recordEvent = (ctx: Recorder, ...record: EventRecord): Statement<Taken> => recordEvents(ctx, [record])

/** The same for several events, each under its own condition: one statement costs less than two. */
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
 * A statement that returns events as they now are: the outbox sends them so.
 * @param complete begins what each is to wait for
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

/** Has the outbox wait for work before it sends. The work may fail long before anyone waits for it. */
export function finishFirst({ unfinished }: Outbox, work: Promise<void> | undefined): void {
  if (work !== undefined) unfinished.push(work.catch(() => undefined))
}

interface EventToInsert extends RecordOptions {
  readonly id: string
  readonly event: AuditEvent
}

const eventValues = (
  { now, actor, requestId }: Recorder,
  { id, event, pii, owner, subject, detail, outcome }: EventToInsert,
): Insertable<typeof auditEvents> => ({
  id,
  occurred_at: now,
  action: event.action,
  outcome: outcome ?? event.outcome,
  actor_type: owner ? 'user' : actor.type,
  actor_id: owner ?? (actor.type === 'user' ? actor.userId : null),
  subject_id: subject ?? owner ?? event.subjectId ?? null,
  request_id: requestId,
  detail: detail ?? ('detail' in event ? JSON.stringify(event.detail) : null),
  pii_enc: pii ?? null,
})

/** Encrypts address and device for `audit_events.pii_enc`; undefined when there is no key to do it with. */
export async function encryptClient(
  lookup: DataKeyLookup,
  owner: KeyOwner,
  client: ClientDetails,
): Promise<string | undefined> {
  if (lookup.kind !== 'found') return undefined
  return encryptField(lookup.key, placeOf(owner), JSON.stringify(client))
}

/**
 * Encrypts an operator's note into the same place: the operator's own device is not kept there, since it
 * would be under another person's key. Undefined when there is no key to do it with.
 */
export async function encryptNote(lookup: DataKeyLookup, owner: KeyOwner, note: string): Promise<string | undefined> {
  if (lookup.kind !== 'found') return undefined
  return encryptField(lookup.key, placeOf(owner), JSON.stringify({ note }))
}

const sealedSchema = clientSchema.extend({ note: z.string().optional() })

/** What an event keeps encrypted: address and device of who acted, or the note of an operator who did. */
export type SealedDetails = z.infer<typeof sealedSchema>

/** Decrypts `audit_events.pii_enc`. @throws CiphertextError */
export async function decryptDetails(key: CryptoKey, owner: KeyOwner, sealed: string): Promise<SealedDetails> {
  return readStored(sealedSchema, await decryptField(key, placeOf(owner), sealed))
}

const placeOf = (owner: KeyOwner) => ({ table: 'audit_events', column: 'pii_enc', owner })
