import { sql } from 'drizzle-orm'
import type { Context, Publishing } from '../../context.ts'
import { requireKey } from '../../core/data-key.ts'
import { AppError } from '../../core/errors.ts'
import { timeOfId } from '../../core/ids.ts'
import { DAY_MS } from '../../core/time.ts'
import { type SessionRef, selectLiveSession } from '../../storage/database/live-session.ts'
import { columnsOf, computed, withRows } from '../../storage/database/rows.ts'
import { proveLine } from '../archive/checkpoint/prove-line.ts'
import { notPublished } from '../archive/proof/not-published.ts'
import { formatProofFile } from '../archive/proof/proof-file.ts'
import { endOf, parsePeriod } from './bundle-period.ts'
import { readBundles } from './read-bundles.ts'
import { type RecordedBundle, selectBundles } from './select-bundles.ts'

type Dependencies = Publishing & Pick<Context, 'vault' | 'activityStore'>

const placedRow = {
  archived_in: computed.countOrNull(sql`archived_in`),
  is_archived: computed.flag(sql`archived_at IS NOT NULL`),
} as const

/**
 * Makes the file that proves an event about the signed-in person: `formatProofFile`. An event of another
 * person and an event that does not exist have the same answer, after the same steps.
 * @param eventId UUID v7
 * @throws AppError `invalid_access_token`; `not_found`, also for an event of which no store knows the
 * segment; `proof_not_published` until the published log has the event; `unavailable`
 */
export async function proveActivity(ctx: Dependencies, ref: SessionRef, eventId: string): Promise<string> {
  const { live, rows, bundles } = await ctx.db.batch({
    live: selectLiveSession(ref, ctx.now),
    rows: withRows(
      placedRow,
      sql`SELECT ${columnsOf(placedRow)} FROM audit_events WHERE id = ${eventId} AND subject_id = ${ref.userId}`,
    ),
    bundles: selectBundles(ref.userId),
  })
  if (live.length === 0) throw new AppError('invalid_access_token')
  const [row] = rows
  if (row !== undefined && !row.is_archived) throw notPublished(ctx)
  const segment = row === undefined ? await findInBundles(ctx, ref, { eventId, bundles }) : row.archived_in
  // 0: the archive has refused the event.
  if (!segment) throw new AppError('not_found')
  const proven = await proveLine(ctx, { segment, isWanted: ({ id }) => id === eventId })
  if (proven === undefined) throw new AppError('not_found')
  return formatProofFile({ kind: 'event', ...proven })
}

interface Search {
  readonly eventId: string
  readonly bundles: readonly RecordedBundle[]
}

/** Reads the bundles of the period in which the event was. Nearly always that is one, with one part. */
async function findInBundles(
  ctx: Dependencies,
  { userId }: SessionRef,
  { eventId, bundles }: Search,
): Promise<number | undefined> {
  const atMs = timeOfId(eventId)
  const near = bundles.filter(({ period }) => {
    const parsed = parsePeriod(period)
    return parsed !== undefined && parsed.startMs - DAY_MS <= atMs && atMs < endOf(parsed) + DAY_MS
  })
  if (near.length === 0) return undefined
  const key = requireKey(await ctx.vault.find(userId))
  const { events } = await readBundles(ctx, { userId, key }, near)
  return events.find(({ id }) => id === eventId)?.segment
}
