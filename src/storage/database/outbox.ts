import { type SQL, sql } from 'drizzle-orm'
import type { Actor, AuditEvent } from '../../core/audit-event.ts'
import { newTimeOrderedId, type SessionId } from '../../core/ids.ts'
import type { MailOutbox, RequestFacts } from '../../core/ports.ts'
import { databaseParts, type EventWithSeal, type MadeEvent, type SealedEvent } from '../../core/sealed-event.ts'
import { auditEvents } from '../schema/index.ts'
import type { EventCiphertext } from './event-details.ts'
import { columnsOf, withRows } from './rows.ts'
import { type Statement, type Taken, takenFrom } from './statement.ts'
import { storedParts, takeStored, takeSuppressed } from './take-event.ts'
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
  /** Completes the row of the event after the answer has been sent. */
  readonly later?: CompleteEvent
  /**
   * Whether the change that the event records has happened. Asked when the database has answered. An event
   * that is missing although its change has happened is sent from memory. `recorded` sets it.
   */
  readonly hasHappened?: () => boolean
  /** SQL for a user id that becomes both actor and subject. For events whose user only the database knows. */
  readonly owner?: SQL
  /** SQL for the id of the subject alone, for events whose subject only the database knows. */
  readonly subject?: SQL
  /**
   * SQL condition: without it, the event does not name its subject. The seal covers a subject that is named.
   * Not together with `owner` or `subject`.
   */
  readonly namesSubjectIf?: SQL
  /** SQL for the detail, as JSON, if only the database knows it. */
  readonly detail?: SQL
  /** SQL for the outcome, which replaces the event's own. */
  readonly outcome?: SQL
}

/** Work on a recorded event. The event is sent without waiting for it. */
export type CompleteEvent = (event: EventWithSeal) => Promise<void>

/** SQL: the user of a session, for the option `owner`. */
export const ownerOf = (sessionId: SessionId): SQL => sql`(SELECT user_id FROM sessions WHERE id = ${sessionId})`

/** An event, and the options for recording it. */
export type EventRecord = readonly [AuditEvent, RecordOptions?]

/**
 * The statement that records an event. It belongs in the same batch as the change, so that neither can exist
 * without the other. Adds the event to the outbox, as the Worker made it: from the database come only the
 * parts that nobody else knows. An event that the database should have stored and did not is added as well.
 */
export const recordEvent = (ctx: Recorder, ...record: EventRecord): Statement<Taken> => recordEvents(ctx, [record])

/** Records several events, each under its own condition. One statement costs less than two. */
export function recordEvents(
  ctx: Recorder,
  [first, ...others]: readonly [EventRecord, ...EventRecord[]],
): Statement<Taken> {
  const prepared = (record: EventRecord) => prepareEvent(ctx, record)
  const [top, ...rest] = [prepared(first), ...others.map(prepared)] as const
  return takenEvents(ctx, [top, ...rest], insertRows(auditEvents, [top, ...rest]))
}

/**
 * The statement that inserts prepared events, and gives the outbox those that were stored.
 * @param insertion the INSERT of their rows
 */
export function takenEvents({ outbox }: Recorder, events: readonly PreparedEvent[], insertion: SQL): Statement<Taken> {
  outbox.hasEvents = true
  for (const { made } of events) outbox.pending.set(made.event.id, made)
  return takenFrom(withRows(storedParts, sql`${insertion} RETURNING ${columnsOf(storedParts)}`), (rows) => {
    for (const { made, options } of events) {
      const row = rows.find(({ id }) => id === made.event.id)
      outbox.pending.delete(made.event.id)
      if (row === undefined) {
        if (isMissing(options)) takeSuppressed(outbox, made)
        continue
      }
      const message = takeStored(outbox, made, row)
      finishFirst(outbox, options.later?.(message))
    }
  })
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

/** Whether the database must have stored the event, if it has committed the batch. */
const isMissing = ({ onlyIf, hasHappened }: RecordOptions): boolean => hasHappened?.() ?? onlyIf === undefined

/**
 * Makes the outbox wait for this work before it sends. Handles a rejection at once, because the work may fail
 * before the outbox waits for it.
 */
export function finishFirst({ unfinished }: MailOutbox, work: Promise<void> | undefined): void {
  if (work !== undefined) unfinished.push(work.catch(() => undefined))
}

export interface PreparedEvent {
  readonly made: MadeEvent
  readonly options: RecordOptions
  readonly values: Insertable<typeof auditEvents>
  readonly onlyIf: SQL | undefined
}

/** The row of an event, and what the Worker keeps of it. */
export function prepareEvent(
  { now, actor, requestId, outbox }: Recorder,
  [event, options = {}]: EventRecord,
): PreparedEvent {
  const { owner, subject = owner, outcome, detail, namesSubjectIf } = options
  const known: SealedEvent = {
    id: eventIdOf({ now }, options),
    occurred_at: now,
    action: event.action,
    outcome: event.outcome,
    actor_type: owner ? 'user' : actor.type,
    actor_id: owner || actor.type !== 'user' ? null : actor.userId,
    subject_id: subject ? null : (event.subjectId ?? null),
    request_id: requestId,
    detail: (!detail && 'detail' in event && JSON.stringify(event.detail)) || null,
    note_enc: options.note?.text ?? null,
  }
  const expressions = { actor: owner, subject, outcome, detail }
  const fromDatabase = databaseParts.filter((part) => expressions[part] !== undefined)
  const values: Insertable<typeof auditEvents> = {
    ...known,
    actor_id: owner ?? known.actor_id,
    subject_id: subject ?? event.subjectId ?? null,
    outcome: outcome ?? known.outcome,
    detail: detail ?? known.detail,
    pii_enc: options.pii?.text ?? null,
    seal: outbox.seal(known, fromDatabase),
    ...(namesSubjectIf && nameIf(namesSubjectIf, { event: known, fromDatabase }, outbox)),
  }
  const made = { event: known, fromDatabase, ...(namesSubjectIf && { mayLackSubject: true as const }) }
  return { made, options, values, onlyIf: options.onlyIf }
}

/**
 * The database chooses between two seals. The one without a subject says that the database has decided this.
 */
function nameIf(condition: SQL, { event, fromDatabase }: MadeEvent, { seal }: Recorder['outbox']) {
  const parts = databaseParts.filter((part) => part === 'subject' || fromDatabase.includes(part))
  const either = (named: string | null, unnamed: string | null): SQL =>
    sql`CASE WHEN ${condition} THEN ${named} ELSE ${unnamed} END`
  return {
    subject_id: either(event.subject_id, null),
    seal: either(seal(event, fromDatabase), seal({ ...event, subject_id: null }, parts)),
  }
}
