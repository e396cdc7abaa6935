import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import type { UserId } from '../../core/ids.ts'
import { tryStoredObject } from '../../core/json.ts'
import { detailIdOf } from '../../core/personal-ids.ts'
import { checkSeal, createSealEvent } from '../../crypto/event-seal.ts'
import { countChanges } from '../../storage/database/count-changes.ts'
import { isReadableEvent, type SentEvent, sentEvent } from '../../storage/database/outbox-columns.ts'
import { ROWS_PER_SLICE } from '../../storage/database/personal-data.ts'
import { columnsOf, withRows } from '../../storage/database/rows.ts'
import { assignments } from '../../storage/database/writes.ts'
import { auditEvents } from '../../storage/schema/index.ts'
import type { SlicedDeletion } from './delete-rows.ts'

type Dependencies = Pick<Context, 'db' | 'ring'>

/** Rows of other people in which the erased person acted, an operator for example. Each gets a new seal. */
const ACTED_AT_ONCE = 100

/**
 * Removes what the database has of an erased person's trail, one transaction after the other. Archived events
 * about the person and dead letters that name the person are deleted: the archive has the events, under
 * pseudonyms whose key is destroyed. Archived events about others, in which the person acted, lose the
 * person's ids. Events that are not archived stay, for `sweepErased`.
 * @param maxSlices the most transactions to use
 */
export async function eraseEvents(
  ctx: Dependencies,
  { userId, maxSlices }: { readonly userId: UserId; readonly maxSlices: number },
): Promise<SlicedDeletion> {
  for (let slices = 1; ; slices++) {
    const { about, letters, unreadable, acted } = await ctx.db.batch({
      about: countChanges(deleteAbout(userId)),
      letters: countChanges(deleteLetters(userId)),
      unreadable: countChanges(emptyUnreadable(userId)),
      acted: selectActed(userId),
    })
    if (acted.length > 0) await ctx.db.batch({ rewritten: rewriteActed(acted.map((row) => withoutActor(ctx, row))) })
    const changed = [about, letters, unreadable].map(([count]) => count?.changed ?? 0)
    const isDone = changed.every((count) => count < ROWS_PER_SLICE) && acted.length < ACTED_AT_ONCE
    if (isDone || slices >= maxSlices) return { slices, isDone }
  }
}

/** Also true for a row that the archive refused, which stays in no other place. */
const isArchived: SQL = sql`(archived_at IS NOT NULL OR archived_in = 0)`

/** Index `audit_events_subject`. */
const deleteAbout = (userId: UserId): SQL => sql`
  DELETE FROM audit_events WHERE rowid IN (
    SELECT rowid FROM audit_events WHERE subject_id = ${userId} AND ${isArchived} LIMIT ${ROWS_PER_SLICE})`

/** Reads the whole table, which holds at most 10,000 messages. */
const deleteLetters = (userId: UserId): SQL => sql`
  DELETE FROM dead_letters WHERE rowid IN (
    SELECT rowid FROM dead_letters WHERE instr(body, ${userId}) > 0 LIMIT ${ROWS_PER_SLICE})`

const actedIn = (userId: UserId): SQL => sql`actor_id = ${userId} AND actor_id IS NOT subject_id AND ${isArchived}`

/** Rows that this service did not write, which could not be read below. Index `audit_events_actor`. */
const emptyUnreadable = (userId: UserId): SQL => sql`
  UPDATE audit_events SET ${assignments(auditEvents, { actor_id: null, detail: null })} WHERE rowid IN (
    SELECT rowid FROM audit_events WHERE ${actedIn(userId)} AND NOT (${isReadableEvent}) LIMIT ${ROWS_PER_SLICE})`

/** Index `audit_events_actor`. */
const selectActed = (userId: UserId) =>
  withRows(
    sentEvent,
    sql`
      SELECT ${columnsOf(sentEvent)} FROM audit_events
      WHERE ${actedIn(userId)} AND ${isReadableEvent} AND typeof(seal) IN ('text', 'null')
        AND typeof(note_enc) IN ('text', 'null')
      LIMIT ${ACTED_AT_ONCE}`,
  )

/** A row whose seal does not hold is never sealed again. */
function withoutActor({ ring }: Pick<Context, 'ring'>, row: SentEvent) {
  const { id, seal: old } = row
  const changed = { ...row, actor_id: null, detail: withoutActorIds(row.detail) }
  const finding = checkSeal(ring, row)
  const seal = finding.state === 'sealed' ? createSealEvent(ring)(changed, finding.fromDatabase) : old
  return { id, old, seal, detail: changed.detail }
}

/** Such as `operator_session_id`. */
function withoutActorIds(detail: string | null): string | null {
  const object = detail === null ? undefined : tryStoredObject(detail)
  if (object === undefined) return null
  return JSON.stringify(
    Object.fromEntries(Object.entries(object).filter(([name]) => detailIdOf(name)?.owner !== 'actor')),
  )
}

/** Guarded by the old seal. */
function rewriteActed(rows: readonly object[]): SQL {
  const list = JSON.stringify(rows)
  const found = (member: string): SQL =>
    sql`(SELECT value ->> ${member} FROM json_each(${list}) WHERE value ->> 'id' = audit_events.id)`
  return sql`
    UPDATE audit_events
    SET ${assignments(auditEvents, { actor_id: null, detail: found('detail'), seal: found('seal') })}
    WHERE id IN (SELECT value ->> 'id' FROM json_each(${list})) AND seal IS ${found('old')}`
}

const left = { id: auditEvents.id } as const

/**
 * Whether the database has an event about this person, or by this person, that is not archived.
 * @param since SQL condition: which of them count
 */
export async function hasUnarchived({ db }: Pick<Context, 'db'>, userId: UserId, since: SQL): Promise<boolean> {
  const condition = sql`archived_at IS NULL AND archived_in IS NULL AND ${since}`
  const row = await db.first(
    withRows(
      left,
      sql`
        SELECT ${columnsOf(left)} FROM audit_events WHERE subject_id = ${userId} AND ${condition}
        UNION ALL
        SELECT ${columnsOf(left)} FROM audit_events
        WHERE actor_id = ${userId} AND actor_id IS NOT subject_id AND ${condition} LIMIT 1`,
    ),
  )
  return row !== undefined
}
