import { sql } from 'drizzle-orm'
import { AppError } from '../../core/errors.ts'
import { timePrefix } from '../../core/ids.ts'
import type { TokenPurpose } from '../../core/token-text.ts'
import type { Database } from './database.ts'
import { holderOf } from './one-time-tokens.ts'
import { type Recorder, recordEvent } from './outbox.ts'

/**
 * However often a link is tried, its holder has one event in this time: nobody fills the trail with a dead
 * link.
 */
const QUIET_MS = 60 * 60_000

/**
 * Records that a genuine token was refused: used, expired, or not allowed any more. One whose row is gone is
 * nobody's, and a forged one never comes here. Index `audit_events_subject`.
 * @returns what ends the request
 */
export async function refuseToken(
  ctx: Recorder & { readonly db: Database },
  { id, purpose }: { readonly id: string; readonly purpose: Exclude<TokenPurpose, 'code'> },
): Promise<AppError> {
  const event = { action: 'user.token_refused', outcome: 'failure', detail: { purpose } } as const
  const holder = holderOf(id)
  const isQuiet = sql`NOT EXISTS (SELECT 1 FROM audit_events told
    WHERE told.subject_id = ${holder} AND told.id >= ${timePrefix(ctx.now - QUIET_MS)} AND told.action = ${event.action})`
  await ctx.db.batch({
    refused: recordEvent(ctx, event, { subject: holder, onlyIf: sql`${holder} IS NOT NULL AND ${isQuiet}` }),
  })
  return new AppError('invalid_token')
}
