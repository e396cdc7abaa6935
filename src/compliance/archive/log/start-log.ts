import { sql } from 'drizzle-orm'
import type { Archiving } from '../../../context.ts'
import { columnsOf, computed, withRows } from '../../../storage/database/rows.ts'
import type { SignedSegment } from '../format/signed-segment.ts'
import { appendSegment } from './append-segment.ts'
import { logLine } from './log-line.ts'
import type { OldEnd } from './old-chain.ts'

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
  const line = logLine(atMs, 'log.started', { unarchived_rows: waiting, last_segment: end.sequence })
  return await appendSegment(ctx, { head, nameKey }, [line])
}

const count = { n: computed.integer(sql`count(*)`) } as const

/** Index `audit_events_unarchived`. */
const countWaiting = withRows(count, sql`SELECT ${columnsOf(count)} FROM audit_events WHERE archived_at IS NULL`)
