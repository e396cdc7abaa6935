import { sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { AppError } from '../../core/errors.ts'
import { rfc3339 } from '../../core/time.ts'
import { type SessionRef, selectLiveSession } from '../../storage/database/live-session.ts'
import type { ExportStatus } from './export-ref.ts'

/** An export as clients see it. Times are RFC 3339. */
export interface ShownExport {
  readonly id: string
  readonly status: ExportStatus
  readonly created_at: string
  readonly expires_at: string
}

interface ExportRow {
  readonly id: string
  readonly status: ExportStatus
  readonly created_at: number
  readonly expires_at: number
}

/**
 * How far an export of the signed-in person is. A foreign one is as unknown as one that never was.
 * @throws AppError `invalid_access_token`, `not_found`
 */
export async function getExport(
  { db, now }: Pick<Context, 'db' | 'now'>,
  ref: SessionRef,
  exportId: string,
): Promise<ShownExport> {
  const [live, [row]] = await db.batch([
    selectLiveSession(ref, now),
    sql<ExportRow>`
      SELECT id, status, created_at, expires_at FROM exports
      WHERE id = ${exportId} AND user_id = ${ref.userId} AND expires_at > ${now}`,
  ])
  if (live.length === 0) throw new AppError('invalid_access_token')
  if (row === undefined) throw new AppError('not_found')
  const { id, status } = row
  return { id, status, created_at: rfc3339(row.created_at), expires_at: rfc3339(row.expires_at) }
}
