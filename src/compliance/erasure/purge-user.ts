import { sql } from 'drizzle-orm'
import * as z from 'zod'
import type { Purging } from '../../context.ts'
import { rfc3339 } from '../../core/time.ts'
import type { Recorder } from '../../storage/database/outbox.ts'
import { recorded } from '../../storage/database/recorded.ts'
import { columnsOf, computed, withRows } from '../../storage/database/rows.ts'
import { assignments } from '../../storage/database/writes.ts'
import { erasures } from '../../storage/schema/index.ts'
import { headIn, selectHeads } from '../archive/read-head.ts'
import { personalDataOwners } from '../personal-data-owners.ts'
import { type ErasureClaim, giveBackClaim } from './claim-erasure.ts'
import { deleteUserRows } from './delete-rows.ts'
import { signMarker } from './markers.ts'
import { forgetRestores } from './restored-statements.ts'

export type PurgeDependencies = Recorder & Purging

/** A claim whose purge has begun. */
export type BegunErasure = ErasureClaim & { readonly started_at: number }

/** The most activity bundles that one turn deletes, with two calls to R2. */
const BUNDLES_PER_TURN = 1000

interface Turn {
  readonly slices: number
  readonly isErased: boolean
}

/**
 * Erases one person whom the caller has claimed, as far as `maxSlices` allows. The steps are: mark, destroy
 * the key, delete exports and activity bundles, delete rows and leave a tombstone in `users`, sign and store
 * the receipt. Each step can be repeated without harm, so a turn that is cut off is simply repeated.
 * @param maxSlices the most transactions that the deletion of rows may use
 */
export async function purgeUser(ctx: PurgeDependencies, claim: BegunErasure, maxSlices: number): Promise<Turn> {
  const { user_id: userId } = claim
  // The marker comes first. If the database is restored to an earlier time, the marker is what finds the
  // person again.
  await ctx.erasureMarkers.mark(userId, await signMarker(ctx, userId))
  await ctx.vault.destroy([userId])
  await forgetRestores(ctx, userId)
  await ctx.exportStore.delete(claim.export_ids.map((exportId) => ({ userId, exportId })))
  const trail = await ctx.activityStore.deleteSome(userId, BUNDLES_PER_TURN)
  const rows = await deleteUserRows(ctx, { userId, maxSlices }, personalDataOwners)
  const isDone = trail.isDone && rows.isDone
  if (isDone) await complete(ctx, claim)
  else await giveBackClaim(ctx, claim)
  return { slices: rows.slices, isErased: isDone }
}

/**
 * Signs the receipt and completes the erasure. When two runs do this at once, only one stores the receipt and
 * the event.
 */
async function complete(ctx: PurgeDependencies, claim: BegunErasure): Promise<void> {
  const { user_id: userId } = claim
  const {
    heads: [heads],
    done: [done],
  } = await ctx.db.batch({
    heads: selectHeads,
    done: withRows(stepsRow, sql`SELECT ${columnsOf(stepsRow)} FROM erasures WHERE user_id = ${userId}`),
  })
  const head = await headIn(ctx, heads)
  const receipt = await ctx.receipts.sign('latchkey-erasure+jws', {
    user_id: userId,
    basis: claim.basis,
    requested_at: rfc3339(claim.requested_at),
    started_at: rfc3339(claim.started_at),
    completed_at: rfc3339(ctx.now),
    steps: done?.steps ?? {},
    archive: { sequence: head.sequence, hash: head.hash },
  })
  await ctx.db.batch({
    completed: recorded(
      ctx,
      sql`
        UPDATE erasures SET ${assignments(erasures, { completed_at: ctx.now, receipt })}
        WHERE user_id = ${userId} AND completed_at IS NULL`,
      { action: 'user.erased', outcome: 'success', subjectId: userId },
    ),
  })
}

/** What was done and when, by the names of the steps. */
const stepsRow = { steps: computed.json(sql`steps`, z.record(z.string(), z.unknown())) } as const
