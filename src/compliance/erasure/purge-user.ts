import { sql } from 'drizzle-orm'
import * as z from 'zod'
import type { Purging } from '../../context.ts'
import { lazySchema } from '../../core/answer-schema.ts'
import { tryStored } from '../../core/json.ts'
import { day, HOUR_MS, startOfDay } from '../../core/time.ts'
import type { Recorder } from '../../storage/database/outbox.ts'
import { recorded } from '../../storage/database/recorded.ts'
import { columnsOf, computed, withRows } from '../../storage/database/rows.ts'
import { assignments } from '../../storage/database/writes.ts'
import { erasures } from '../../storage/schema/index.ts'
import { personalDataOwners } from '../personal-data-owners.ts'
import { type ErasureClaim, giveBackClaim, isClaimed } from './claim-erasure.ts'
import { deleteUserRows } from './delete-rows.ts'
import { eraseEvents } from './erase-events.ts'
import { signMarker } from './markers.ts'
import { digestOfReceipt, receiptPath, signReceipt } from './receipt.ts'
import { receiptDetail } from './receipt-event.ts'
import { forgetRestores } from './restored-statements.ts'

export type PurgeDependencies = Recorder & Purging

/** A claim whose purge has begun. */
export type BegunErasure = ErasureClaim & { readonly started_at: number }

/** The most exports, and the most activity bundles, that one turn deletes, each with two calls to R2. */
const BUNDLES_PER_TURN = 1000

interface Turn {
  readonly slices: number
  readonly isErased: boolean
}

/**
 * Erases one person whom the caller has claimed, as far as `maxSlices` allows. The steps are: mark, destroy
 * the key, delete exports and activity bundles, delete rows and leave a tombstone in `users`, delete events,
 * sign and store the receipt. Each step can be repeated without harm, so a turn that is cut off is simply
 * repeated.
 * @param maxSlices the most transactions that the deletion of rows may use
 */
export async function purgeUser(ctx: PurgeDependencies, claim: BegunErasure, maxSlices: number): Promise<Turn> {
  const { user_id: userId } = claim
  // The marker comes first. If the database is restored to an earlier time, the marker is what finds the
  // person again.
  await ctx.erasureMarkers.mark(userId, await signMarker(ctx, userId))
  await ctx.vault.destroy([userId])
  await forgetRestores(ctx, userId)
  const areExportsGone = await ctx.exportStore.deleteSome(userId, BUNDLES_PER_TURN)
  const trail = await ctx.activityStore.deleteSome(userId, BUNDLES_PER_TURN)
  const rows = await deleteUserRows(ctx, { userId, maxSlices }, personalDataOwners)
  const areRowsGone = areExportsGone && trail.isDone && rows.isDone
  const events = areRowsGone ? await eraseEvents(ctx, { userId, maxSlices }) : { slices: 0, isDone: false }
  if (events.isDone) await complete(ctx, claim)
  else await giveBackClaim(ctx, claim)
  // The first transaction for events is one of the calls that every person costs.
  return { slices: rows.slices + Math.max(0, events.slices - 1), isErased: events.isDone }
}

/**
 * Signs the receipt, stores it in the archive, and completes the erasure. The row keeps days and no finer
 * times. When two runs do this at once, each may store a receipt, and one of them is in the audit trail.
 */
async function complete(ctx: PurgeDependencies, claim: BegunErasure): Promise<void> {
  const { user_id: userId } = claim
  const noted = await ctx.db.first(
    withRows(stepsRow, sql`SELECT ${columnsOf(stepsRow)} FROM erasures WHERE user_id = ${userId}`),
  )
  const today = { at: day(Date.now()) }
  const { delete_rows, delete_events, ...others } = tryStored(stepsSchema.schema, noted?.steps ?? '') ?? {}
  const steps = { ...others, delete_rows: { ...today, ...delete_rows }, delete_events: { ...today, ...delete_events } }
  const receipt = await signReceipt(ctx, claim, steps)
  const digest = await digestOfReceipt(receipt)
  await ctx.archive.create(receiptPath(digest), receipt)
  const days = {
    requested_at: startOfDay(claim.requested_at),
    due_at: startOfDay(claim.due_at),
    started_at: startOfDay(claim.started_at),
    completed_at: startOfDay(ctx.now),
  }
  await ctx.db.batch({
    completed: recorded(
      ctx,
      sql`
        UPDATE erasures SET ${assignments(erasures, {
          ...days,
          receipt,
          recorded_in: null,
          steps: JSON.stringify(steps),
          attempts: 0,
          retry_at: null,
          seal: null,
          sweep_at: ctx.now + HOUR_MS,
        })}
        WHERE ${isClaimed(claim)}`,
      { action: 'user.erased', outcome: 'success', detail: receiptDetail(digest) },
    ),
  })
}

const stepsRow = { steps: computed.text(sql`CAST(${erasures.steps} AS TEXT)`) } as const

const isTable = (name: string): boolean => personalDataOwners.some(({ tables }) => tables.includes(name))

/**
 * What was done and when, by the names of the steps. The receipt is signed, so it takes only days, names of
 * tables and counts from the database: an attacker may have written the column.
 */
const stepsSchema = lazySchema(() => {
  const at = z.iso.date()
  const count = z.int().min(0)
  return z.strictObject({
    destroy_key: z.strictObject({ at }),
    delete_exports: z.strictObject({ at, count }),
    delete_rows: z.strictObject({ counts: z.record(z.string().refine(isTable), count) }),
    delete_events: z.strictObject({ count }),
  })
})
