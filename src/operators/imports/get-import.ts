import { sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { AppError } from '../../core/errors.ts'
import { type RefusalRow, selectImport, selectRefusals } from '../../storage/database/imports.ts'
import { recordEvent } from '../../storage/outbox.ts'
import { operatorSession } from '../operation.ts'
import { type Page, toPage } from '../page.ts'
import { type ImportView, showImport } from './import-view.ts'

interface ImportInquiry {
  readonly importId: string
  /** Last line of the page before. */
  readonly after: number
  readonly limit: number
}

interface ImportReport {
  readonly view: ImportView
  readonly refusals: Page<RefusalRow>
}

type Dependencies = Pick<Context, 'db' | 'actor' | 'requestId' | 'now' | 'outbox'>

/** How far an import is, and a page of the lines that it refused. @throws AppError `not_found` */
export async function getImport(ctx: Dependencies, inquiry: ImportInquiry): Promise<ImportReport> {
  const { importId, limit } = inquiry
  const known = sql`SELECT 1 FROM imports WHERE id = ${importId}`
  const [[row], refusals] = await ctx.db.batch([
    selectImport(importId),
    selectRefusals({ ...inquiry, limit: limit + 1 }),
    recordEvent(
      ctx,
      {
        action: 'operator.import_viewed',
        outcome: 'success',
        detail: { ...operatorSession(ctx), import_id: importId },
      },
      { outcome: sql`CASE WHEN EXISTS (${known}) THEN 'success' ELSE 'failure' END` },
    ),
  ])
  if (row === undefined) throw new AppError('not_found')
  return { view: showImport(row), refusals: toPage(refusals, limit, ({ line }) => String(line)) }
}
