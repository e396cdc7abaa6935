import { sql } from 'drizzle-orm'
import { AppError } from '../../core/errors.ts'
import { timePrefix } from '../../core/ids.ts'
import type { TokenPurpose } from '../../core/token-text.ts'
import type { Database } from './database.ts'
import { holderOf } from './one-time-tokens.ts'
import { type Recorder, recordEvent } from './outbox.ts'

/**
 * At most one event per user is recorded in this time, so that an attacker cannot fill the audit trail by
 * presenting an expired link many times.
 */
const QUIET_MS = 60 * 60_000

/**
 * Records that a genuine token was refused because it is used, expired or no longer allowed. A token whose
 * row has been deleted has no known user, so nothing is recorded. A forged token is refused before this
 * function. Index `audit_events_subject`.
 * @returns the error that ends the request
 */
export async function refuseToken(
  ctx: Recorder & { readonly db: Database },
  { id, purpose }: { readonly id: string; readonly purpose: Exclude<TokenPurpose, 'code' | 'signin'> },
): Promise<AppError> {
  const event = { action: 'user.token_refused', outcome: 'failure', detail: { purpose } } as const
  const holder = holderOf(id)
  const isQuiet = sql`NOT EXISTS (SELECT 1 FROM audit_events earlier
    WHERE earlier.subject_id = ${holder} AND earlier.id >= ${timePrefix(ctx.now - QUIET_MS)} AND earlier.action = ${event.action})`
  await ctx.db.batch({
    refused: recordEvent(ctx, event, { subject: holder, onlyIf: sql`${holder} IS NOT NULL AND ${isQuiet}` }),
  })
  return new AppError('invalid_token')
}
