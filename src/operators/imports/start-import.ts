import { sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { systemKeyOwner } from '../../core/key-owner.ts'
import { rfc3339 } from '../../core/time.ts'
import { recordEvent } from '../../storage/outbox.ts'
import { type Operation, operatorDetail, sealNote } from '../operation.ts'
import type { ImportView } from './import-view.ts'

type Dependencies = Pick<Context, 'db' | 'vault' | 'actor' | 'requestId' | 'now' | 'outbox'>

/** Opens an import, which `continueImport` fills. @throws AppError `unavailable` */
export async function startImport(ctx: Dependencies, operation: Operation): Promise<ImportView> {
  const { db, now } = ctx
  const id = crypto.randomUUID()
  const pii = await sealNote(systemKeyOwner(now), () => ctx.vault.system(now), operation)
  await db.batch([
    sql`INSERT INTO imports (id, started_at, updated_at, next_line) VALUES (${id}, ${now}, ${now}, 1)`,
    recordEvent(
      ctx,
      { action: 'import.started', outcome: 'success', detail: { ...operatorDetail(ctx, operation), import_id: id } },
      { pii },
    ),
  ])
  const at = rfc3339(now)
  return { id, started_at: at, updated_at: at, finished_at: null, next_line: 1, imported: 0, refused: 0 }
}
