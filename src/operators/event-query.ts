import { type SQL, sql } from 'drizzle-orm'
import type { StoredEvent } from '../compliance/activity/subject-event.ts'
import { timePrefix, type UserId } from '../core/ids.ts'

/** What of the audit trail the database is asked for; everything that is given must hold. */
export interface EventQuery {
  readonly actorId?: UserId | undefined
  readonly subjectId?: UserId | undefined
  readonly action?: string | undefined
  /** Inclusive, Unix milliseconds. */
  readonly occurredAfterMs?: number | undefined
  /** Exclusive. */
  readonly occurredBeforeMs?: number | undefined
  /** UUID v7 of the last event of the page before. */
  readonly cursor?: string | undefined
  readonly limit: number
}

export interface EventRow extends StoredEvent {
  readonly subject_id: UserId | null
  readonly request_id: string
  readonly archived_at: number | null
}

/** Sorts after every id. */
const AFTER_ALL = 'g'

/**
 * One page, newest first. Ids begin with the time, so a span of time is a span of ids, and every shape of the query is
 * a walk along one index that stops at the page's end: the primary key, `audit_events_subject`, `_actor` or `_action`.
 */
export function selectEvents(query: EventQuery): SQL<EventRow> {
  const { actorId, subjectId } = query
  if (actorId === undefined) return selectPage(query, sql`true`)
  // What people did to themselves lies under the subject, so that the index of actors holds operators' acts alone.
  const byOthers = selectPage(query, sql`actor_id = ${actorId} AND actor_id IS NOT subject_id`)
  if (subjectId !== undefined && subjectId !== actorId) return byOthers
  return sql`
    SELECT * FROM (${byOthers}) UNION ALL
    SELECT * FROM (${selectPage({ ...query, subjectId: actorId }, sql`actor_id = ${actorId}`)})
    ORDER BY id DESC LIMIT ${query.limit + 1}`
}

/** One more than asked for, to know whether there is a next page. */
function selectPage(query: EventQuery, condition: SQL): SQL<EventRow> {
  const { subjectId, action, limit, occurredAfterMs } = query
  const conditions = [
    condition,
    sql`id < ${upperBound(query)}`,
    ...(occurredAfterMs === undefined ? [] : [sql`id >= ${timePrefix(occurredAfterMs)}`]),
    ...(subjectId === undefined ? [] : [sql`subject_id = ${subjectId}`]),
    ...(action === undefined ? [] : [sql`action = ${action}`]),
  ]
  return sql`
    SELECT id, occurred_at, action, outcome, actor_type, actor_id, subject_id, request_id, detail, pii_enc, archived_at
    FROM audit_events WHERE ${sql.join(conditions, sql` AND `)} ORDER BY id DESC LIMIT ${limit + 1}`
}

function upperBound({ cursor = AFTER_ALL, occurredBeforeMs }: EventQuery): string {
  const end = occurredBeforeMs === undefined ? AFTER_ALL : timePrefix(occurredBeforeMs)
  return cursor < end ? cursor : end
}
