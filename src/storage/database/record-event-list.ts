import { type SQL, sql } from 'drizzle-orm'
import type { AuditEvent } from '../../core/audit-event.ts'
import { auditEvents } from '../schema/index.ts'
import { prepareEvent, type Recorder, takenEvents } from './outbox.ts'
import type { Statement, Taken } from './statement.ts'
import { insertInto } from './writes.ts'

interface ListedEvent {
  readonly event: AuditEvent
  /** What `onlyIf` finds as `listed('key')`. */
  readonly key: string
}

/** SQL: a member of the event that is being recorded. */
export const listed = (member: 'subject_id' | 'key'): SQL => sql.raw(`value ->> '${member}'`)

/**
 * Records many events in one statement: they travel as one JSON text, each with its seal. An event is
 * recorded only if the condition holds for it. The outbox gets each one, as after `recordEvent`.
 * @param onlyIf SQL condition, which names the members of the event by `listed`
 */
export function recordEventList(ctx: Recorder, list: readonly ListedEvent[], onlyIf: SQL): Statement<Taken> {
  const prepared = list.map(({ event }) => prepareEvent(ctx, [event, { onlyIf }]))
  const texts = prepared.map(({ values }, at) => ({ ...values, key: list[at]?.key }))
  const of = (name: string): SQL => sql.raw(`value ->> '${name}'`)
  const insertion = insertInto(
    auditEvents,
    {
      id: of('id'),
      occurred_at: of('occurred_at'),
      action: of('action'),
      outcome: of('outcome'),
      actor_type: of('actor_type'),
      actor_id: of('actor_id'),
      subject_id: of('subject_id'),
      request_id: of('request_id'),
      detail: of('detail'),
      seal: of('seal'),
    },
    { from: sql`json_each(${JSON.stringify(texts)})`, onlyIf },
  )
  return takenEvents(ctx, prepared, insertion)
}
