import { type SQL, sql } from 'drizzle-orm'
import type { Actor, AuditEvent } from '../../core/audit-event.ts'
import { newTimeOrderedId, type SessionId } from '../../core/ids.ts'
import type { MailOutbox, Outbox, RequestFacts } from '../../core/ports.ts'
import { databaseParts, type SealedEvent } from '../../core/sealed-event.ts'
import { auditEvents } from '../schema/index.ts'
import type { EventCiphertext } from './event-details.ts'
import { eventColumns, type SentEvent, sentEvent } from './outbox-columns.ts'
import { withRows } from './rows.ts'
import { type Statement, type Taken, takenFrom } from './statement.ts'
import { type Insertable, insertRows } from './writes.ts'

/** Dependencies of recording an event. */
export type Recorder = Pick<RequestFacts, 'requestId' | 'now' | 'outbox'> & { readonly actor: Actor }

export interface RecordOptions {
  /** From `encryptClient`. If absent, the event contains no client address and no device. */
  readonly pii?: EventCiphertext | undefined
  /** From `encryptNote`. If absent, the event has no note. */
  readonly note?: EventCiphertext | undefined
  /**
   * SQL condition: the event is recorded only if it holds. For an event that records one change, `recorded`
   * sets it.
   */
  readonly onlyIf?: SQL
  /** Id of the event. `recorded` finds the event by it. By default that of `pii` or `note`. */
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
    id: eventIdOf(ctx, record[1]),
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
 * The id of a new event.
 * @throws TypeError if a ciphertext was made for another event, in whose row alone it opens
 */
export function eventIdOf(
  { now }: Pick<Recorder, 'now'>,
  { id, pii, note }: Pick<RecordOptions, 'id' | 'pii' | 'note'> = {},
): string {
  const [chosen = newTimeOrderedId(now), ...others] = [id, pii?.eventId, note?.eventId].filter(
    (one) => one !== undefined,
  )
  if (others.some((other) => other !== chosen)) throw new TypeError('a ciphertext of another event')
  return chosen
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
    note_enc: note?.text ?? null,
  }
  const fromDatabase = { actor: owner, subject: subject ?? owner, outcome, detail }
  return {
    ...known,
    actor_id: owner ?? known.actor_id,
    subject_id: subject ?? owner ?? event.subjectId ?? null,
    outcome: outcome ?? known.outcome,
    detail: detail ?? known.detail,
    pii_enc: pii?.text ?? null,
    seal: outbox.seal(
      known,
      databaseParts.filter((part) => fromDatabase[part] !== undefined),
    ),
  }
}
