import { sql } from 'drizzle-orm'
import type { Archiving, Context } from '../../../context.ts'
import { tryStored } from '../../../core/json.ts'
import { DAY_MS, HOUR_MS } from '../../../core/time.ts'
import { columnsOf, withRows } from '../../../storage/database/rows.ts'
import { assignments } from '../../../storage/database/writes.ts'
import { auditEvents, deadLetters } from '../../../storage/schema/index.ts'
import { eventMessageSchema } from '../events/event-message.ts'
import type { LogHead } from '../format/log-head.ts'
import { parseOldSegment } from '../format/old-segment.ts'
import { oldSegmentPath } from '../format/segment-number.ts'

type Dependencies = Archiving & Pick<Context, 'sendEvents'>

/** For so long after the start of format 2, this service looks for what the version before left behind. */
const WATCHED_FOR_MS = DAY_MS

/**
 * Corrects what a Worker of the version before does while it is being replaced. Every step can be repeated.
 * Run by the cron, for a day.
 */
export async function takeOver(ctx: Dependencies, { started }: Pick<LogHead, 'started'>): Promise<void> {
  if (ctx.now > started.atMs + WATCHED_FOR_MS) return
  await reopenEvents(ctx, started)
  await sendLettersAgain(ctx)
}

/** Segments of format 1 after the end of their chain that are looked at. */
const MOST_LEFT = 50

/**
 * Segments of format 1 after the end of their chain are no part of the archive. The Worker of the version
 * before wrote them, was not allowed to sign them, and may have marked their events as archived all the same.
 * These marks are removed, so that the events are archived.
 *
 * Marks that are older than an hour are left: an attacker who planted such a segment would otherwise have
 * events archived a second time.
 */
async function reopenEvents(
  { archive, db }: Dependencies,
  { sequence: first, atMs }: LogHead['started'],
): Promise<void> {
  for (let sequence = first; sequence < first + MOST_LEFT; sequence++) {
    const segment = parseOldSegment((await archive.read(oldSegmentPath(sequence))) ?? '')
    if (segment === undefined) return
    const ids = JSON.stringify(segment.events.map(({ id }) => id))
    await db.batch({
      reopened: sql`
        UPDATE audit_events SET ${assignments(auditEvents, { archived_at: null, sent_at: null })}
        WHERE archived_in IS NULL AND archived_at > ${atMs - HOUR_MS} AND id IN (SELECT value FROM json_each(${ids}))`,
    })
  }
}

const letter = { id: deadLetters.id, body: deadLetters.body } as const

const LETTERS_AT_ONCE = 100

/**
 * The Worker of the version before cannot read events with a seal, and puts them among the dead letters. It
 * gives no reason, and this version always does. These events are sent to the queue again, and their letters
 * are deleted. Index `dead_letters_waiting`.
 */
async function sendLettersAgain({ db, sendEvents }: Dependencies): Promise<void> {
  const letters = await db.all(
    withRows(
      letter,
      sql`
        SELECT ${columnsOf(letter)} FROM dead_letters
        WHERE replayed_at IS NULL AND received_at > 0 AND reason IS NULL AND queue LIKE '%-audit'
        LIMIT ${LETTERS_AT_ONCE}`,
    ),
  )
  const found = letters.map(({ id, body }) => ({ id, event: tryStored(eventMessageSchema, body) }))
  const readable = found.filter(({ event }) => event !== undefined)
  if (readable.length === 0) return
  await sendEvents(readable.flatMap(({ event }) => event ?? []))
  const ids = JSON.stringify(readable.map(({ id }) => id))
  await db.batch({ sent: sql`DELETE FROM dead_letters WHERE id IN (SELECT value FROM json_each(${ids}))` })
}
