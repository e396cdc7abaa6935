import { sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { requireKey } from '../../core/data-key.ts'
import { AppError } from '../../core/errors.ts'
import type { UserId } from '../../core/ids.ts'
import { type SessionRef, selectLiveSession } from '../../storage/database/live-session.ts'
import { columnsOf, withRows } from '../../storage/database/rows.ts'
import type { Statement } from '../../storage/database/statement.ts'
import type { Activity } from './activity-view.ts'
import { type StoredEvent, showToSubject, storedEvent } from './subject-event.ts'

export interface ActivityQuery {
  /** 1 to 100. */
  readonly limit: number
  /** The `next_cursor` of the page before. */
  readonly cursor?: string | undefined
}

/**
 * The signed-in person's own audit events, newest first, as long as they are in the database
 * (`AUDIT_HOT_DAYS`). One wait: session, events and key are asked for together.
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

/** One more than asked for, to know whether there is a next page. Index `audit_events_subject`. */
const selectEvents = (userId: UserId, { limit, cursor }: ActivityQuery): Statement<StoredEvent> =>
  withRows(
    storedEvent,
    sql`
      SELECT ${columnsOf(storedEvent)} FROM audit_events
      WHERE subject_id = ${userId} ${cursor === undefined ? sql`` : sql`AND id < ${cursor}`}
      ORDER BY id DESC LIMIT ${limit + 1}`,
  )
