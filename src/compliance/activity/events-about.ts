import { sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import type { UserId } from '../../core/ids.ts'
import { isReadableEvent } from '../../storage/database/outbox-columns.ts'
import { columnsOf, withRows } from '../../storage/database/rows.ts'
import type { Statement } from '../../storage/database/statement.ts'
import type { ActivityEvent } from './activity-view.ts'
import { readBundles } from './read-bundles.ts'
import { readPlacedEvents } from './read-places.ts'
import { selectBundles } from './select-bundles.ts'
import {
  readDetails,
  type StoredEvent,
  type SubjectKeys,
  showBundled,
  showToSubject,
  storedEvent,
} from './subject-event.ts'

/** An event as an export shows it. The note of an operator is part of it, but not of the activity list. */
type ExportedEvent = ActivityEvent & { readonly note?: string }

interface EventsAbout {
  /** Oldest first, without duplicates. */
  readonly events: readonly ExportedEvent[]
  /** Names of the bundles that are missing or damaged. */
  readonly incompleteBundles: readonly string[]
  /** Numbers of the segments that are missing or damaged. */
  readonly unreadableSegments: readonly number[]
}

/**
 * Finds every event about a person: in the database, in the bundles, and in segments whose events are not in
 * a bundle yet. The database is read first, because events leave it only after they are in a bundle.
 *
 * The bundles are listed in the vault as well. A row of `activity_bundles` that a restore lost, or that an
 * attacker deleted, therefore hides none.
 */
export async function findEventsAbout(
  ctx: Pick<Context, 'db' | 'archive' | 'activityStore' | 'ring'>,
  userId: UserId,
  key: CryptoKey,
): Promise<EventsAbout> {
  const keys = { key, ring: ctx.ring }
  const rows = await ctx.db.all(selectEventsAbout(userId))
  const hot = await Promise.all(rows.map((row) => showWithNote(keys, userId, row)))
  const [recorded, listed] = await Promise.all([ctx.db.all(selectBundles(userId)), ctx.activityStore.list(userId)])
  const expected = new Map([...listed.map((period) => [period, 0] as const), ...recorded.map(entryOf)])
  const bundles = [...expected].map(([period, events]) => ({ period, events }))
  const { events: bundled, incomplete } = await readBundles(ctx, { userId, key }, bundles)
  const { events: placed, unreadableSegments } = await readPlacedEvents(ctx, userId)
  const old = await Promise.all(placed.map((event) => showWithNote(keys, userId, event)))
  const older = bundled.map((event) => ({ ...showBundled(event), ...noteOf(event.note) }))
  const byId = new Map([...older, ...old, ...hot].map((event) => [event.id, event]))
  const events = [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
  return { events, incompleteBundles: incomplete, unreadableSegments }
}

const entryOf = ({ period, events }: { readonly period: string; readonly events: number }) => [period, events] as const

async function showWithNote(keys: SubjectKeys, userId: UserId, event: StoredEvent): Promise<ExportedEvent> {
  const { note } = await readDetails(keys.key, userId, event)
  return { ...(await showToSubject(keys, userId, event)), ...noteOf(note) }
}

const noteOf = (note: string | undefined) => (note === undefined ? {} : { note })

/** Index `audit_events_subject`. */
const selectEventsAbout = (userId: UserId): Statement<StoredEvent> =>
  withRows(
    storedEvent,
    sql`SELECT ${columnsOf(storedEvent)} FROM audit_events WHERE subject_id = ${userId} AND ${isReadableEvent}`,
  )
