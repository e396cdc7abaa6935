import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import type { UserId } from '../../core/ids.ts'
import { recordEvent } from '../../storage/outbox.ts'

type Dependencies = Pick<Context, 'db' | 'exportStore' | 'requestId' | 'now' | 'outbox'>

interface ExpiredRow {
  readonly id: string
  readonly user_id: UserId
}

/**
 * Deletes exports whose time is over: bundles first, then rows, so that a run that is cut off in between is finished
 * by the next. Index `exports_expires`. @param limit at most 1,000 @returns how many rows went
 */
export async function deleteExpiredExports(ctx: Dependencies, limit: number): Promise<number> {
  const { db, now } = ctx
  const rows = await db.all(sql<ExpiredRow>`
    SELECT id, user_id FROM exports WHERE expires_at <= ${now} ORDER BY expires_at LIMIT ${limit}`)
  if (rows.length === 0) return 0
  await ctx.exportStore.delete(rows.map(({ id, user_id }) => ({ userId: user_id, exportId: id })))
  const deletions = await db.batch(rows.flatMap((row) => [recordDeletion(ctx, row), deleteExpired(row, now)]))
  return deletions.flat().length
}

const isExpired = ({ id }: ExpiredRow, now: number): SQL => sql`id = ${id} AND expires_at <= ${now}`

const deleteExpired = (row: ExpiredRow, now: number): SQL =>
  sql`DELETE FROM exports WHERE ${isExpired(row, now)} RETURNING id`

/** Before the row goes: its presence is the condition. */
const recordDeletion = (ctx: Dependencies, row: ExpiredRow): SQL =>
  recordEvent(
    { ...ctx, actor: { type: 'system' } },
    {
      action: 'export.deleted',
      outcome: 'success',
      subjectId: row.user_id,
      detail: { export_id: row.id, reason: 'expired' },
    },
    { onlyIf: sql`EXISTS (SELECT 1 FROM exports WHERE ${isExpired(row, ctx.now)})` },
  )
