import { sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import type { ForAll } from '../../core/for-all.ts'
import type { UserId } from '../../core/ids.ts'
import { openErasureSeals } from '../../crypto/erasure-seal.ts'
import type { Recorder } from '../../storage/database/outbox.ts'
import { idsIn } from '../../storage/database/personal-data.ts'
import { recorded } from '../../storage/database/recorded.ts'
import { columnsOf, withRows } from '../../storage/database/rows.ts'
import { isTombstone } from '../../storage/database/users.ts'
import { assignments, insertInto, onConflict } from '../../storage/database/writes.ts'
import { erasures, users } from '../../storage/schema/index.ts'
import { beginPass, formatPass, parsePass, type ReopenPass } from './reopen-pass.ts'
import { replacingRequest, sealedRequest } from './schedule-erasure.ts'

type Dependencies = Recorder & Pick<Context, 'db' | 'ring' | 'erasureMarkers' | 'settings'>

interface PassProgress {
  /** Cursor of the next page, or `done`. */
  readonly next: string
  /** `refused`: how many people the pass found and did not reopen, because they are too many. */
  readonly counts: { readonly reopened: number; readonly refused?: number }
}

/**
 * Compares one page of the erasure markers in the vault with the users table. After a restore, the database
 * may contain people who were erased, and their erasure becomes due at once. An attacker who can write the
 * vault could plant markers and so destroy accounts. A pass therefore counts first, and reopens no erasure if
 * it found more people than `REOPEN_MAX`, or than an operator has allowed.
 */
export async function reopenRestored(
  ctx: Dependencies,
  cursor: string | undefined,
  forAll: ForAll,
): Promise<PassProgress> {
  const pass = parsePass(cursor) ?? beginPass(ctx.settings.REOPEN_MAX)
  const page = await ctx.erasureMarkers.list(pass.after)
  const returned = await findReturned(ctx, page.userIds)
  if (pass.phase === 'count') return countPage({ ...pass, found: pass.found + returned.length }, page.cursor)
  // There are more than were counted, so markers were added since.
  if (returned.length > pass.allowed) return refuse(returned.length)
  const reopened = await forAll(returned, async (userIds) => {
    for (const userId of userIds) await reopen(ctx, userId)
  })
  const rest: ReopenPass = { ...pass, allowed: pass.allowed - returned.length, after: page.cursor }
  return { next: page.cursor === undefined ? 'done' : formatPass(rest), counts: { reopened: reopened.length } }
}

/** A pass that exceeds its bound still counts to the end, so that an operator can see how many there are. */
function countPage(pass: ReopenPass, after: string | undefined): PassProgress {
  const { found, allowed } = pass
  if (after !== undefined) return { next: formatPass({ ...pass, after }), counts: NONE }
  if (found > allowed) return refuse(found)
  if (found === 0) return { next: 'done', counts: NONE }
  return { next: formatPass({ phase: 'reopen', allowed: found, found, after }), counts: NONE }
}

const NONE = { reopened: 0 } as const

const refuse = (refused: number): PassProgress => ({ next: 'done', counts: { reopened: 0, refused } })

/**
 * Finds marked users whose row is not a tombstone, that no purge has claimed, and whose erasure is not open
 * already. Without the last condition, a page with more such users than one run can reopen would start with
 * the same ones each time. Uses the primary keys.
 */
async function findReturned({ db, now }: Dependencies, userIds: readonly UserId[]): Promise<UserId[]> {
  if (userIds.length === 0) return []
  const rows = await db.all(
    withRows(
      returnedUser,
      sql`
        SELECT ${columnsOf(returnedUser)} FROM users
        WHERE users.id IN ${idsIn(userIds)} AND NOT ${isTombstone} AND NOT EXISTS (
          SELECT 1 FROM erasures e WHERE e.user_id = users.id AND e.completed_at IS NULL
            AND (e.started_at IS NOT NULL OR (e.refused_at IS NULL AND e.basis = 'database_restored' AND e.due_at <= ${now})))`,
    ),
  )
  return rows.map(({ id }) => id)
}

const returnedUser = { id: users.id } as const

async function reopen(ctx: Dependencies, userId: UserId): Promise<void> {
  const { db, now } = ctx
  const request = { user_id: userId, requested_at: now, due_at: now, basis: 'database_restored' } as const
  const sealed = sealedRequest(request, await openErasureSeals(ctx.ring))
  await db.batch({
    reopened: recorded(
      ctx,
      sql`
        ${insertInto(erasures, sealed)}
        ${onConflict([erasures.userId], assignments(erasures, replacingRequest))}
        WHERE started_at IS NULL OR completed_at IS NOT NULL`,
      { action: 'erasure.reopened', outcome: 'success', subjectId: userId },
    ),
  })
}
