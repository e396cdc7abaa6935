import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { timePrefix } from '../../core/ids.ts'
import { eventColumns, type SentEvent, sentEvent } from '../../storage/database/outbox-columns.ts'
import { withRows } from '../../storage/database/rows.ts'
import type { Statement } from '../../storage/database/statement.ts'
import { assignments } from '../../storage/database/writes.ts'
import { auditEvents } from '../../storage/schema/index.ts'

type RecordedEvents = Pick<Context, 'db' | 'sendGathered' | 'requestId' | 'now' | 'outbox'>

const SWEPT_AT_ONCE = 100

/** A message that has not led to the archive by then is sent again; the consumer drops what it has seen. */
const RESEND_AFTER_MS = 10 * 60_000

/** An event that nobody has sent by then was left behind by a request that was cut off. */
const ORPHANED_AFTER_MS = 60_000

/**
 * Sends the events that this request has recorded. Never throws; the sweep makes good. `sent_at` is left for
 * those who send again: only `archived_at` says that an event is safe.
 */
export async function sendRecordedEvents(ctx: RecordedEvents): Promise<void> {
  try {
    await ctx.sendGathered(await takeEvents(ctx))
  } catch {
    // The event is committed; it is sent again by `resendEvents`.
  }
}

/**
 * As the database returned them when it took them; read again, by their time, when an answer of it was lost.
 */
async function takeEvents({ db, requestId, now, outbox }: RecordedEvents) {
  await Promise.allSettled(outbox.unfinished)
  const events = [...outbox.events.values()]
  outbox.events.clear()
  if (outbox.unanswered === 0) return events
  return db.all(
    markSent(
      now,
      sql`id > ${timePrefix(now)} AND id < ${timePrefix(now + 1)} AND request_id = ${requestId} AND sent_at IS NULL`,
    ),
  )
}

/** The sweep: sends what was not sent, and again what did not arrive. @returns how many, at most `limit` */
export async function resendEvents(
  { db, sendEvents, now }: Pick<Context, 'db' | 'sendEvents' | 'now'>,
  limit: number,
): Promise<number> {
  let sent = 0
  while (sent < limit) {
    const events = await db.all(
      markSent(
        now,
        sql`id IN (
          SELECT id FROM audit_events
          WHERE archived_at IS NULL AND (sent_at < ${now - RESEND_AFTER_MS}
            OR (sent_at IS NULL AND occurred_at < ${now - ORPHANED_AFTER_MS}))
          LIMIT ${SWEPT_AT_ONCE})`,
      ),
    )
    if (events.length === 0) break
    await sendEvents(events)
    sent += events.length
  }
  return sent
}

const markSent = (now: number, condition: SQL): Statement<SentEvent> =>
  withRows(
    sentEvent,
    sql`
      UPDATE audit_events SET ${assignments(auditEvents, { sent_at: now })}
      WHERE ${condition} RETURNING ${eventColumns}`,
  )
