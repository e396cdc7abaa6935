import { sql } from 'drizzle-orm'
import type { Archiving } from '../../context.ts'
import { newTimeOrderedId } from '../../core/ids.ts'
import { newNonce } from '../../crypto/pseudonym.ts'
import { columnsOf, computed, withRows } from '../../storage/database/rows.ts'
import { appendSegment } from './append-segment.ts'
import type { ChainHead } from './chain-head.ts'
import { closeOldChain } from './old-chain.ts'
import type { SignedSegment } from './signed-segment.ts'
import type { EventLine } from './to-lines.ts'

/**
 * Begins the chain of format 2 after the last segment of format 1. The first segment contains one event,
 * `log.started`. Each step can be repeated: the closing object and the segment are created once, and a run
 * that finds the segment adopts it.
 * @param nameKey from `LogVault`
 * @throws BrokenArchiveError
 */
export async function startLog(ctx: Archiving, end: ChainHead, nameKey: Uint8Array): Promise<SignedSegment> {
  await closeOldChain(ctx, end)
  const waiting = (await ctx.db.first(countWaiting))?.n ?? 0
  const started = { sequence: end.sequence + 1, atMs: ctx.now }
  const head = { ...end, createdAtMs: ctx.now, kid: undefined, started }
  return await appendSegment(ctx, { head, nameKey }, [lineOfStart(ctx.now, { waiting, last: end.sequence })])
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
