import { sql } from 'drizzle-orm'
import type { Context, LogReading } from '../../../context.ts'
import { HOUR_MS } from '../../../core/time.ts'
import { isReadableEvent, type SentEvent, sentEvent } from '../../../storage/database/outbox-columns.ts'
import { columnsOf, withRows } from '../../../storage/database/rows.ts'
import type { Statement } from '../../../storage/database/statement.ts'
import { assignments } from '../../../storage/database/writes.ts'
import { auditEvents } from '../../../storage/schema/index.ts'
import { keepingSteps } from '../events/dead-letters.ts'
import { acceptEvents, type RefusedEvent } from './accept-events.ts'

type Dependencies = LogReading & Pick<Context, 'ring' | 'sendEvents' | 'countWaitingEvents' | 'now'>

const RESENT_AT_ONCE = 100

/**
 * An event that is not archived this long after it occurred, or after it was sent again, is sent again. Its
 * request was probably cut off, or a queue has lost its message. The consumer drops duplicates.
 */
const RESEND_AFTER_MS = HOUR_MS

/** While more messages than this wait in the queue, the missing events are probably among them. */
const MOST_WAITING = 1000

/**
 * Sends events that were not sent, and again those that were not archived. Run by the cron. After an outage
 * it sends nothing until the consumer has caught up: it would double the messages of the events that wait.
 *
 * A row whose seal does not hold is not sent: this service did not write it, or an attacker changed it.
 * @returns how many were sent; at most `limit`, rounded up to a full page
 */
export async function resendEvents(ctx: Dependencies, limit: number): Promise<number> {
  if ((await ctx.countWaitingEvents()) > MOST_WAITING) return 0
  let sent = 0
  for (let read = 0; read < limit; ) {
    const rows = await ctx.db.all(markMissing(ctx.now))
    if (rows.length === 0) break
    read += rows.length
    sent += await resendPage(ctx, rows)
  }
  return sent
}

async function resendPage(ctx: Dependencies, rows: readonly SentEvent[]): Promise<number> {
  const messages = rows.map((row) => ({ id: `row:${row.id}`, body: row }))
  const { accepted, refused } = await acceptEvents(ctx, { queue: 'audit_events', messages })
  if (refused.length > 0) await refuseRows(ctx, refused)
  await ctx.sendEvents(accepted.map(({ event }) => event))
  return accepted.length
}

/**
 * Keeps the rows as dead letters, and marks them so that they are not found again. Rows that this service did
 * not write also expire, as archived ones do. If the event is genuine, and its message is still in the queue,
 * the consumer archives it all the same.
 */
async function refuseRows({ db, now }: Dependencies, letters: readonly RefusedEvent<SentEvent>[]): Promise<void> {
  const rows = JSON.stringify(letters.map(({ body, reason }) => ({ id: body.id, expires: reason === 'unsealed' })))
  await db.batch({
    ...keepingSteps(letters, now),
    refused: sql`
      UPDATE audit_events SET ${assignments(auditEvents, {
        archived_in: 0,
        archived_at: sql`iif(refused.value ->> 'expires', ${now}, NULL)`,
      })}
      FROM json_each(${rows}) AS refused
      WHERE audit_events.archived_at IS NULL AND audit_events.id = refused.value ->> 'id'`,
  })
}

/** Index `audit_events_unarchived`. */
const markMissing = (now: number): Statement<SentEvent> =>
  withRows(
    sentEvent,
    sql`
      UPDATE audit_events SET ${assignments(auditEvents, { sent_at: now })}
      WHERE id IN (
        SELECT id FROM audit_events
        WHERE archived_at IS NULL AND archived_in IS NULL AND ${isReadableEvent} AND (sent_at < ${now - RESEND_AFTER_MS}
          OR (sent_at IS NULL AND occurred_at < ${now - RESEND_AFTER_MS}))
        LIMIT ${RESENT_AT_ONCE})
      RETURNING ${columnsOf(sentEvent)}`,
  )
