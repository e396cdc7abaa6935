import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { refuseErased } from '../../core/data-key.ts'
import { AppError } from '../../core/errors.ts'
import type { UserId } from '../../core/ids.ts'
import { type SessionRef, selectLiveSession, whereSessionLives } from '../../storage/database/live-session.ts'
import { keepOutcome } from '../../storage/database/request-claims.ts'
import { encryptClient, previousChangedARow, recordEvent } from '../../storage/outbox.ts'
import { type BuildDependencies, buildExport } from './build-export.ts'
import { type ExportStatus, exportExpiry } from './export-ref.ts'

type Dependencies = BuildDependencies & Pick<Context, 'actor' | 'client' | 'defer' | 'claim'>

export interface RequestedExport {
  readonly id: string
  readonly status: ExportStatus
}

/**
 * Asks for an export of everything that is held about the signed-in person, built behind the answer. While one is
 * pending, asking again answers with that one. @throws AppError `invalid_access_token`
 */
export async function requestExport(ctx: Dependencies, ref: SessionRef): Promise<RequestedExport> {
  const { db, now } = ctx
  const { userId } = ref
  const lookup = await ctx.vault.find(userId)
  refuseErased(lookup)
  const pii = await encryptClient(lookup, userId, ctx.client)
  const id = crypto.randomUUID()
  const [inserted, , live, [pending]] = await db.batch([
    sql`
      INSERT INTO exports (id, user_id, status, created_at, expires_at)
      SELECT ${id}, ${userId}, 'pending', ${now}, ${exportExpiry(now)}
      WHERE ${whereSessionLives(ref, now)} AND NOT EXISTS (${selectPending(userId, now)}) RETURNING id`,
    recordEvent(
      ctx,
      { action: 'export.requested', outcome: 'success', subjectId: userId, detail: { export_id: id } },
      { pii, onlyIf: previousChangedARow },
    ),
    selectLiveSession(ref, now),
    selectPending(userId, now),
    keepOutcome(
      ctx,
      sql`(SELECT json_object('id', id, 'status', status) FROM (${selectPending(userId, now)}))`,
      whereSessionLives(ref, now),
    ),
  ])
  if (live.length === 0 || pending === undefined) throw new AppError('invalid_access_token')
  if (inserted.length === 1) ctx.defer(buildExport(ctx, { id, userId, createdAtMs: now }))
  return pending
}

/** Index `exports_user`. */
const selectPending = (userId: UserId, now: number): SQL<RequestedExport> => sql`
  SELECT id, status FROM exports
  WHERE user_id = ${userId} AND status = 'pending' AND expires_at > ${now} LIMIT 1`
