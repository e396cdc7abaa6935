import { sql } from 'drizzle-orm'
import type { UserId } from '../../core/ids.ts'
import { type BuildDependencies, buildExport } from './build-export.ts'
import type { ExportStatus } from './export-ref.ts'

/** Younger ones are being built behind the answer that promised them. */
const MIN_AGE_MS = 60_000

interface PendingRow {
  readonly id: string
  readonly user_id: UserId
  readonly created_at: number
}

/**
 * Builds exports whose first attempt was cut off, one after the other: a bundle lies in memory as a whole. Each is
 * noted before it is built, so that one that ends the Worker comes after those that were not tried since.
 * Index `exports_pending`. @param limit how many at most @returns how many ended how
 */
export async function buildPendingExports(
  ctx: BuildDependencies,
  limit: number,
): Promise<Readonly<Record<ExportStatus, number>>> {
  const rows = await ctx.db.all(sql<PendingRow>`
    SELECT id, user_id, created_at FROM exports
    WHERE status = 'pending' AND created_at <= ${ctx.now - MIN_AGE_MS} AND expires_at > ${ctx.now}
    ORDER BY coalesce(tried_at, created_at) LIMIT ${limit}`)
  const counts = { ready: 0, failed: 0, pending: 0 }
  for (const { id, user_id, created_at } of rows) {
    await ctx.db.batch([sql`UPDATE exports SET tried_at = ${ctx.now} WHERE id = ${id} AND status = 'pending'`])
    counts[await buildExport(ctx, { id, userId: user_id, createdAtMs: created_at })] += 1
  }
  return counts
}
