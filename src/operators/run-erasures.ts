import { endPauses } from '../compliance/erasure/claim-erasure.ts'
import { openRun } from '../compliance/job-runs.ts'
import { recordEvent } from '../storage/database/outbox.ts'
import { countOpenErasures, showOpenErasures } from './count-open-erasures.ts'
import type { ErasureRun } from './erasure-run-view.ts'
import { type Operating, type OperatorRequest, operatorDetail } from './operation.ts'

export interface RunRequest extends OperatorRequest {
  /** Only counts the erasures that a purge would process. */
  readonly isDryRun: boolean
}

/**
 * Requests a purge, which the Worker begins within five minutes. A purge that is already running continues.
 * The counts are from before the purge.
 */
export async function runErasures(ctx: Operating, request: RunRequest): Promise<ErasureRun> {
  const { isDryRun } = request
  const detail = { ...operatorDetail(ctx, request), dry_run: isDryRun }
  const { open } = await ctx.db.batch({
    open: countOpenErasures(ctx.now),
    record: recordEvent(ctx, { action: 'erasure.run_requested', outcome: 'success', detail }),
    run: isDryRun ? undefined : [openRun(ctx, 'purge'), endPauses(ctx)],
  })
  return { dry_run: isDryRun, ...showOpenErasures(open) }
}
