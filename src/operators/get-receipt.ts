import { sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { AppError } from '../core/errors.ts'
import type { UserId } from '../core/ids.ts'
import { rfc3339 } from '../core/time.ts'
import { recordEvent } from '../storage/outbox.ts'
import { operatorSession } from './operation.ts'

export interface Receipt {
  readonly user_id: UserId
  /** RFC 3339. */
  readonly completed_at: string
  /** Compact JWS; `npm run receipt:verify` checks it. */
  readonly receipt: string
}

/** The signed receipt of an erasure. @throws AppError `not_found` for who has not been erased */
export async function getReceipt(
  ctx: Pick<Context, 'db' | 'actor' | 'requestId' | 'now' | 'outbox'>,
  userId: UserId,
): Promise<Receipt> {
  const erased = sql`(SELECT user_id FROM erasures WHERE user_id = ${userId} AND receipt IS NOT NULL)`
  const [[row]] = await ctx.db.batch([
    sql<{ completed_at: number; receipt: string }>`
      SELECT completed_at, receipt FROM erasures WHERE user_id = ${userId} AND receipt IS NOT NULL`,
    recordEvent(
      ctx,
      { action: 'operator.receipt_viewed', outcome: 'success', detail: operatorSession(ctx) },
      { subject: erased, outcome: sql`CASE WHEN ${erased} IS NULL THEN 'failure' ELSE 'success' END` },
    ),
  ])
  if (row === undefined) throw new AppError('not_found')
  return { user_id: userId, completed_at: rfc3339(row.completed_at), receipt: row.receipt }
}
