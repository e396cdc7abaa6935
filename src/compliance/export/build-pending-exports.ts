import { sql } from 'drizzle-orm'
import type { Row } from '../../storage/database/members.ts'
import { columnsOf, withRows } from '../../storage/database/rows.ts'
import type { Statement } from '../../storage/database/statement.ts'
import { assignments } from '../../storage/database/writes.ts'
import { exports } from '../../storage/schema/index.ts'
import { type BuildDependencies, buildExport } from './build-export.ts'
import type { ExportStatus } from './export-view.ts'

/** Younger exports are still being built by the request that promised them, after its response. */
const MIN_AGE_MS = 60_000

/**
 * Builds exports whose first attempt was cut off, one after the other, because a whole bundle is held in
 * memory. The attempt is recorded before the export is built. An export that ends the Worker is therefore
 * tried again only after the others. Index `exports_pending`.
 * @param limit the most exports to build
 * @returns how many exports ended in each status
 */
export async function buildPendingExports(
  ctx: BuildDependencies,
  limit: number,
): Promise<Readonly<Record<ExportStatus, number>>> {
  const rows = await ctx.db.all(selectPending(ctx.now, limit))
  const counts = { ready: 0, failed: 0, pending: 0 }
  for (const { id, user_id, created_at } of rows) {
    const tried = assignments(exports, { tried_at: ctx.now })
    await ctx.db.batch({ tried: sql`UPDATE exports SET ${tried} WHERE id = ${id} AND status = 'pending'` })
    counts[await buildExport(ctx, { id, userId: user_id, createdAtMs: created_at })] += 1
  }
  return counts
}

const pendingExport = { id: exports.id, user_id: exports.userId, created_at: exports.createdAt } as const

const selectPending = (now: number, limit: number): Statement<Row<typeof pendingExport>> =>
  withRows(
    pendingExport,
    sql`
      SELECT ${columnsOf(pendingExport)} FROM exports
      WHERE status = 'pending' AND created_at <= ${now - MIN_AGE_MS} AND expires_at > ${now}
      ORDER BY coalesce(tried_at, created_at) LIMIT ${limit}`,
  )
