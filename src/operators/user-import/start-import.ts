import { rfc3339 } from '../../core/time.ts'
import { recordEvent } from '../../storage/database/outbox.ts'
import { insertInto } from '../../storage/database/writes.ts'
import { imports } from '../../storage/schema/index.ts'
import { type Operating, type OperatorRequest, operatorDetail } from '../operation.ts'
import type { ImportView } from './import-view.ts'

/** Opens an import. `continueImport` adds its lines. */
export async function startImport(ctx: Operating, operation: OperatorRequest): Promise<ImportView> {
  const { db, now } = ctx
  const id = crypto.randomUUID()
  await db.batch({
    started: insertInto(imports, { id, started_at: now, updated_at: now, next_line: 1 }),
    record: recordEvent(ctx, {
      action: 'import.started',
      outcome: 'success',
      detail: { ...operatorDetail(ctx, operation), import_id: id },
    }),
  })
  const at = rfc3339(now)
  return { id, started_at: at, updated_at: at, finished_at: null, next_line: 1, imported: 0, refused: 0 }
}
