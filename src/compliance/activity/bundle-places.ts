import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { inChunks } from '../../core/chunks.ts'
import { AppError } from '../../core/errors.ts'
import type { ForAll } from '../../core/for-all.ts'
import type { UserId } from '../../core/ids.ts'
import { hasPurgeBegun } from '../../storage/database/erasure-conditions.ts'
import type { Row } from '../../storage/database/members.ts'
import { columnsOf, withRows } from '../../storage/database/rows.ts'
import { archivePlaces, auditEvents } from '../../storage/schema/index.ts'
import type { BundlingDependencies } from './bundle-people.ts'
import { findKnownBundles } from './find-known-bundles.ts'
import { readSegment } from './read-places.ts'
import { recordBundles } from './record-bundles.ts'
import { storeEvents, type WrittenBundle } from './store-bundle.ts'
import { type StoredEvent, toBundledEvent } from './subject-event.ts'

type Dependencies = BundlingDependencies & Pick<Context, 'archive'>

interface PlacesPage {
  /** Cursor of the next page, or `done`. */
  readonly next: string
  readonly counts: { readonly moved: number }
}

/** Each takes up to seven calls to other services: the segment, the key, the bundle. */
const PLACES_PER_PAGE = 100

/**
 * Moves the events of old segments into the bundles of the people whom they are about, and deletes the rows
 * of `archive_places` that named the segments. Nothing writes that table any more. Events that are still in
 * the database are left to `bundle-activity`. A segment that cannot be read keeps its row, which an export
 * reports.
 *
 * The events were archived before events had seals, so all of them are marked as uncertain.
 * @param cursor user and sequence of the last row that was looked at
 */
export async function bundlePlaces(ctx: Dependencies, cursor: string | undefined, forAll: ForAll): Promise<PlacesPage> {
  const places = await ctx.db.all(selectPlaces(cursor))
  const people = [...Map.groupBy(places, ({ user_id }) => user_id)].map(([userId, rows]) => ({
    userId,
    sequences: rows.map(({ sequence }) => sequence),
  }))
  let moved = 0
  await forAll(people, async (some) => {
    moved += await movePeople(ctx, some)
  })
  const last = places.at(-1)
  const isLast = places.length < PLACES_PER_PAGE || last === undefined
  return { next: isLast ? 'done' : `${last.user_id}/${last.sequence}`, counts: { moved } }
}

const place = { user_id: archivePlaces.userId, sequence: archivePlaces.sequence } as const

/** Index: primary key. */
function selectPlaces(cursor = '/0') {
  const [userId = '', sequence] = cursor.split('/')
  return withRows(
    place,
    sql`
      SELECT ${columnsOf(place)} FROM archive_places WHERE (user_id, sequence) > (${userId}, ${Number(sequence)})
      ORDER BY user_id, sequence LIMIT ${PLACES_PER_PAGE}`,
  )
}

interface PersonsPlaces {
  readonly userId: UserId
  readonly sequences: readonly number[]
}

async function movePeople(ctx: Dependencies, people: readonly PersonsPlaces[]): Promise<number> {
  const sequences = [...new Set(people.flatMap((person) => person.sequences))]
  const segments = new Map(
    await inChunks(sequences, async (sequence) => [sequence, await readSegment(ctx.archive, sequence)] as const),
  )
  const eventsOf = ({ userId, sequences: own }: PersonsPlaces): readonly PlacedEvent[] =>
    own.flatMap((segment) => {
      const about = segments.get(segment)?.filter(({ subject_id }) => subject_id === userId) ?? []
      return about.map((event) => ({ ...event, segment }))
    })
  const isHot = await findHot(ctx, people.flatMap(eventsOf))
  const knownOf = await findKnownBundles(
    ctx,
    people.map(({ userId }) => userId),
  )
  const written = await inChunks(people, async (person) =>
    bundlePerson(ctx, person.userId, { events: eventsOf(person).filter(({ id }) => !isHot(id)), knownOf }),
  )
  const done = people
    .filter((_, i) => written[i] !== undefined)
    .flatMap(({ userId, sequences: own }) =>
      own.filter((sequence) => segments.get(sequence) !== undefined).map((sequence) => ({ user_id: userId, sequence })),
    )
  return recordBundles(
    ctx,
    written.flatMap((bundles) => bundles ?? []),
    deletePlaces(done),
  )
}

const hotEvent = { id: auditEvents.id } as const

/** Finds which of these events are still in the database. Index: primary key. */
async function findHot({ db }: Pick<Context, 'db'>, events: readonly Pick<StoredEvent, 'id'>[]) {
  const ids = JSON.stringify(events.map(({ id }) => id))
  const rows = await db.all(
    withRows(
      hotEvent,
      sql`SELECT ${columnsOf(hotEvent)} FROM audit_events WHERE id IN (SELECT value FROM json_each(${ids}))`,
    ),
  )
  const hot = new Set(rows.map(({ id }) => id))
  return (id: string) => hot.has(id)
}

type PlacedEvent = StoredEvent & { readonly segment: number }

interface OldEvents {
  readonly events: readonly PlacedEvent[]
  readonly knownOf: Awaited<ReturnType<typeof findKnownBundles>>
}

/** @returns undefined if the person's key is destroyed. The purge then deletes the places */
async function bundlePerson(
  ctx: Dependencies,
  userId: UserId,
  { events: old, knownOf }: OldEvents,
): Promise<readonly WrittenBundle[] | undefined> {
  if (old.length === 0) return []
  const lookup = await ctx.vault.find(userId)
  if (lookup.kind === 'destroyed') return undefined
  if (lookup.kind === 'unavailable') throw new AppError('unavailable')
  const { key } = lookup
  const events = await Promise.all(old.map((event) => toBundledEvent(key, userId, { ...event, uncertain: ['event'] })))
  return storeEvents(ctx, { userId, key, events, known: knownOf(userId) })
}

const deletePlaces = (done: readonly Row<typeof place>[]): SQL => sql`
  DELETE FROM archive_places
  WHERE (user_id, sequence) IN (
    SELECT value ->> 'user_id', value ->> 'sequence' FROM json_each(${JSON.stringify(done)}))
  AND NOT ${hasPurgeBegun(sql`archive_places.user_id`)}`
