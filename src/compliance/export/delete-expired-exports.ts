import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import type { ForAll } from '../../core/for-all.ts'
import { countChanges } from '../../storage/database/count-changes.ts'
import type { Row } from '../../storage/database/members.ts'
import { type Recorder, recordEvent } from '../../storage/database/outbox.ts'
import { columnsOf, withRows } from '../../storage/database/rows.ts'
import type { Runnable } from '../../storage/database/statement.ts'
import { exports } from '../../storage/schema/index.ts'

type Dependencies = Recorder & Pick<Context, 'db' | 'exportStore'>

const expiredExport = { id: exports.id, user_id: exports.userId } as const
type ExpiredExport = Row<typeof expiredExport>

/**
 * Deletes expired exports: bundles first, then rows, so that the next run can finish a run that was cut off
 * in between. Index `exports_expires`.
 * @param limit at most 1,000
 * @param passedOver how many exports this run could not delete; these are the oldest, and are skipped
 */
export async function deleteExpiredExports(
  ctx: Dependencies,
  { limit, passedOver }: { readonly limit: number; readonly passedOver: number },
  forAll: ForAll,
) {
  const { db, now } = ctx
  const rows = await db.all(
    withRows(
      expiredExport,
      sql`
        SELECT ${columnsOf(expiredExport)} FROM exports
        WHERE expires_at <= ${now} ORDER BY expires_at LIMIT ${limit} OFFSET ${passedOver}`,
    ),
  )
  let deleted = 0
  const passed = await forAll(rows, async (expired) => {
    await ctx.exportStore.delete(expired.map(({ id, user_id }) => ({ userId: user_id, exportId: id })))
    const { gone } = await db.batch({
      recorded: expired.map((row) => recordDeletion(ctx, row)),
      gone: countChanges(deleteExpired(expired, now)),
    })
    deleted += gone[0]?.changed ?? 0
  })
  return { isLastPage: rows.length < limit, deleted, passedOver: passedOver + rows.length - passed.length }
}

const deleteExpired = (rows: readonly ExpiredExport[], now: number): SQL => sql`
  DELETE FROM exports
  WHERE id IN (SELECT value FROM json_each(${JSON.stringify(rows.map(({ id }) => id))})) AND expires_at <= ${now}`

/** Must run before the row is deleted, because the row is the condition. */
const recordDeletion = (ctx: Dependencies, row: ExpiredExport): Runnable =>
  recordEvent(
    { ...ctx, actor: { type: 'system' } },
    {
      action: 'export.deleted',
      outcome: 'success',
      subjectId: row.user_id,
      detail: { export_id: row.id, reason: 'expired' },
    },
    { onlyIf: sql`EXISTS (SELECT 1 FROM exports WHERE id = ${row.id} AND expires_at <= ${ctx.now})` },
  )
