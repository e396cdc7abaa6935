import { sql } from 'drizzle-orm'
import type { Context, SealedErasing } from '../../context.ts'
import { HOUR_MS } from '../../core/time.ts'
import { columnsOf, computed, withRows } from '../../storage/database/rows.ts'
import { assignments } from '../../storage/database/writes.ts'
import { erasures } from '../../storage/schema/index.ts'
import { eraseEvents, hasUnarchived } from './erase-events.ts'
import { openStatements } from './open-statements.ts'
import { digestOfReceipt, receiptOf } from './receipt.ts'
import { fromReceiptEvent } from './receipt-event.ts'

type Dependencies = SealedErasing & Pick<Context, 'vault'>

/** People of one run, and transactions for each. The next run continues. */
const PEOPLE = 20
const SLICES = 5

/**
 * Clears up after purges, an hour later. A request that read the key just before it was destroyed may have
 * cached it after that, so it is deleted from the caches again. Events that were archived since then are
 * deleted. The time is a column of the erasure, so a run that is cut off is repeated.
 *
 * Keeps the number of the segment with the event that names the receipt, because the row of that event is
 * deleted after `AUDIT_HOT_DAYS`. While the event is not archived, the sweep is repeated.
 *
 * An attacker who can write the database can set that time for anybody. So only people whose receipt this
 * service signed count, and nothing but caches and archived rows is deleted.
 */
export async function sweepErased(ctx: Dependencies): Promise<void> {
  const due = await ctx.db.all(selectDue(ctx.now))
  for (const { user_id, receipt, completed_at } of due) {
    const isErased = (await receiptOf(openStatements(ctx), receipt))?.user_id === user_id
    if (isErased) {
      await ctx.vault.forget([user_id])
      await eraseEvents(ctx, { userId: user_id, maxSlices: SLICES })
    }
    const isOpen = isErased && (await hasUnarchived(ctx, user_id, sql`true`))
    const event = fromReceiptEvent(await digestOfReceipt(receipt ?? ''), completed_at ?? 0)
    await ctx.db.batch({
      swept: sql`
        UPDATE erasures SET ${assignments(erasures, {
          sweep_at: sql`CASE WHEN ${isOpen} OR EXISTS (SELECT 1 ${event} AND archived_at IS NULL) THEN ${ctx.now + HOUR_MS} END`,
          recorded_in: sql`coalesce((SELECT archived_in ${event} AND archived_in > 0 LIMIT 1), recorded_in)`,
        })}
        WHERE user_id = ${user_id} AND sweep_at <= ${ctx.now}`,
    })
  }
}

const dueSweep = {
  user_id: erasures.userId,
  receipt: erasures.receipt,
  completed_at: computed.countOrNull(sql`completed_at`),
} as const

/** Index `erasures_sweep`. */
const selectDue = (now: number) =>
  withRows(
    dueSweep,
    sql`
      SELECT ${columnsOf(dueSweep)} FROM erasures
      WHERE sweep_at <= ${now} AND typeof(user_id) = 'text' AND typeof(receipt) IN ('text', 'null')
      ORDER BY sweep_at LIMIT ${PEOPLE}`,
  )
