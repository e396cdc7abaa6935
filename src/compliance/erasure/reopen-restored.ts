import { sql } from 'drizzle-orm'
import type { Reopening } from '../../context.ts'
import type { ForAll } from '../../core/for-all.ts'
import type { UserId } from '../../core/ids.ts'
import type { ErasureMarker } from '../../core/ports.ts'
import { openErasureSeals } from '../../crypto/erasure-seal.ts'
import type { Recorder } from '../../storage/database/outbox.ts'
import { idsIn } from '../../storage/database/personal-data.ts'
import { listed, recordEventList } from '../../storage/database/record-event-list.ts'
import { columnsOf, withRows } from '../../storage/database/rows.ts'
import { isTombstone } from '../../storage/database/users.ts'
import { assignments, insertInto, onConflict } from '../../storage/database/writes.ts'
import { erasures, users } from '../../storage/schema/index.ts'
import { openRun } from '../job-runs.ts'
import { believeMarkers } from './markers.ts'
import { beginPass, formatPass, parsePass, type ReopenPass } from './reopen-pass.ts'
import { replacingRequest, sealedRequest } from './schedule-erasure.ts'

type Dependencies = Recorder & Reopening

interface PassProgress {
  /** Cursor of the next page, or `done`. */
  readonly next: string
  /**
   * `refused`: how many people the pass found and did not reopen, because they are too many. `unsigned`: how
   * many markers no key of this service signed.
   */
  readonly counts: { readonly reopened: number; readonly refused?: number; readonly unsigned?: number }
  /** Many markers had to be read, each with two calls. */
  readonly endsRun?: boolean
}

/** Markers of one page: many where they are only counted, few where each may be a person to reopen. */
const PAGE_SIZES = { count: 1000, reopen: 100 } as const

/** With more markers to read than these, a page is the last one of its run. */
const FEW_READS = 10

/**
 * Compares one page of the erasure markers in the vault with the users table. After a restore, the database
 * may contain people who were erased, and their erasure becomes due at once. Only markers that this service
 * signed count. A pass counts first, and reopens no erasure if it found more people than `REOPEN_MAX`, or
 * than an operator has allowed: so many at once mean that a wrong database is bound, or that the keys have
 * leaked.
 */
export async function reopenRestored(
  ctx: Dependencies,
  cursor: string | undefined,
  forAll: ForAll,
): Promise<PassProgress> {
  const pass = parsePass(cursor) ?? beginPass(ctx.settings.REOPEN_MAX)
  const page = await ctx.erasureMarkers.list(pass.after, PAGE_SIZES[pass.phase])
  const marked = await findReturned(ctx, page.markers)
  const returned = await believe(ctx, marked)
  const pace = marked.filter(({ statement }) => statement === undefined).length > FEW_READS ? { endsRun: true } : {}
  if (pass.phase === 'count') {
    const isUnsigned = ({ userId, statement }: ErasureMarker) =>
      statement === undefined
        ? !returned.includes(userId)
        : marked.some((one) => one.userId === userId) && !returned.includes(userId)
    const unsigned = page.markers.filter(isUnsigned).length
    return { ...countPage({ ...pass, found: pass.found + returned.length }, page.cursor, unsigned), ...pace }
  }
  // There are more than were counted, so markers were added since.
  if (returned.length > pass.allowed) return refuse(returned.length, 0)
  const reopened = await forAll(returned, (userIds) => reopen(ctx, userIds))
  const rest: ReopenPass = { ...pass, allowed: pass.allowed - returned.length, after: page.cursor }
  const next = page.cursor === undefined ? 'done' : formatPass(rest)
  return { next, counts: { reopened: reopened.length }, ...pace }
}

/** A pass that exceeds its bound still counts to the end, so that an operator can see how many there are. */
function countPage(pass: ReopenPass, after: string | undefined, unsigned: number): PassProgress {
  const { found, allowed } = pass
  const counts = { reopened: 0, ...(unsigned > 0 && { unsigned }) }
  if (after !== undefined) return { next: formatPass({ ...pass, after }), counts }
  if (found > allowed) return refuse(found, unsigned)
  if (found === 0) return { next: 'done', counts }
  return { next: formatPass({ phase: 'reopen', allowed: found, found, after }), counts }
}

const refuse = (refused: number, unsigned: number): PassProgress => ({
  next: 'done',
  counts: { reopened: 0, refused, ...(unsigned > 0 && { unsigned }) },
})

/** Reads the contents of a marker only if the listing did not show its statement. */
async function believe(ctx: Dependencies, marked: readonly ErasureMarker[]): Promise<readonly UserId[]> {
  const bare = marked.filter(({ statement }) => statement === undefined).slice(0, PAGE_SIZES.reopen)
  const read = bare.length === 0 ? [] : await ctx.erasureMarkers.find(bare.map(({ userId }) => userId))
  return await believeMarkers(ctx)([...marked, ...read])
}

/**
 * Finds markers of users whose row is not a tombstone, that no purge has claimed, and whose erasure is not
 * open already. Without the last condition, a page with more such users than one run can reopen would start
 * with the same ones each time. Uses the primary keys.
 */
async function findReturned({ db, now }: Dependencies, markers: readonly ErasureMarker[]): Promise<ErasureMarker[]> {
  if (markers.length === 0) return []
  const rows = await db.all(
    withRows(
      returnedUser,
      sql`
        SELECT ${columnsOf(returnedUser)} FROM users
        WHERE users.id IN ${idsIn(markers.map(({ userId }) => userId))} AND NOT ${isTombstone} AND NOT EXISTS (
          SELECT 1 FROM erasures e WHERE e.user_id = users.id AND e.completed_at IS NULL AND e.refused_at IS NULL
            AND (e.started_at IS NOT NULL OR (e.basis = 'database_restored' AND e.due_at <= ${now})))`,
    ),
  )
  const returned = new Set(rows.map(({ id }) => id))
  return markers.filter(({ userId }) => returned.has(userId))
}

const returnedUser = { id: users.id } as const

/**
 * Reopens the erasures of up to 100 people in one call of three statements. The purge runs again within five
 * minutes, because the run of this day may be over.
 */
async function reopen(ctx: Dependencies, userIds: readonly UserId[]): Promise<void> {
  const { db, now } = ctx
  const seals = await openErasureSeals(ctx.ring)
  const requests = userIds.map((user_id) =>
    sealedRequest({ user_id, requested_at: now, due_at: now, basis: 'database_restored' }, seals),
  )
  const inserted = insertInto(
    erasures,
    {
      user_id: sql`value ->> 'user_id'`,
      requested_at: now,
      due_at: now,
      basis: 'database_restored',
      seal: sql`value ->> 'seal'`,
    },
    { from: sql`json_each(${JSON.stringify(requests)})` },
  )
  await db.batch({
    reopened: sql`
      ${inserted} ${onConflict([erasures.userId], assignments(erasures, replacingRequest))}
      WHERE started_at IS NULL OR completed_at IS NOT NULL OR refused_at IS NOT NULL`,
    records: recordEventList(
      ctx,
      requests.map(({ user_id, seal }) => ({
        event: { action: 'erasure.reopened', outcome: 'success', subjectId: user_id },
        key: seal,
      })),
      sql`EXISTS (SELECT 1 FROM erasures WHERE user_id = ${listed('subject_id')} AND seal = ${listed('key')})`,
    ),
    purge: openRun(ctx, 'purge'),
  })
}
