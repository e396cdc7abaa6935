import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { inChunks } from '../../core/chunks.ts'
import { AppError } from '../../core/errors.ts'
import { timePrefix, type UserId } from '../../core/ids.ts'
import { countChanges } from '../../storage/database/count-changes.ts'
import { hasPurgeBegun } from '../../storage/database/erasure-conditions.ts'
import { isReadableEvent } from '../../storage/database/outbox-columns.ts'
import { columnsOf, withRows } from '../../storage/database/rows.ts'
import type { Statement } from '../../storage/database/statement.ts'
import { findKnownBundles } from './find-known-bundles.ts'
import { recordBundles } from './record-bundles.ts'
import { type KnownBundles, storeEvents, type WrittenBundle } from './store-bundle.ts'
import { type StoredEvent, storedEvent, toBundledEvent } from './subject-event.ts'

export type BundlingDependencies = Pick<Context, 'db' | 'vault' | 'activityStore' | 'settings' | 'now'>

/** The most rows of one person that are moved at once. Those of twenty people take about 5 MB of memory. */
const ROWS_PER_PERSON = 500

/** SQL condition: the event is archived, and in a period that is bundled. Bounds the primary key. */
export const isDue = (beforeMs: number): SQL => sql`
  id < ${timePrefix(beforeMs)} AND archived_at IS NOT NULL AND ${isReadableEvent} AND occurred_at < ${beforeMs}`

interface Moved {
  /** How many rows were moved into bundles. */
  readonly bundled: number
  /** How many rows of erased people were deleted. */
  readonly dropped: number
  /** Undefined unless a person has further rows: they follow this id. */
  readonly leftAfter: string | undefined
}

/** Moves due rows of these people into bundles. @throws AppError `unavailable`, and the errors of stores */
export async function bundlePeople(
  ctx: BundlingDependencies,
  userIds: readonly UserId[],
  beforeMs: number,
): Promise<Moved> {
  const rowsOf: Record<string, Statement<StoredEvent>> = Object.fromEntries(
    userIds.map((userId) => [userId, selectEvents(userId, beforeMs)]),
  )
  const [found, bundlesOf] = await Promise.all([ctx.db.batch(rowsOf), findKnownBundles(ctx, userIds)])
  const moved = await inChunks(userIds, async (userId) => {
    const rows = found[userId] ?? []
    return { rows, bundles: await bundlePerson(ctx, { userId, rows, known: bundlesOf(userId) }) }
  })
  const kept = moved.filter(({ bundles }) => bundles !== undefined)
  const gone = moved.filter(({ bundles }) => bundles === undefined)
  const left = moved.flatMap(({ rows }) => (rows.length < ROWS_PER_PERSON ? [] : (rows.at(-1)?.id ?? [])))
  const bundled = await recordBundles(
    ctx,
    kept.flatMap(({ bundles }) => bundles ?? []),
    deleteRows(kept.flatMap(({ rows }) => rows)),
  )
  return { bundled, dropped: await dropRows(ctx, gone), leftAfter: left.sort()[0] }
}

const selectEvents = (userId: UserId, beforeMs: number) =>
  withRows(
    storedEvent,
    sql`
      SELECT ${columnsOf(storedEvent)} FROM audit_events
      WHERE subject_id = ${userId} AND ${isDue(beforeMs)} ORDER BY id LIMIT ${ROWS_PER_PERSON}`,
  )

interface PersonsRows {
  readonly userId: UserId
  readonly rows: readonly StoredEvent[]
  readonly known: KnownBundles
}

/** @returns undefined if the person's key is destroyed */
async function bundlePerson(
  ctx: BundlingDependencies,
  { userId, rows, known }: PersonsRows,
): Promise<readonly WrittenBundle[] | undefined> {
  if (rows.length === 0) return []
  const lookup = await ctx.vault.find(userId)
  if (lookup.kind === 'destroyed') return undefined
  if (lookup.kind === 'unavailable') throw new AppError('unavailable')
  const { key } = lookup
  const events = await Promise.all(rows.map((row) => toBundledEvent(key, userId, row)))
  return storeEvents(ctx, { userId, key, events, known })
}

const idsOf = (rows: readonly StoredEvent[]): SQL =>
  sql`(SELECT value FROM json_each(${JSON.stringify(rows.map(({ id }) => id))}))`

/** Deletes rows whose events are in bundles, unless a purge of the person has begun. */
const deleteRows = (rows: readonly StoredEvent[]): SQL => sql`
  DELETE FROM audit_events WHERE id IN ${idsOf(rows)} AND archived_at IS NOT NULL
    AND NOT ${hasPurgeBegun(sql`audit_events.subject_id`)}`

/**
 * Deletes rows of people whose key is destroyed, because no bundle could be read. Their purge must have
 * begun, or they must have no account. A missing key alone is not enough: an attacker who can write the vault
 * could delete it, and the mirror may still have it.
 */
async function dropRows(
  { db }: BundlingDependencies,
  people: readonly PersonsRows[] | readonly { rows: readonly StoredEvent[] }[],
) {
  const rows = people.flatMap((person) => person.rows)
  if (rows.length === 0) return 0
  const { dropped } = await db.batch({
    dropped: countChanges(sql`
      DELETE FROM audit_events WHERE id IN ${idsOf(rows)} AND archived_at IS NOT NULL AND (
        ${hasPurgeBegun(sql`audit_events.subject_id`)}
        OR NOT EXISTS (SELECT 1 FROM users WHERE users.id = audit_events.subject_id))`),
  })
  return dropped[0]?.changed ?? 0
}
