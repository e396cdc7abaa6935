import { sql } from 'drizzle-orm'
import type { Context, Recording } from '../../context.ts'
import { refuseErased } from '../../core/data-key.ts'
import { AppError } from '../../core/errors.ts'
import { DAY_MS } from '../../core/time.ts'
import { openErasureSeals } from '../../crypto/erasure-seal.ts'
import { endSessions, type SessionEnding } from '../../storage/database/end-sessions.ts'
import { encryptClient } from '../../storage/database/event-details.ts'
import { keepOutcome } from '../../storage/database/idempotency-keys.ts'
import {
  requireLive,
  type SessionRef,
  selectLiveSession,
  whereSessionLives,
} from '../../storage/database/live-session.ts'
import { orderMail, sealMailPayload } from '../../storage/database/outbox-mail.ts'
import { recorded } from '../../storage/database/recorded.ts'
import { leavesAnAdmin } from '../../storage/database/roles.ts'
import { columnsOf, withRows } from '../../storage/database/rows.ts'
import { assignments, plusOne } from '../../storage/database/writes.ts'
import { users } from '../../storage/schema/index.ts'
import { type Deletion, showDeletion } from './deletion-view.ts'
import { forgetTokens, scheduleErasure } from './schedule-erasure.ts'

type Dependencies = Recording &
  SessionEnding &
  Pick<Context, 'vault' | 'ring' | 'settings' | 'locale' | 'idempotencyKey'>

const deletedUser = { id: users.id } as const

/**
 * Deletes the signed-in user's account: every session ends now, and the data is destroyed after the grace
 * period. One batch, which acts only while the session is active and another admin remains.
 * @throws AppError `invalid_access_token`, `last_admin`
 */
export async function requestErasure(ctx: Dependencies, ref: SessionRef): Promise<Deletion> {
  const { db, now, settings } = ctx
  const purgeAfterMs = now + settings.ERASURE_GRACE_DAYS * DAY_MS
  const view = showDeletion(purgeAfterMs)
  const lookup = await ctx.vault.find(ref.userId)
  refuseErased(lookup)
  const [seals, pii, payload] = await Promise.all([
    openErasureSeals(ctx.ring),
    encryptClient(ctx, lookup, ref.userId),
    sealMailPayload(ctx, lookup, { userId: ref.userId, payload: { client: ctx.client, restoreUntilMs: purgeAfterMs } }),
  ])
  // Only this request must match. A later request, with a session that has ended, must not void the link by
  // which the owner can restore the account.
  const isDeleted = sql`
    EXISTS (SELECT 1 FROM users WHERE id = ${ref.userId} AND status = 'deleted' AND deleted_at = ${now})`
  const deletion = recorded(
    ctx,
    withRows(
      deletedUser,
      sql`
        UPDATE users SET ${assignments(users, {
          status: 'deleted',
          deleted_at: now,
          purge_after: purgeAfterMs,
          security_epoch: plusOne(users.securityEpoch),
        })}
        WHERE id = ${ref.userId} AND ${whereSessionLives(ref, now)} AND ${leavesAnAdmin(ref.userId)}
        RETURNING ${columnsOf(deletedUser)}`,
    ),
    { action: 'user.deletion_requested', outcome: 'success', subjectId: ref.userId },
    { pii },
  )
  const { happened } = deletion
  const { live, deleted } = await db.batch({
    live: selectLiveSession(ref, now),
    deleted: deletion,
    told: orderMail(ctx, { template: 'account-deleted', userId: ref.userId, payload, onlyIf: happened }),
    kept: keepOutcome(ctx, sql`${JSON.stringify(view)}`, happened),
    scheduled: scheduleErasure({ userId: ref.userId, now, dueAtMs: purgeAfterMs, basis: 'user_request' }, seals),
    forgotten: forgetTokens({ userId: ref.userId, now }),
    ended: endSessions(ctx, 'deleted', sql`user_id = ${ref.userId} AND ${isDeleted}`),
  })
  requireLive(ref, live[0], now)
  // The session is live and at the level of the account, so only the other condition can have failed.
  if (deleted.length === 0) throw new AppError('last_admin')
  return view
}
