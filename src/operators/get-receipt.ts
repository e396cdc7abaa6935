import { sql } from 'drizzle-orm'
import { AppError } from '../core/errors.ts'
import type { UserId } from '../core/ids.ts'
import { rfc3339 } from '../core/time.ts'
import { recordEvent } from '../storage/database/outbox.ts'
import { columnsOf, computed, withRows } from '../storage/database/rows.ts'
import { type Operating, operatorSession } from './operation.ts'
import type { Receipt } from './receipt-view.ts'
import { outcomeOf } from './select-account.ts'

/** Columns of a completed erasure. */
const receiptMembers = {
  completed_at: computed.integer(sql`completed_at`),
  receipt: computed.text(sql`receipt`),
} as const

/**
 * Returns the signed receipt of an erasure. The event does not name the erased person,
 * because the id must not stay beside a time.
 * @throws AppError `not_found` for a person who has not been erased
 */
export async function getReceipt(ctx: Operating, userId: UserId): Promise<Receipt> {
  const isErased = sql`FROM erasures WHERE user_id = ${userId} AND receipt IS NOT NULL`
  const erased = sql`(SELECT user_id ${isErased})`
  const { receipt } = await ctx.db.batch({
    receipt: withRows(receiptMembers, sql`SELECT ${columnsOf(receiptMembers)} ${isErased}`),
    record: recordEvent(
      ctx,
      { action: 'operator.receipt_viewed', outcome: 'success', detail: operatorSession(ctx) },
      { outcome: outcomeOf(erased) },
    ),
  })
  const [row] = receipt
  if (row === undefined) throw new AppError('not_found')
  return { user_id: userId, completed_at: rfc3339(row.completed_at), receipt: row.receipt }
}
