import { sql } from 'drizzle-orm'
import type { Archiving } from '../../context.ts'
import { newTimeOrderedId } from '../../core/ids.ts'
import { newNonce } from '../../crypto/pseudonym.ts'
import { columnsOf, computed, withRows } from '../../storage/database/rows.ts'
import { appendSegment } from './append-segment.ts'
import type { OldEnd } from './old-chain.ts'
import type { SignedSegment } from './signed-segment.ts'
import type { EventLine } from './to-lines.ts'

/**
 * Begins the chain of format 2 after the last segment of format 1. The first segment contains one event,
 * `log.started`. A run that finds that segment adopts it.
 * @param end from `closeOldChain`
 * @param nameKey from `LogVault`
 * @throws BrokenArchiveError
 */
export async function startLog(ctx: Archiving, end: OldEnd, nameKey: Uint8Array): Promise<SignedSegment> {
  const waiting = (await ctx.db.first(countWaiting))?.n ?? 0
  // A Worker of the version before may have archived events since this run began. Rows that it marked before
  // the start are believed.
  const atMs = Math.max(ctx.now, Date.now(), end.signedAtMs + 1)
  const started = { sequence: end.sequence + 1, atMs }
  const head = { ...end, createdAtMs: atMs, kid: undefined, started }
  return await appendSegment(ctx, { head, nameKey }, [lineOfStart(atMs, { waiting, last: end.sequence })])
}

const lineOfStart = (now: number, { waiting, last }: { waiting: number; last: number }): EventLine => ({
  id: newTimeOrderedId(now),
  occurred_at: now,
  action: 'log.started',
  outcome: 'success',
  actor_type: 'system',
  actor_id: null,
  subject_id: null,
  request_id: newNonce(),
  detail: JSON.stringify({ unarchived_rows: waiting, last_segment: last }),
  note_enc: null,
  nonce: newNonce(),
})

const count = { n: computed.integer(sql`count(*)`) } as const

/** Index `audit_events_unarchived`. */
const countWaiting = withRows(count, sql`SELECT ${columnsOf(count)} FROM audit_events WHERE archived_at IS NULL`)
