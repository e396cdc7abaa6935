import { sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import type { UserId } from '../../core/ids.ts'
import { rfc3339 } from '../../core/time.ts'
import { idsIn } from '../../storage/database/personal-data.ts'
import { recordEvent } from '../../storage/outbox.ts'
import { readHead } from '../archive/read-head.ts'
import { personalDataOwners } from '../personal-data-owners.ts'
import { deleteRows } from './delete-rows.ts'

type Dependencies = Pick<
  Context,
  'db' | 'vault' | 'erasureMarkers' | 'exportStore' | 'receipts' | 'actor' | 'requestId' | 'now' | 'outbox'
>

interface Claim {
  readonly user_id: UserId
  readonly requested_at: number
  readonly started_at: number
  readonly basis: string
}

/**
 * Erases up to `limit` users whose grace period has passed, and those that an earlier run left half-way. Each step
 * may be repeated without harm, so a run that is cut off anywhere is simply run again:
 * mark, destroy keys, delete exports, delete rows and leave a tombstone, sign and keep the receipt.
 * @returns how many were erased; fewer than `limit` means that no more are due
 */
export async function purgeDueUsers(ctx: Dependencies, limit: number): Promise<number> {
  const claims = await claim(ctx, limit)
  if (claims.length === 0) return 0
  const userIds = claims.map(({ user_id }) => user_id)
  // The marker first: it is what finds the person again if the database is restored to a time before this.
  await Promise.all(userIds.map((userId) => ctx.erasureMarkers.mark(userId, ctx.now)))
  await ctx.vault.destroy(userIds)
  await deleteExports(ctx, userIds)
  await deleteRows(ctx, userIds, personalDataOwners)
  await complete(ctx, claims)
  return claims.length
}

/** From here on nothing can be restored: restoring is guarded by `started_at`, claiming by the hold. */
function claim({ db, now }: Dependencies, limit: number): Promise<Claim[]> {
  return db.all(sql<Claim>`
    UPDATE erasures SET started_at = coalesce(started_at, ${now})
    WHERE completed_at IS NULL AND user_id IN (
      SELECT e.user_id FROM erasures e
      WHERE e.completed_at IS NULL AND e.due_at <= ${now}
        AND NOT EXISTS (SELECT 1 FROM legal_holds h WHERE h.user_id = e.user_id)
      ORDER BY e.due_at LIMIT ${limit})
    RETURNING user_id, requested_at, started_at, basis`)
}

async function deleteExports({ db, exportStore }: Dependencies, userIds: readonly UserId[]): Promise<void> {
  const bundles = await db.all(sql<{ userId: UserId; exportId: string }>`
    SELECT user_id AS userId, id AS exportId FROM exports
    WHERE user_id IN ${idsIn(userIds)}`)
  await exportStore.delete(bundles)
}

/** Signs what was done and closes the case; of two runs at once, one writes the receipt and the event. */
async function complete(ctx: Dependencies, claims: readonly Claim[]): Promise<void> {
  const userIds = claims.map(({ user_id }) => user_id)
  const [head, rows] = await Promise.all([
    readHead(ctx),
    ctx.db.all(sql<{ user_id: UserId; steps: string }>`
      SELECT user_id, steps FROM erasures WHERE user_id IN ${idsIn(userIds)}`),
  ])
  const stepsOf = new Map(rows.map(({ user_id, steps }) => [user_id, JSON.parse(steps)]))
  const receipts = await Promise.all(
    claims.map(async (claimed) => ({
      ...claimed,
      receipt: await ctx.receipts.sign('latchkey-erasure+jws', {
        user_id: claimed.user_id,
        basis: claimed.basis,
        requested_at: rfc3339(claimed.requested_at),
        started_at: rfc3339(claimed.started_at),
        completed_at: rfc3339(ctx.now),
        steps: stepsOf.get(claimed.user_id),
        archive: { sequence: head.sequence, hash: head.hash },
      }),
    })),
  )
  const signed = JSON.stringify(receipts.map(({ user_id, receipt }) => ({ user_id, receipt })))
  await ctx.db.batch([
    sql`
      UPDATE erasures SET completed_at = ${ctx.now}, receipt = signed.value ->> 'receipt'
      FROM json_each(${signed}) AS signed
      WHERE erasures.user_id = signed.value ->> 'user_id' AND erasures.completed_at IS NULL`,
    ...receipts.map(({ user_id, receipt }) =>
      recordEvent(
        ctx,
        { action: 'user.erased', outcome: 'success', subjectId: user_id },
        { onlyIf: sql`EXISTS (SELECT 1 FROM erasures WHERE user_id = ${user_id} AND receipt = ${receipt})` },
      ),
    ),
  ])
}
