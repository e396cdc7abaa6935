import { type SQL, sql } from 'drizzle-orm'
import { tryStoredObject } from '../../core/json.ts'
import { auditEvents } from '../schema/index.ts'
import type { Row } from './members.ts'

/** The parts of an event that its seal covers, and the seal. */
export const sentEvent = {
  id: auditEvents.id,
  occurred_at: auditEvents.occurredAt,
  action: auditEvents.action,
  outcome: auditEvents.outcome,
  actor_type: auditEvents.actorType,
  actor_id: auditEvents.actorId,
  subject_id: auditEvents.subjectId,
  request_id: auditEvents.requestId,
  detail: auditEvents.detail,
  note_enc: auditEvents.noteEnc,
  seal: auditEvents.seal,
} as const
export type SentEvent = Row<typeof sentEvent>

/** The last millisecond that a date can name (ECMA-262 section 21.4.1.1). */
export const LATEST_TIME_MS = 8.64e15

/**
 * SQL condition on `audit_events`: the row has the types that this service writes. Anyone who can write the
 * database can insert a row that has not. Without this condition one such row would fail a whole page.
 */
export const isReadableEvent: SQL = sql`
  typeof(${auditEvents.id}) = 'text' AND typeof(${auditEvents.action}) = 'text'
  AND typeof(${auditEvents.occurredAt}) = 'integer' AND ${auditEvents.occurredAt} BETWEEN 0 AND ${sql.raw(String(LATEST_TIME_MS))}
  AND ${auditEvents.outcome} IN ('success', 'failure') AND ${auditEvents.actorType} IN ('anonymous', 'user', 'system')
  AND typeof(${auditEvents.actorId}) IN ('text', 'null') AND typeof(${auditEvents.subjectId}) IN ('text', 'null')
  AND typeof(${auditEvents.requestId}) = 'text' AND typeof(${auditEvents.detail}) IN ('text', 'null')
  AND typeof(${auditEvents.piiEnc}) IN ('text', 'null') AND typeof(${auditEvents.noteEnc}) IN ('text', 'null')
  AND typeof(${auditEvents.seal}) IN ('text', 'null')`

/** The detail of an event. Null if the event has none, or if it is not a JSON object. */
export const readDetail = (detail: string | null): Readonly<Record<string, unknown>> | null =>
  detail === null ? null : (tryStoredObject(detail) ?? null)
