import { sql } from 'drizzle-orm'
import type { Context } from '../../../context.ts'
import { columnsOf, withRows } from '../../../storage/database/rows.ts'
import { storedParts, takeStored } from '../../../storage/database/take-event.ts'
import { assignments } from '../../../storage/database/writes.ts'
import { auditEvents } from '../../../storage/schema/index.ts'
import { raiseAlarm } from '../../alarms/raise-alarm.ts'

type RecordedEvents = Pick<Context, 'db' | 'sendGathered' | 'requestId' | 'now' | 'outbox'>

/**
 * Sends the events that this request has recorded. Never throws, because `resendEvents` sends what is
 * missing. `sent_at` is normally left to `resendEvents`: only `archived_at` proves that an event is safe.
 */
export async function sendRecordedEvents(ctx: RecordedEvents): Promise<void> {
  const { outbox } = ctx
  try {
    if (outbox.pending.size > 0) await findPending(ctx)
    const events = [...outbox.events.values()]
    outbox.events.clear()
    await ctx.sendGathered(events)
  } catch {
    // The event is committed; `resendEvents` sends it again.
  }
  if (outbox.isSuppressed) await raiseAlarm(ctx, 'event_suppressed')
  outbox.isSuppressed = false
  // Keeps the request running until the rows are complete.
  await Promise.allSettled(outbox.unfinished)
}

/**
 * If a reply of the database was lost, finds out which events it has stored. Their messages are the events
 * that this request made, as after a reply.
 */
async function findPending({ db, now, outbox }: RecordedEvents): Promise<void> {
  const rows = await db.all(
    withRows(
      storedParts,
      sql`
        UPDATE audit_events SET ${assignments(auditEvents, { sent_at: now })}
        WHERE id IN (SELECT value FROM json_each(${JSON.stringify([...outbox.pending.keys()])})) AND sent_at IS NULL
        RETURNING ${columnsOf(storedParts)}`,
    ),
  )
  for (const row of rows) {
    const made = outbox.pending.get(row.id)
    if (made !== undefined) takeStored(outbox, made, row)
  }
  outbox.pending.clear()
}
