import { sql } from 'drizzle-orm'
import type { UserId } from '../../core/ids.ts'
import type { Archive } from '../../core/ports.ts'
import type { Database } from '../../storage/database/database.ts'
import type { Row } from '../../storage/database/members.ts'
import { isReadableEvent } from '../../storage/database/outbox-columns.ts'
import { columnsOf, withRows } from '../../storage/database/rows.ts'
import type { Statement } from '../../storage/database/statement.ts'
import { archivePlaces } from '../../storage/schema/index.ts'
import { parseOldSegment } from '../archive/old-segment.ts'
import { oldSegmentPath } from '../archive/segment-number.ts'
import { type StoredEvent, storedEvent } from './subject-event.ts'

export interface EventsAbout {
  /** Oldest first, without duplicates. */
  readonly events: readonly StoredEvent[]
  /** Numbers of segments that hold events of this person but are missing or damaged. */
  readonly unreadableSegments: readonly number[]
}

/** A Worker can have six connections open at once. Further reads would only wait in memory. */
const SEGMENTS_AT_ONCE = 6

/**
 * Finds every event about a person, in the database and in the archive. The database is read first. An event
 * that is deleted from the database between the two reads is still found, because its archive segment was
 * recorded long before.
 */
export async function findEventsAbout(
  { db, archive }: { readonly db: Database; readonly archive: Archive },
  userId: UserId,
): Promise<EventsAbout> {
  const hot = await db.all(selectEventsAbout(userId))
  const places = await db.all(selectPlaces(userId))
  const byId = new Map<string, StoredEvent>()
  const unreadableSegments: number[] = []
  for (let start = 0; start < places.length; start += SEGMENTS_AT_ONCE) {
    const chunk = places.slice(start, start + SEGMENTS_AT_ONCE)
    const read = chunk.map(async ({ sequence }) => [sequence, await readEvents(archive, sequence, userId)] as const)
    for (const [sequence, events] of await Promise.all(read)) {
      if (events === undefined) unreadableSegments.push(sequence)
      for (const event of events ?? []) byId.set(event.id, event)
    }
  }
  for (const event of hot) byId.set(event.id, event)
  const events = [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
  return { events, unreadableSegments }
}

async function readEvents(
  archive: Archive,
  sequence: number,
  userId: UserId,
): Promise<readonly StoredEvent[] | undefined> {
  const text = await archive.read(oldSegmentPath(sequence))
  const segment = text === undefined ? undefined : parseOldSegment(text)
  const events = segment?.events.filter(({ subject_id }) => subject_id === userId)
  return events?.map((event) => ({ ...event, note_enc: null }))
}

/** Index `audit_events_subject`. */
const selectEventsAbout = (userId: UserId): Statement<StoredEvent> =>
  withRows(
    storedEvent,
    sql`SELECT ${columnsOf(storedEvent)} FROM audit_events WHERE subject_id = ${userId} AND ${isReadableEvent}`,
  )

const place = { sequence: archivePlaces.sequence } as const

const selectPlaces = (userId: UserId): Statement<Row<typeof place>> =>
  withRows(place, sql`SELECT ${columnsOf(place)} FROM archive_places WHERE user_id = ${userId} ORDER BY sequence`)
