import { sql } from 'drizzle-orm'
import { readDetails } from '../compliance/activity/subject-event.ts'
import type { Context } from '../context.ts'
import type { UserId } from '../core/ids.ts'
import type { OperatorReason } from '../core/operator.ts'
import type { DataKeyLookup } from '../core/ports.ts'
import { DAY_MS, rfc3339 } from '../core/time.ts'
import type { SealedDetails } from '../storage/database/event-details.ts'
import { recordEvent } from '../storage/database/outbox.ts'
import { readDetail } from '../storage/database/outbox-columns.ts'
import { columnsOf, computed, withRows } from '../storage/database/rows.ts'
import type { Statement } from '../storage/database/statement.ts'
import { mayBeNamed } from '../storage/database/users.ts'
import type { AuditPage, ListedEvent } from './audit-view.ts'
import { type EventQuery, type EventRow, selectEvents } from './event-query.ts'
import { type Operating, operatorSession } from './operation.ts'
import { toPage } from './page.ts'

export interface EventSearch extends EventQuery {
  /**
   * The reason for showing the encrypted details of the events of one subject. It is recorded. Without a
   * subject, no details are shown.
   */
  readonly revealFor?: OperatorReason | undefined
}

type Dependencies = Operating & Pick<Context, 'vault' | 'settings'>

/** Lists one page of the audit trail, for as long as events are in the database (`AUDIT_HOT_DAYS`). */
export async function listEvents(ctx: Dependencies, search: EventSearch): Promise<AuditPage> {
  const { subjectId, revealFor } = search
  const revealed = revealFor === undefined ? {} : { revealed_for: revealFor }
  const detail = { ...operatorSession(ctx), filters: filtersOf(search), ...revealed }
  const [{ rows, hot }, lookup] = await Promise.all([
    ctx.db.batch({
      rows: selectEvents(search),
      record: recordEvent(
        ctx,
        { action: 'operator.audit_searched', outcome: 'success', ...(subjectId && { subjectId }), detail },
        subjectId && { namesSubjectIf: mayBeNamed(subjectId) },
      ),
      hot: selectCompleteSince(ctx),
    }),
    revealFor && subjectId ? ctx.vault.find(subjectId) : undefined,
  ])
  const { items, nextCursor } = toPage(rows, search.limit, ({ id }) => id)
  return {
    events: await Promise.all(items.map((row) => openEvent(row, subjectId, lookup))),
    next_cursor: nextCursor,
    complete_since: rfc3339(hot[0]?.complete_since ?? ctx.now),
  }
}

/** So many events are looked at to find the oldest archived one. Others are waiting to be archived. */
const OLDEST = sql.raw('100')

/**
 * Selects the time since when the list is complete. Archived events are deleted `AUDIT_HOT_DAYS` after they
 * occurred, oldest first. The setting alone is not enough, because it may have been shorter until recently.
 * The oldest archived event that is left is not enough either, because a run may be deleting others. So the
 * later of the two counts. Without an archived event among the oldest ones, the database has everything since
 * the archive last grew. Reads the beginning of the primary key.
 */
function selectCompleteSince({ settings, now }: Dependencies): Statement<{ readonly complete_since: number }> {
  const members = {
    complete_since: computed.integer(sql`max(${now - settings.AUDIT_HOT_DAYS * DAY_MS}, coalesce(
      (SELECT min(occurred_at) FROM (
        SELECT occurred_at, archived_at FROM audit_events WHERE id > '' ORDER BY id LIMIT ${OLDEST})
        WHERE archived_at IS NOT NULL),
      (SELECT advanced_at FROM log_head), (SELECT advanced_at FROM archive_head), 0))`),
  } as const
  return withRows(members, sql`SELECT ${columnsOf(members)}`)
}

async function openEvent(
  row: EventRow,
  subjectId: UserId | undefined,
  lookup: DataKeyLookup | undefined,
): Promise<ListedEvent> {
  const sealed =
    subjectId !== undefined && lookup?.kind === 'found' ? await readDetails(lookup.key, subjectId, row) : {}
  return showEvent(row, sealed)
}

/** @param sealed the decrypted details to show; empty when they are not revealed */
export function showEvent(row: Omit<EventRow, 'pii_enc' | 'note_enc'>, sealed: SealedDetails): ListedEvent {
  return {
    id: row.id,
    occurred_at: rfc3339(row.occurred_at),
    action: row.action,
    outcome: row.outcome,
    actor_type: row.actor_type,
    actor_id: row.actor_id,
    subject_id: row.subject_id,
    request_id: row.request_id,
    detail: readDetail(row.detail),
    is_archived: row.archived_at !== null,
    ...sealed,
  }
}

const FILTERS = {
  actorId: 'actor',
  subjectId: 'subject',
  action: 'action',
  occurredAfterMs: 'occurred_after',
  occurredBeforeMs: 'occurred_before',
} as const satisfies Partial<Record<keyof EventSearch, string>>

const filtersOf = (search: EventSearch): readonly string[] =>
  Object.entries(FILTERS).flatMap(([member, name]) =>
    search[member as keyof typeof FILTERS] === undefined ? [] : [name],
  )
