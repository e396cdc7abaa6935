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
import { selectBundles } from './select-bundles.ts'
import { type StoredEvent, showToSubject, storedEvent } from './subject-event.ts'

export interface ActivityQuery {
  /** 1 to 100. */
  readonly limit: number
  /** The `next_cursor` of the previous page. */
  readonly cursor?: string | undefined
}

/**
 * Lists the signed-in person's own audit events, newest first: those in the database, then those in bundles
 * (`AUDIT_BUNDLE_DAYS`). One wait for a page of the database alone: the session, the events, the names of the
 * bundles and the key are read in parallel. A page that reaches the bundles waits for the vault as well.
 * @throws AppError `invalid_access_token`, `unavailable`
 */
export async function listActivity(
  ctx: Pick<Context, 'db' | 'vault' | 'activityStore' | 'ring' | 'now'>,
  ref: SessionRef,
  { limit, cursor }: ActivityQuery,
): Promise<Activity> {
  const { userId } = ref
  const [{ live, rows, bundles }, lookup] = await Promise.all([
    ctx.db.batch({
      live: selectLiveSession(ref, ctx.now),
      rows: selectEvents(userId, { limit, cursor }),
      bundles: selectBundles(userId),
    }),
    ctx.vault.find(userId),
  ])
  if (live.length === 0) throw new AppError('invalid_access_token')
  const key = requireKey(lookup)
  const hot = await Promise.all(rows.map((row) => showToSubject({ key, ring: ctx.ring }, userId, row)))
  const isAllHot = rows.length <= limit
  if (bundles.length > 0) {
    const { addBundledPage } = await import('./add-bundled-page.ts')
    return addBundledPage(ctx, { userId, key, limit, cursor, hot, isAllHot, bundles })
  }
  const events = hot.slice(0, limit)
  return { events, next_cursor: isAllHot ? null : (events.at(-1)?.id ?? null) }
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
