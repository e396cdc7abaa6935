import * as z from 'zod'
import { answerSchema, orNull, time, type View } from '../core/answer-schema.ts'

/** An event, as operators see it. */
const auditEventView = answerSchema('AuditEvent', () => ({
  id: z.uuid(),
  occurred_at: time(),
  action: z.string(),
  outcome: z.enum(['success', 'failure']),
  actor_type: z.enum(['anonymous', 'user', 'system']),
  actor_id: orNull(z.string()),
  subject_id: orNull(z.string()),
  request_id: z.string(),
  detail: orNull(z.record(z.string(), z.unknown())),
  is_archived: z.boolean(),
  /** The actor's device, and an operator's note. Present when revealed and stored. */
  ip: z.string().optional(),
  user_agent: z.string().optional(),
  city: z.string().optional(),
  country: z.string().optional(),
  note: z.string().optional(),
}))

export type ListedEvent = View<typeof auditEventView>

/** The answer of `GET /admin/audit`: a page of the trail. */
export const auditPageView = answerSchema('AuditPage', () => ({
  events: z.array(auditEventView.schema),
  next_cursor: orNull(z.string()),
  /** Since when the list is complete. Older events may be only in the archive. */
  complete_since: time(),
}))

export type AuditPage = View<typeof auditPageView>
