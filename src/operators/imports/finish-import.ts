import { sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { AppError } from '../../core/errors.ts'
import { systemKeyOwner } from '../../core/key-owner.ts'
import { selectImport } from '../../storage/database/imports.ts'
import { previousOutcome, recordEvent } from '../../storage/outbox.ts'
import { type Operation, operatorDetail, sealNote } from '../operation.ts'
import { type ImportView, showImport } from './import-view.ts'

export interface ImportOperation extends Operation {
  readonly importId: string
}

type Dependencies = Pick<Context, 'db' | 'vault' | 'actor' | 'requestId' | 'now' | 'outbox'>

/** Closes an import: nothing is taken over any more. @throws AppError `not_found`, `state_conflict`, `unavailable` */
export async function finishImport(ctx: Dependencies, operation: ImportOperation): Promise<ImportView> {
  const { db, now } = ctx
  const { importId } = operation
  const pii = await sealNote(systemKeyOwner(now), () => ctx.vault.system(now), operation)
  const [finished, , [row]] = await db.batch([
    sql`
      UPDATE imports SET finished_at = ${now}, updated_at = ${now}
      WHERE id = ${importId} AND finished_at IS NULL RETURNING id`,
    recordEvent(
      ctx,
      {
        action: 'import.finished',
        outcome: 'success',
        detail: { ...operatorDetail(ctx, operation), import_id: importId },
      },
      { pii, outcome: previousOutcome },
    ),
    selectImport(importId),
  ])
  if (row === undefined) throw new AppError('not_found')
  if (finished.length === 0) throw new AppError('state_conflict')
  return showImport(row)
}
