import { type SQL, sql } from 'drizzle-orm'
import type { Context, Recording } from '../../context.ts'
import { refuseErased } from '../../core/data-key.ts'
import { AppError } from '../../core/errors.ts'
import type { UserId } from '../../core/ids.ts'
import { encryptClient } from '../../storage/database/event-details.ts'
import { keepOutcome } from '../../storage/database/idempotency-keys.ts'
import {
  requireLive,
  type SessionRef,
  selectLiveSession,
  whereSessionLives,
} from '../../storage/database/live-session.ts'
import type { Row } from '../../storage/database/members.ts'
import { recorded } from '../../storage/database/recorded.ts'
import { columnsOf, withRows } from '../../storage/database/rows.ts'
import { onReturned, type Statement } from '../../storage/database/statement.ts'
import { insertInto } from '../../storage/database/writes.ts'
import { exports } from '../../storage/schema/index.ts'
import { type BuildDependencies, buildExport } from './build-export.ts'
import { type ExportRef, exportExpiry } from './export-ref.ts'
import type { ExportRequested } from './export-view.ts'

type Dependencies = BuildDependencies & Recording & Pick<Context, 'defer' | 'idempotencyKey'>

/**
 * Requests an export of everything that is held about the signed-in person. It is built after the response.
 * While an export is pending, the same one is returned.
 * @throws AppError `invalid_access_token`
 */
export async function requestExport(ctx: Dependencies, ref: SessionRef): Promise<ExportRequested> {
  const { db, now } = ctx
  const { userId } = ref
  const lookup = await ctx.vault.find(userId)
  refuseErased(lookup)
  const pii = await encryptClient(ctx, lookup, userId)
  const id = crypto.randomUUID()
  const {
    live,
    pending: [pending],
  } = await db.batch({
    inserted: recorded(
      ctx,
      onReturned(insertExport({ id, userId }, now, whereSessionLives(ref, now)), (rows) => {
        if (rows.length > 0) ctx.defer(buildExport(ctx, { id, userId, createdAtMs: now }))
      }),
      { action: 'export.requested', outcome: 'success', subjectId: userId, detail: { export_id: id } },
      { pii },
    ),
    live: selectLiveSession(ref, now),
    pending: withRows(requestedExport, pendingOf(userId, now)),
    kept: keepOutcome(
      ctx,
      sql`(SELECT json_object('id', id, 'status', status) FROM (${pendingOf(userId, now)}))`,
      whereSessionLives(ref, now),
    ),
  })
  requireLive(ref, live[0], now)
  if (pending === undefined) throw new AppError('invalid_access_token')
  return pending
}

const requestedExport = { id: exports.id, status: exports.status } as const

/** Inserts an export unless one is pending. */
function insertExport({ id, userId }: ExportRef, now: number, onlyIf: SQL): Statement<Row<typeof requestedExport>> {
  const insertion = insertInto(
    exports,
    { id, user_id: userId, status: 'pending', created_at: now, expires_at: exportExpiry(now) },
    { onlyIf: sql`${onlyIf} AND NOT EXISTS (${pendingOf(userId, now)})` },
  )
  return withRows(requestedExport, sql`${insertion} RETURNING ${columnsOf(requestedExport)}`)
}

/** Index `exports_user`. */
const pendingOf = (userId: UserId, now: number): SQL => sql`
  SELECT ${columnsOf(requestedExport)} FROM exports
  WHERE user_id = ${userId} AND status = 'pending' AND expires_at > ${now} LIMIT 1`
