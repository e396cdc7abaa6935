import { sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { AppError } from '../../core/errors.ts'
import { type SessionRef, selectLiveSession } from '../../storage/database/live-session.ts'
import { columnsOf, withRows } from '../../storage/database/rows.ts'
import { type ExportView, exportRow, showExport } from './export-view.ts'

/**
 * Returns the status of an export of the signed-in person. Another person's export gets the same answer as
 * one that does not exist.
 * @throws AppError `invalid_access_token`, `not_found`
 */
export async function getExport(
  { db, now }: Pick<Context, 'db' | 'now'>,
  ref: SessionRef,
  exportId: string,
): Promise<ExportView> {
  const {
    live,
    found: [row],
  } = await db.batch({
    live: selectLiveSession(ref, now),
    found: withRows(
      exportRow,
      sql`
        SELECT ${columnsOf(exportRow)} FROM exports
        WHERE id = ${exportId} AND user_id = ${ref.userId} AND expires_at > ${now}`,
    ),
  })
  if (live.length === 0) throw new AppError('invalid_access_token')
  if (row === undefined) throw new AppError('not_found')
  return showExport(row)
}
