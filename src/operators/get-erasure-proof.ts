import { sql } from 'drizzle-orm'
import { proveErasure } from '../compliance/erasure/prove-erasure.ts'
import type { Publishing } from '../context.ts'
import { AppError } from '../core/errors.ts'
import type { UserId } from '../core/ids.ts'
import { recordEvent } from '../storage/database/outbox.ts'
import { columnsOf, computed, withRows } from '../storage/database/rows.ts'
import { type Operating, operatorSession } from './operation.ts'
import { outcomeOf } from './select-account.ts'

/** Columns of a completed erasure. */
const erasureMembers = {
  completed_at: computed.integer(sql`completed_at`),
  receipt: computed.text(sql`receipt`),
  recorded_in: computed.countOrNull(sql`recorded_in`),
} as const

/**
 * Returns the proof file of an erasure. Recorded as the receipt is, which it contains.
 * @throws AppError `not_found` for a person who has not been erased, or whose receipt is of a version before
 * 0.3.0; `proof_not_published`, `unavailable`
 */
export async function getErasureProof(ctx: Operating & Publishing, userId: UserId): Promise<string> {
  const isErased = sql`FROM erasures WHERE user_id = ${userId} AND receipt IS NOT NULL`
  const { erasure } = await ctx.db.batch({
    erasure: withRows(erasureMembers, sql`SELECT ${columnsOf(erasureMembers)} ${isErased}`),
    record: recordEvent(
      ctx,
      { action: 'operator.receipt_viewed', outcome: 'success', detail: operatorSession(ctx) },
      { outcome: outcomeOf(sql`(SELECT user_id ${isErased})`) },
    ),
  })
  const [row] = erasure
  if (row === undefined) throw new AppError('not_found')
  const { receipt, completed_at: completedAt, recorded_in: recordedIn } = row
  return await proveErasure(ctx, { userId, receipt, completedAt, recordedIn })
}
