import { type SQL, sql } from 'drizzle-orm'
import { timePrefix, type UserId } from '../core/ids.ts'
import type { Row } from '../storage/database/members.ts'
import { isReadableEvent, sentEvent } from '../storage/database/outbox-columns.ts'
import { columnsOf, withRows } from '../storage/database/rows.ts'
import type { Statement } from '../storage/database/statement.ts'
import { auditEvents } from '../storage/schema/index.ts'

/** Which events of the audit trail to select. All given conditions must hold. */
export interface EventQuery {
  readonly actorId?: UserId | undefined
  readonly subjectId?: UserId | undefined
  readonly action?: string | undefined
  /** Inclusive, Unix milliseconds. */
  readonly occurredAfterMs?: number | undefined
  /** Exclusive. */
  readonly occurredBeforeMs?: number | undefined
  /** UUID v7 of the last event of the previous page. */
  readonly cursor?: string | undefined
  readonly limit: number
}

const { seal: _, ...shown } = sentEvent

const eventMembers = {
  ...shown,
  pii_enc: auditEvents.piiEnc,
  archived_at: auditEvents.archivedAt,
} as const

export type EventRow = Row<typeof eventMembers>

/** Sorts after every id. */
const AFTER_ALL = 'g'

/**
 * Selects one page, newest first. Ids begin with the time, so a range of time is a range of ids. Every form
 * of the query reads one index in order and stops at the end of the page: the primary key,
 * `audit_events_subject`, `_actor` or `_action`.
 */
export const selectEvents = (query: EventQuery): Statement<EventRow> => withRows(eventMembers, chooseQuery(query))

function chooseQuery(query: EventQuery): SQL {
  const { actorId, subjectId } = query
  if (actorId === undefined) return selectPage(query, sql`true`)
  // The index of actors holds only events in which actor and subject differ, such as those of operators.
  // Events in which a user is both are found by the index of subjects.
  const byOthers = selectPage(query, sql`actor_id = ${actorId} AND actor_id IS NOT subject_id`)
  if (subjectId !== undefined && subjectId !== actorId) return byOthers
  return sql`
    SELECT * FROM (${byOthers}) UNION ALL
    SELECT * FROM (${selectPage({ ...query, subjectId: actorId }, sql`actor_id = ${actorId}`)})
    ORDER BY id DESC LIMIT ${query.limit + 1}`
}

/** Selects one row more than the limit, to learn whether there is a next page. */
function selectPage(query: EventQuery, condition: SQL): SQL {
  const { subjectId, action, limit, occurredAfterMs } = query
  const conditions = [
    condition,
    isReadableEvent,
    sql`id < ${upperBound(query)}`,
    ...(occurredAfterMs === undefined ? [] : [sql`id >= ${timePrefix(occurredAfterMs)}`]),
    ...(subjectId === undefined ? [] : [sql`subject_id = ${subjectId}`]),
    ...(action === undefined ? [] : [sql`action = ${action}`]),
  ]
  return sql`
    SELECT ${columnsOf(eventMembers)} FROM audit_events WHERE ${sql.join(conditions, sql` AND `)} ORDER BY id DESC LIMIT ${limit + 1}`
}

function upperBound({ cursor = AFTER_ALL, occurredBeforeMs }: EventQuery): string {
  const end = occurredBeforeMs === undefined ? AFTER_ALL : timePrefix(occurredBeforeMs)
  return cursor < end ? cursor : end
}
