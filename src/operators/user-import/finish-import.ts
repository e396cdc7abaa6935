import { sql } from 'drizzle-orm'
import { AppError } from '../../core/errors.ts'
import { recorded } from '../../storage/database/recorded.ts'
import { columnsOf, withRows } from '../../storage/database/rows.ts'
import { selectImport } from '../../storage/database/user-imports.ts'
import { assignments } from '../../storage/database/writes.ts'
import { imports } from '../../storage/schema/index.ts'
import { type Operating, type OperatorRequest, operatorDetail } from '../operation.ts'
import { type ImportView, showImport } from './import-view.ts'

export interface ImportOperation extends OperatorRequest {
  readonly importId: string
}

const finishedImport = { id: imports.id } as const

/**
 * Finishes an import. It accepts no more lines.
 * @throws AppError `not_found`, `state_conflict`
 */
export async function finishImport(ctx: Operating, operation: ImportOperation): Promise<ImportView> {
  const { db, now } = ctx
  const { importId } = operation
  const detail = { ...operatorDetail(ctx, operation), import_id: importId }
  const { finished, found } = await db.batch({
    finished: recorded(
      ctx,
      withRows(
        finishedImport,
        sql`
          UPDATE imports SET ${assignments(imports, { finished_at: now, updated_at: now })}
          WHERE id = ${importId} AND finished_at IS NULL RETURNING ${columnsOf(finishedImport)}`,
      ),
      { action: 'import.finished', outcome: 'success', detail },
      { recordsFailure: true },
    ),
    found: selectImport(importId),
  })
  const [row] = found
  if (row === undefined) throw new AppError('not_found')
  if (finished.length === 0) throw new AppError('state_conflict')
  return showImport(row)
}
