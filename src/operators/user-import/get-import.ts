import { sql } from 'drizzle-orm'
import { AppError } from '../../core/errors.ts'
import { recordEvent } from '../../storage/database/outbox.ts'
import { selectImport, selectRefusals } from '../../storage/database/user-imports.ts'
import { type Operating, operatorSession } from '../operation.ts'
import { toPage } from '../page.ts'
import { type ImportReport, showImport } from './import-view.ts'

interface ImportInquiry {
  readonly importId: string
  /** Last line of the previous page. */
  readonly after: number
  readonly limit: number
}

/**
 * Returns the progress of an import, and a page of the lines that it refused.
 * @throws AppError `not_found`
 */
export async function getImport(ctx: Operating, inquiry: ImportInquiry): Promise<ImportReport> {
  const { importId, limit } = inquiry
  const known = sql`SELECT 1 FROM imports WHERE id = ${importId}`
  const { found, refusals } = await ctx.db.batch({
    found: selectImport(importId),
    refusals: selectRefusals({ ...inquiry, limit: limit + 1 }),
    record: recordEvent(
      ctx,
      {
        action: 'operator.import_viewed',
        outcome: 'success',
        detail: { ...operatorSession(ctx), import_id: importId },
      },
      { outcome: sql`CASE WHEN EXISTS (${known}) THEN 'success' ELSE 'failure' END` },
    ),
  })
  const [row] = found
  if (row === undefined) throw new AppError('not_found')
  const { items, nextCursor } = toPage(refusals, limit, ({ line }) => String(line))
  return { ...showImport(row), refusals: [...items], next_cursor: nextCursor }
}
