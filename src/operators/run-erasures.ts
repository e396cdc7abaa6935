import { type SQL, sql } from 'drizzle-orm'
import { endPauses } from '../compliance/erasure/claim-erasure.ts'
import type { ErasureState } from '../compliance/erasure/erasure-state.ts'
import { openRun } from '../compliance/job-runs.ts'
import type { Context } from '../context.ts'
import { systemKeyOwner } from '../core/key-owner.ts'
import { rfc3339OrNull } from '../core/time.ts'
import { recordEvent } from '../storage/outbox.ts'
import { stateOf } from './erasure.ts'
import { type Operation, operatorDetail, sealNote } from './operation.ts'

export interface RunRequest extends Operation {
  /** Only counts what a purge would take. */
  readonly isDryRun: boolean
}

export type OpenCounts = Readonly<Record<Exclude<ErasureState, 'completed'>, number>>

/** How many erasures are open, and what a purge would erase: `due` and `failed`. */
export interface RunAnswer {
  readonly dry_run: boolean
  readonly open: OpenCounts
  /** RFC 3339; null when nothing is open. */
  readonly oldest_due_at: string | null
}

type Dependencies = Pick<Context, 'db' | 'vault' | 'actor' | 'requestId' | 'now' | 'outbox'>

/**
 * Asks for a purge, which the Worker begins within five minutes; a run that is under way is left to go on. The counts
 * are those before it. @throws AppError `unavailable`
 */
export async function runErasures(ctx: Dependencies, request: RunRequest): Promise<RunAnswer> {
  const { isDryRun } = request
  const pii = await sealNote(systemKeyOwner(ctx.now), () => ctx.vault.system(ctx.now), request)
  const [rows] = await ctx.db.batch([
    countOpen(ctx.now),
    recordEvent(
      ctx,
      {
        action: 'erasure.run_requested',
        outcome: 'success',
        detail: { ...operatorDetail(ctx, request), dry_run: isDryRun },
      },
      { pii },
    ),
    ...(isDryRun ? [] : [openRun(ctx, 'purge'), endPauses(ctx)]),
  ])
  return { dry_run: isDryRun, ...toCounts(rows) }
}

interface CountRow {
  readonly state: keyof OpenCounts
  readonly erasures: number
  readonly oldest_due_at: number
}

/** Index `erasures_open`. */
export const countOpen = (now: number): SQL<CountRow> => sql`
  SELECT ${stateOf(now)} AS state, count(*) AS erasures, min(due_at) AS oldest_due_at FROM erasures
  WHERE completed_at IS NULL AND due_at > 0 GROUP BY state`

/** What `countOpen` answered. */
export function toCounts(rows: readonly CountRow[]) {
  const counted = Object.fromEntries(rows.map(({ state, erasures }) => [state, erasures]))
  const oldest = Math.min(...rows.map((row) => row.oldest_due_at))
  return {
    open: { pending: 0, due: 0, held: 0, failed: 0, ...counted },
    oldest_due_at: rfc3339OrNull(rows.length === 0 ? null : oldest),
  }
}
