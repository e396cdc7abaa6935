import { sql } from 'drizzle-orm'
import * as z from 'zod'
import type { Context, Reopening } from '../../context.ts'
import { inChunks } from '../../core/chunks.ts'
import type { ForAll } from '../../core/for-all.ts'
import type { UserId } from '../../core/ids.ts'
import { tryStored } from '../../core/json.ts'
import type { ErasureMarker } from '../../core/ports.ts'
import { idsIn } from '../../storage/database/personal-data.ts'
import { columnsOf, withRows } from '../../storage/database/rows.ts'
import { isTombstone } from '../../storage/database/users.ts'
import { users } from '../../storage/schema/index.ts'
import { openRun } from '../job-runs.ts'
import { believeMarkers, signMarker } from './markers.ts'

type Dependencies = Reopening & Pick<Context, 'now'>

const passSchema = z.strictObject({
  phase: z.enum(['count', 'sign']),
  /** How many markers the operator expects. */
  expected: z.int().min(0),
  /** How many the pass has found. */
  found: z.int().min(0),
  /** Users whose markers are signed although their rows are not tombstones. */
  named: z.array(z.string()).max(100).readonly(),
  after: z.string().optional(),
})
type SignPass = z.infer<typeof passSchema>

/** The cursor with which a pass begins. */
export const beginSigning = (expected: number, named: readonly string[]): string =>
  JSON.stringify({ phase: 'count', expected, found: 0, named } satisfies SignPass)

/** Markers of one page. Each that is signed takes a write to the vault and one to its mirror. */
const PAGE_SIZES = { count: 1000, sign: 100 } as const

/**
 * Signs the markers that a version before 0.3.0 wrote, once, at the command of an operator. It signs those of
 * users whose row is a tombstone with a completed erasure, and those whom the operator named, and none if
 * they are not as many as the operator expects. `unsigned` counts them, and `others` the unsigned markers of
 * users who are not erased.
 */
export async function signMarkers(ctx: Dependencies, cursor: string | undefined, forAll: ForAll) {
  const pass = tryStored(passSchema, cursor ?? '')
  if (pass === undefined) return { next: 'done', counts: {} }
  const page = await ctx.erasureMarkers.list(pass.after, PAGE_SIZES[pass.phase])
  const unsigned = await findUnsigned(ctx, page.markers)
  const signable = await findErased(ctx, unsigned, pass.named)
  const found = pass.found + signable.length
  const then = (rest: Partial<SignPass>) => JSON.stringify({ ...pass, found, after: page.cursor, ...rest })
  if (pass.phase === 'count') {
    const counts = { unsigned: signable.length, others: unsigned.length - signable.length }
    if (page.cursor !== undefined) return { next: then({}), counts }
    if (found !== pass.expected || found === 0) return { next: 'done', counts }
    return { next: then({ phase: 'sign', found: 0, after: undefined }), counts }
  }
  // There are more than were counted, so markers were added since.
  if (found > pass.expected) return { next: 'done', counts: {} }
  const signed = await forAll(signable, (some) =>
    inChunks(some, async (userId) => ctx.erasureMarkers.mark(userId, await signMarker(ctx, userId))),
  )
  const counts = { signed: signed.length }
  if (page.cursor !== undefined) return { next: then({}), counts }
  // Counts the unsigned markers again, so the alarm about them ends, and erases again whom a restore brought
  // back.
  await ctx.db.batch({ compared: openRun(ctx, 'reopen-restored') })
  return { next: 'done', counts }
}

async function findUnsigned(ctx: Dependencies, markers: readonly ErasureMarker[]): Promise<readonly UserId[]> {
  const believed = new Set(await believeMarkers(ctx)(markers))
  return markers.map(({ userId }) => userId).filter((userId) => !believed.has(userId))
}

const erasedUser = { id: users.id } as const

async function findErased({ db }: Dependencies, userIds: readonly UserId[], named: readonly string[]) {
  if (userIds.length === 0) return []
  const rows = await db.all(
    withRows(
      erasedUser,
      sql`
        SELECT ${columnsOf(erasedUser)} FROM users
        WHERE users.id IN ${idsIn(userIds)} AND ${isTombstone} AND EXISTS (
          SELECT 1 FROM erasures e WHERE e.user_id = users.id AND e.completed_at IS NOT NULL)`,
    ),
  )
  const erased = new Set<string>([...rows.map(({ id }) => id), ...named])
  return userIds.filter((userId) => erased.has(userId))
}
