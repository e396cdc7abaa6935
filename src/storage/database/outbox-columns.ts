import type { SQL } from 'drizzle-orm'
import { auditEvents } from '../schema/index.ts'
import { columnsOf, type Row } from './rows.ts'

/** An event as it is sent to the archive. */
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
  pii_enc: auditEvents.piiEnc,
} as const
export type SentEvent = Row<typeof sentEvent>

/** The columns of `audit_events` that make up a `SentEvent`. */
export const eventColumns: SQL = columnsOf(sentEvent)
