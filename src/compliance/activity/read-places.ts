import { sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { inChunks } from '../../core/chunks.ts'
import type { UserId } from '../../core/ids.ts'
import { columnsOf, withRows } from '../../storage/database/rows.ts'
import { archivePlaces } from '../../storage/schema/index.ts'
import { parseOldSegment } from '../archive/format/old-segment.ts'
import { oldSegmentPath } from '../archive/format/segment-number.ts'
import type { StoredEvent } from './subject-event.ts'

interface PlacedEvents {
  readonly events: readonly StoredEvent[]
  /** Numbers of segments that hold events of this person but are missing or damaged. */
  readonly unreadableSegments: readonly number[]
}

/**
 * Reads the events of a person in old segments whose numbers `archive_places` still has, because the job
 * `bundle-places` has not reached them. Index: primary key.
 */
export async function readPlacedEvents(
  { db, archive }: Pick<Context, 'db' | 'archive'>,
  userId: UserId,
): Promise<PlacedEvents> {
  const places = await db.all(
    withRows(place, sql`SELECT ${columnsOf(place)} FROM archive_places WHERE user_id = ${userId} ORDER BY sequence`),
  )
  const read = await inChunks(places, async ({ sequence }) => ({
    sequence,
    events: (await readSegment(archive, sequence))?.filter(({ subject_id }) => subject_id === userId),
  }))
  return {
    events: read.flatMap(({ events }) => events ?? []),
    unreadableSegments: read.flatMap(({ sequence, events }) => (events === undefined ? [sequence] : [])),
  }
}

const place = { sequence: archivePlaces.sequence } as const

/** @returns undefined if the segment is missing or damaged */
export async function readSegment(
  archive: Context['archive'],
  sequence: number,
): Promise<readonly StoredEvent[] | undefined> {
  const text = await archive.read(oldSegmentPath(sequence))
  const events = text === undefined ? undefined : parseOldSegment(text)?.events
  // At the time, notes were part of `pii_enc`, and events had no seal.
  return events?.map((event) => ({
    ...event,
    subject_id: event.subject_id as UserId | null,
    note_enc: null,
    seal: null,
  }))
}
