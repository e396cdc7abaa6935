import { sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { refuseErased } from '../../core/data-key.ts'
import { AppError } from '../../core/errors.ts'
import type { SessionId } from '../../core/ids.ts'
import { DAY_MS } from '../../core/time.ts'
import { type SessionRef, whereSessionLives } from '../../storage/database/live-session.ts'
import { encryptClient, previousChangedARow, recordEvent } from '../../storage/outbox.ts'

type Dependencies = Pick<
  Context,
  'db' | 'vault' | 'sessions' | 'settings' | 'actor' | 'client' | 'requestId' | 'now' | 'outbox' | 'defer'
>

export interface ErasureRequest {
  /** Unix milliseconds: the purge comes after this, and until then the owner can come back. */
  readonly purgeAfterMs: number
}

/**
 * Deletes the signed-in user's account: every session ends now, the data is destroyed after the grace period.
 * One batch, which acts only while the session lives. @throws AppError `invalid_access_token`
 */
export async function requestErasure(ctx: Dependencies, ref: SessionRef): Promise<ErasureRequest> {
  const { db, now, settings } = ctx
  const purgeAfterMs = now + settings.ERASURE_GRACE_DAYS * DAY_MS
  const lookup = await ctx.vault.find(ref.userId)
  refuseErased(lookup)
  const pii = await encryptClient(lookup, ref.userId, ctx.client)
  const isDeleted = sql`EXISTS (SELECT 1 FROM users WHERE id = ${ref.userId} AND status = 'deleted')`
  const [deleted, , , , ended] = await db.batch([
    sql<{ id: string }>`
      UPDATE users SET status = 'deleted', deleted_at = ${now}, purge_after = ${purgeAfterMs},
        security_epoch = security_epoch + 1
      WHERE id = ${ref.userId} AND ${whereSessionLives(ref, now)} RETURNING id`,
    recordEvent(
      ctx,
      { action: 'user.deletion_requested', outcome: 'success', subjectId: ref.userId },
      { pii, onlyIf: previousChangedARow },
    ),
    sql`
      INSERT INTO erasures (user_id, requested_at, due_at, basis)
      SELECT ${ref.userId}, ${now}, ${purgeAfterMs}, 'user_request' WHERE ${isDeleted}
      ON CONFLICT (user_id) DO NOTHING`,
    // A token from an earlier deletion must not undo this one.
    sql`DELETE FROM one_time_tokens WHERE user_id = ${ref.userId} AND purpose = 'restore' AND ${isDeleted}`,
    sql<{ id: SessionId }>`
      UPDATE sessions SET revoked_at = ${now}, revoke_reason = 'deleted'
      WHERE user_id = ${ref.userId} AND revoked_at IS NULL AND ${isDeleted} RETURNING id`,
  ])
  if (deleted.length === 0) throw new AppError('invalid_access_token')
  ctx.defer(Promise.all(ended.map(({ id }) => ctx.sessions.revoke(id))))
  return { purgeAfterMs }
}
