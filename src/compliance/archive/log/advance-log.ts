import { type SQL, sql } from 'drizzle-orm'
import type { Archiving } from '../../../context.ts'
import { assignments, excluded, insertInto, onConflict } from '../../../storage/database/writes.ts'
import { auditEvents, logHead } from '../../../storage/schema/index.ts'
import type { LogHead } from '../format/log-head.ts'
import type { SignedSegment } from '../format/signed-segment.ts'
import type { AcceptedEvent } from './judge-event.ts'

/** What a segment changes in the database. */
interface Advance extends SignedSegment {
  /** The checkpoint that the database has, as it was read; null if it has none. */
  readonly stored: string | null
  /** Events of this run. Those in the segment that a restored database has lost are inserted again. */
  readonly events: readonly AcceptedEvent[]
}

/** Makes a segment the newest one in the database, and marks its events as archived in it. */
export async function advanceLog({ db, now }: Archiving, { head, segment, stored, events }: Advance): Promise<void> {
  const ids = segment.lines.map(({ id }) => id)
  const own = new Set(ids)
  const returned = events.filter(({ event }) => own.has(event.id))
  await db.batch({
    advanced: moveHead(head, { now, stored, followed: head.sequence }),
    returned: returned.length === 0 ? undefined : insertReturned(returned),
    archived: markArchived(ids, head.sequence, now),
  })
}

/** Inserts events that a restored database has lost, with the segments in which they are. */
export async function restoreEvents(
  { db, now }: Archiving,
  lost: readonly AcceptedEvent[],
  segments: ReadonlyMap<string, number>,
): Promise<void> {
  for (const accepted of lost) {
    const { id } = accepted.event
    await db.batch({ returned: insertReturned([accepted]), archived: markArchived([id], segments.get(id) ?? 0, now) })
  }
}

interface Move {
  readonly now: number
  readonly stored: string | null
  /** The rows of all events up to this segment are marked, if no earlier segment is waiting for that. */
  readonly followed: number
}

/**
 * Replaces the checkpoint that was read. If another run has replaced it in the meantime, nothing happens:
 * that run was as far, or the next run corrects it.
 */
export const moveHead = ({ checkpoint }: LogHead, { now, stored, followed }: Move): SQL => sql`
  ${insertInto(logHead, { id: 1, checkpoint, advanced_at: now, followed })}
  ${onConflict(
    [logHead.id],
    assignments(logHead, {
      checkpoint: excluded(logHead.checkpoint),
      advanced_at: excluded(logHead.advancedAt),
      followed: sql`CASE WHEN ${logHead.followed} = ${followed - 1} THEN ${followed} ELSE ${logHead.followed} END`,
    }),
  )}
  WHERE ${stored === null ? sql`typeof(${logHead.checkpoint}) <> 'text'` : sql`${logHead.checkpoint} = ${stored}`}`

/** Marks the rows of events as archived in a segment. */
export const markArchived = (ids: readonly string[], sequence: number, now: number): SQL => sql`
  UPDATE audit_events
  SET ${assignments(auditEvents, {
    archived_in: sequence,
    archived_at: now,
    sent_at: sql`coalesce(${auditEvents.sentAt}, ${now})`,
  })}
  WHERE archived_in IS NOT ${sequence} AND id IN (SELECT value FROM json_each(${JSON.stringify(ids)}))`

/** Inserts events again that a restored database has lost, so that they are known as archived. */
function insertReturned(events: readonly AcceptedEvent[]): SQL {
  const rows = JSON.stringify(events.map(({ event }) => event))
  const inserted = insertInto(
    auditEvents,
    {
      id: sql`value ->> 'id'`,
      occurred_at: sql`value ->> 'occurred_at'`,
      action: sql`value ->> 'action'`,
      outcome: sql`value ->> 'outcome'`,
      actor_type: sql`value ->> 'actor_type'`,
      actor_id: sql`value ->> 'actor_id'`,
      subject_id: sql`value ->> 'subject_id'`,
      request_id: sql`value ->> 'request_id'`,
      detail: sql`value ->> 'detail'`,
      note_enc: sql`value ->> 'note_enc'`,
      seal: sql`value ->> 'seal'`,
    },
    { from: sql`json_each(${rows})` },
  )
  return sql`${inserted} ON CONFLICT DO NOTHING`
}
