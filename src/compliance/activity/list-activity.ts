import { sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { requireKey } from '../../core/data-key.ts'
import { AppError } from '../../core/errors.ts'
import type { UserId } from '../../core/ids.ts'
import { type SessionRef, selectLiveSession } from '../../storage/database/live-session.ts'
import { isReadableEvent } from '../../storage/database/outbox-columns.ts'
import { columnsOf, withRows } from '../../storage/database/rows.ts'
import type { Statement } from '../../storage/database/statement.ts'
import type { Activity } from './activity-view.ts'
import { type StoredEvent, showToSubject, storedEvent } from './subject-event.ts'

export interface ActivityQuery {
  /** 1 to 100. */
  readonly limit: number
  /** The `next_cursor` of the previous page. */
  readonly cursor?: string | undefined
}

/**
 * Lists the signed-in person's own audit events, newest first, for as long as they are in the database
 * (`AUDIT_HOT_DAYS`). One wait: the session, the events and the key are read in parallel.
 * @throws AppError `invalid_access_token`, `unavailable`
 */
export async function listActivity(
  { db, vault, now }: Pick<Context, 'db' | 'vault' | 'now'>,
  ref: SessionRef,
  query: ActivityQuery,
): Promise<Activity> {
  const [{ live, rows }, lookup] = await Promise.all([
    db.batch({ live: selectLiveSession(ref, now), rows: selectEvents(ref.userId, query) }),
    vault.find(ref.userId),
  ])
  if (live.length === 0) throw new AppError('invalid_access_token')
  const key = requireKey(lookup)
  const shown = rows.slice(0, query.limit)
  const events = await Promise.all(shown.map((row) => showToSubject(key, ref.userId, row)))
  return { events, next_cursor: rows.length > query.limit ? (shown.at(-1)?.id ?? null) : null }
}

/**
 * Selects one row more than the limit, to learn whether there is a next page. Index `audit_events_subject`.
 */
const selectEvents = (userId: UserId, { limit, cursor }: ActivityQuery): Statement<StoredEvent> =>
  withRows(
    storedEvent,
    sql`
      SELECT ${columnsOf(storedEvent)} FROM audit_events
      WHERE subject_id = ${userId} AND ${isReadableEvent} ${cursor === undefined ? sql`` : sql`AND id < ${cursor}`}
      ORDER BY id DESC LIMIT ${limit + 1}`,
  )
