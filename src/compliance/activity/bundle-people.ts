import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { inChunks } from '../../core/chunks.ts'
import { AppError } from '../../core/errors.ts'
import { timePrefix, type UserId } from '../../core/ids.ts'
import { DAY_MS } from '../../core/time.ts'
import { countChanges } from '../../storage/database/count-changes.ts'
import { hasPurgeBegun } from '../../storage/database/erasure-conditions.ts'
import type { Row } from '../../storage/database/members.ts'
import { isReadableEvent } from '../../storage/database/outbox-columns.ts'
import { columnsOf, computed, withRows } from '../../storage/database/rows.ts'
import type { Statement } from '../../storage/database/statement.ts'
import { findKnownBundles } from './find-known-bundles.ts'
import type { JudgeRow } from './judge-row.ts'
import { recordBundles } from './record-bundles.ts'
import { type KnownBundles, storeEvents, type WrittenBundle } from './store-bundle.ts'
import { type StoredEvent, storedEvent, toBundledEvent } from './subject-event.ts'
import type { UncertainPart } from './uncertainty.ts'

export type BundlingDependencies = Pick<Context, 'db' | 'vault' | 'activityStore' | 'settings' | 'now'>

/** What decides about the rows of a page. */
export interface Bounds {
  /** Rows before this time are due, in Unix milliseconds. */
  readonly beforeMs: number
  /** Only rows after this id. */
  readonly after: string
  /** Whether a row goes into a bundle. */
  readonly judge: JudgeRow
}

/** The most rows of one person that are moved at once. Those of twenty people take about 5 MB of memory. */
const ROWS_PER_PERSON = 500

/** SQL condition: the event is archived, and in a period that is bundled. Bounds the primary key. */
export const isDue = (beforeMs: number): SQL => sql`
  id < ${timePrefix(beforeMs)} AND archived_at IS NOT NULL AND ${isReadableEvent} AND occurred_at < ${beforeMs}`

interface Moved {
  /** How many rows were moved into bundles. */
  readonly bundled: number
  /** How many rows were deleted that are in no bundle: those of erased people, and old refused ones. */
  readonly dropped: number
  /** How many rows have a seal that does not hold. */
  readonly refused: number
  /** Undefined unless a person has further rows: they follow this id. */
  readonly leftAfter: string | undefined
}

/** Moves due rows of these people into bundles. @throws AppError `unavailable`, and the errors of stores */
export async function bundlePeople(
  ctx: BundlingDependencies,
  userIds: readonly UserId[],
  bounds: Bounds,
): Promise<Moved> {
  const rowsOf: Record<string, Statement<MovedRow>> = Object.fromEntries(
    userIds.map((userId) => [userId, selectEvents(userId, bounds)]),
  )
  const [found, bundlesOf] = await Promise.all([ctx.db.batch(rowsOf), findKnownBundles(ctx, userIds)])
  const moved = await inChunks(userIds, async (userId) => {
    const rows = found[userId] ?? []
    const taken = rows.flatMap((row) => {
      const uncertain = bounds.judge(row)
      return uncertain === undefined ? [] : [{ ...row, uncertain, segment: row.archived_in || null }]
    })
    return { rows, taken, bundles: await bundlePerson(ctx, { userId, taken, known: bundlesOf(userId) }) }
  })
  const kept = moved.filter(({ bundles }) => bundles !== undefined)
  const gone = moved.filter(({ bundles }) => bundles === undefined)
  const left = moved.flatMap(({ rows }) => (rows.length < ROWS_PER_PERSON ? [] : (rows.at(-1)?.id ?? [])))
  const refused = moved.flatMap(({ rows }) => rows.filter((row) => bounds.judge(row) === undefined))
  const bundled = await recordBundles(
    ctx,
    kept.flatMap(({ bundles }) => bundles ?? []),
    deleteRows(kept.flatMap(({ taken }) => taken)),
  )
  return {
    bundled,
    dropped:
      (await dropRows(
        ctx,
        gone.flatMap(({ taken }) => taken),
      )) + (await deleteRefused(ctx, refused, bounds)),
    refused: refused.length,
    leftAfter: left.sort()[0],
  }
}

/** Deletes rows whose seal does not hold, a period after they were first refused. */
async function deleteRefused(
  { db, settings }: BundlingDependencies,
  refused: readonly StoredEvent[],
  { beforeMs }: Bounds,
): Promise<number> {
  const old = refused.filter(({ occurred_at }) => occurred_at < beforeMs - settings.AUDIT_BUNDLE_DAYS * DAY_MS)
  if (old.length === 0) return 0
  const { deleted } = await db.batch({ deleted: countChanges(deleteRows(old)) })
  return deleted[0]?.changed ?? 0
}

const movedRow = { ...storedEvent, archived_in: computed.countOrNull(sql`archived_in`) } as const
type MovedRow = Row<typeof movedRow>

const selectEvents = (userId: UserId, { beforeMs, after }: Bounds): Statement<MovedRow> =>
  withRows(
    movedRow,
    sql`
      SELECT ${columnsOf(movedRow)} FROM audit_events
      WHERE subject_id = ${userId} AND id > ${after} AND ${isDue(beforeMs)} ORDER BY id LIMIT ${ROWS_PER_PERSON}`,
  )

interface PersonsRows {
  readonly userId: UserId
  readonly taken: readonly (StoredEvent & {
    readonly uncertain: readonly UncertainPart[]
    readonly segment: number | null
  })[]
  readonly known: KnownBundles
}

/** @returns undefined if the person's key is destroyed */
async function bundlePerson(
  ctx: BundlingDependencies,
  { userId, taken, known }: PersonsRows,
): Promise<readonly WrittenBundle[] | undefined> {
  if (taken.length === 0) return []
  const lookup = await ctx.vault.find(userId)
  if (lookup.kind === 'destroyed') return undefined
  if (lookup.kind === 'unavailable') throw new AppError('unavailable')
  const { key } = lookup
  const events = await Promise.all(taken.map((row) => toBundledEvent(key, userId, row)))
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
async function dropRows({ db }: Pick<Context, 'db'>, rows: readonly StoredEvent[]): Promise<number> {
  if (rows.length === 0) return 0
  const { dropped } = await db.batch({
    dropped: countChanges(sql`
      DELETE FROM audit_events WHERE id IN ${idsOf(rows)} AND archived_at IS NOT NULL AND (
        ${hasPurgeBegun(sql`audit_events.subject_id`)}
        OR NOT EXISTS (SELECT 1 FROM users WHERE users.id = audit_events.subject_id))`),
  })
  return dropped[0]?.changed ?? 0
}
