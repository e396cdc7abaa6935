import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { timePrefix } from '../../core/ids.ts'
import { HOUR_MS } from '../../core/time.ts'
import { eventColumns, isReadableEvent, type SentEvent, sentEvent } from '../../storage/database/outbox-columns.ts'
import { withRows } from '../../storage/database/rows.ts'
import type { Statement } from '../../storage/database/statement.ts'
import { assignments } from '../../storage/database/writes.ts'
import { auditEvents } from '../../storage/schema/index.ts'

type RecordedEvents = Pick<Context, 'db' | 'sendGathered' | 'requestId' | 'now' | 'outbox'>

const RESENT_AT_ONCE = 100

/**
 * An event that is not archived this long after it occurred, or after it was sent again, is sent again. Its
 * request was probably cut off, or a queue has lost its message. The consumer drops duplicates.
 */
const RESEND_AFTER_MS = HOUR_MS

/** While more messages than this wait in the queue, the missing events are probably among them. */
const MOST_WAITING = 1000

/**
 * Sends the events that this request has recorded. Never throws, because `resendEvents` sends what is
 * missing. `sent_at` is normally left to `resendEvents`: only `archived_at` proves that an event is safe.
 */
export async function sendRecordedEvents(ctx: RecordedEvents): Promise<void> {
  try {
    await ctx.sendGathered(await takeEvents(ctx))
  } catch {
    // The event is committed; `resendEvents` sends it again.
  }
}

/**
 * Takes the events that the database returned when it stored them. If a reply of the database was lost, the
 * events of this request are selected by their time instead.
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

/**
 * Sends events that were not sent, and again those that were not archived. Run by the cron. After an outage
 * it sends nothing until the consumer has caught up: it would double the messages of the events that wait.
 * @returns how many were sent; at most `limit`, rounded up to a full page
 */
export async function resendEvents(
  { db, sendEvents, countWaitingEvents, now }: Pick<Context, 'db' | 'sendEvents' | 'countWaitingEvents' | 'now'>,
  limit: number,
): Promise<number> {
  if ((await countWaitingEvents()) > MOST_WAITING) return 0
  let sent = 0
  while (sent < limit) {
    const events = await db.all(
      markSent(
        now,
        sql`id IN (
          SELECT id FROM audit_events
          WHERE archived_at IS NULL AND ${isReadableEvent} AND (sent_at < ${now - RESEND_AFTER_MS}
            OR (sent_at IS NULL AND occurred_at < ${now - RESEND_AFTER_MS}))
          LIMIT ${RESENT_AT_ONCE})`,
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
