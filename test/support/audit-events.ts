import { env } from 'cloudflare:workers'
import type { ArchivedEvent } from '../../src/compliance/archive/old-segment.ts'

/** The nth of a series of events, which differ only in their id. */
export const event = (n: number): ArchivedEvent => ({
  id: `01900000-0000-7000-8000-${String(n).padStart(12, '0')}`,
  occurred_at: Date.now(),
  action: 'user.signed_in',
  outcome: 'success',
  actor_type: 'anonymous',
  actor_id: null,
  subject_id: null,
  request_id: crypto.randomUUID(),
  detail: null,
  pii_enc: null,
})

/** Writes events as a verb does. */
export async function record(events: readonly ArchivedEvent[]): Promise<void> {
  await env.DB.prepare(
    `INSERT INTO audit_events (id, occurred_at, action, outcome, actor_type, request_id)
     SELECT value ->> 'id', value ->> 'occurred_at', value ->> 'action', value ->> 'outcome', value ->> 'actor_type',
       value ->> 'request_id' FROM json_each(?)`,
  )
    .bind(JSON.stringify(events))
    .run()
}
