import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import type { ForAll } from '../../core/for-all.ts'
import type { UserId } from '../../core/ids.ts'
import { recordEvent } from '../../storage/outbox.ts'

type Dependencies = Pick<Context, 'db' | 'exportStore' | 'requestId' | 'now' | 'outbox'>

interface ExpiredRow {
  readonly id: string
  readonly user_id: UserId
}

/**
 * Deletes exports whose time is over: bundles first, then rows, so that a run that is cut off in between is finished
 * by the next. Index `exports_expires`.
 * @param limit at most 1,000 @param passedOver how many this run could not delete; they are the oldest
 */
export async function deleteExpiredExports(
  ctx: Dependencies,
  { limit, passedOver }: { readonly limit: number; readonly passedOver: number },
  forAll: ForAll,
) {
  const { db, now } = ctx
  const rows = await db.all(sql<ExpiredRow>`
    SELECT id, user_id FROM exports WHERE expires_at <= ${now} ORDER BY expires_at LIMIT ${limit} OFFSET ${passedOver}`)
  let deleted = 0
  const passed = await forAll(rows, async (expired) => {
    await ctx.exportStore.delete(expired.map(({ id, user_id }) => ({ userId: user_id, exportId: id })))
    const [, ...answers] = await db.batch([
      expired.map((row) => recordDeletion(ctx, row)),
      ...expired.map((row) => deleteExpired(row, now)),
    ])
    deleted += answers.flat().length
  })
  return { isLastPage: rows.length < limit, deleted, passedOver: passedOver + rows.length - passed.length }
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
