import { readHeads } from '../compliance/archive/log/read-head.ts'
import { verifyPage } from '../compliance/archive/verify/verify-page.ts'
import type { Context } from '../context.ts'
import { recordEvent } from '../storage/database/outbox.ts'
import { type Operating, operatorSession } from './operation.ts'
import type { Verification } from './verification-view.ts'

export interface VerificationQuery {
  /** The `next_after` of the previous page. Without it, the newest segments are checked. */
  readonly after?: number | undefined
  readonly limit: number
}

type Dependencies = Operating & Pick<Context, 'archive' | 'receipts' | 'settings' | 'logVault'>

/** Checks one page of the archive, and records the result. @throws TimeLimitError */
export async function verifyArchive(ctx: Dependencies, { after, limit }: VerificationQuery): Promise<Verification> {
  const heads = await readHeads(ctx)
  const head = heads.head ?? heads.old
  const first = Math.min(after ?? Math.max(0, head.sequence - limit), head.sequence)
  const { from, to, events, unsignedTail, finding } = await verifyPage(ctx, { heads, after: first, limit })
  const checked = { from, to, finding: finding?.kind ?? null }
  await ctx.db.batch({
    record: recordEvent(ctx, {
      action: 'operator.audit_verified',
      outcome: finding === undefined ? 'success' : 'failure',
      detail: { ...operatorSession(ctx), ...checked },
    }),
  })
  return {
    ok: finding === undefined,
    from,
    to,
    events,
    head: { sequence: head.sequence, event_count: head.eventCount },
    unsigned_tail: unsignedTail,
    finding: finding ?? null,
    next_after: finding === undefined && to < head.sequence ? to : null,
  }
}
