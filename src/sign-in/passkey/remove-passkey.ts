import { sql } from 'drizzle-orm'
import type { Context, Recording } from '../../context.ts'
import { ONE_FACTOR } from '../../core/assurance.ts'
import { AppError } from '../../core/errors.ts'
import { rpIdOf } from '../../core/relying-party.ts'
import { isLevelAtMost } from '../../storage/database/account-level.ts'
import { endSessions, type SessionEnding } from '../../storage/database/end-sessions.ts'
import {
  requireLive,
  type SessionRef,
  selectLiveSession,
  whereSessionLives,
} from '../../storage/database/live-session.ts'
import { orderMail } from '../../storage/database/outbox-mail.ts'
import { isKept, isUsablePasskey, removal, signsInAlone } from '../../storage/database/passkeys.ts'
import { recorded } from '../../storage/database/recorded.ts'
import { columnsOf, computed, withRows } from '../../storage/database/rows.ts'
import { ownsLastingFactor } from '../../storage/database/second-factors.ts'
import { restsOn } from '../../storage/database/session-methods.ts'
import { assignments } from '../../storage/database/writes.ts'
import { passkeys } from '../../storage/schema/index.ts'
import { describeChange } from '../describe-change.ts'
import { hasAnotherWayIn } from '../ways-to-sign-in.ts'

type Dependencies = Recording & SessionEnding & Pick<Context, 'vault' | 'locale' | 'settings' | 'identityProviders'>

const removedPasskey = { id: passkeys.id } as const

/**
 * Removes a passkey or a security key, and mails the owner. The other sessions that it opened or raised end.
 * The last way to sign in stays, and so does the last second factor while the account needs two. One
 * statement checks both, so of two concurrent requests that would remove the last two, one fails. Recovery
 * codes go with the last second factor. The row is kept for a while, without its details: see
 * `REMOVED_PASSKEY_DAYS`.
 * @throws AppError `invalid_access_token`, `step_up_required`, `not_found`, `last_credential`,
 * `factor_required`
 */
export async function removePasskey(ctx: Dependencies, ref: SessionRef, id: string): Promise<void> {
  const { db, now } = ctx
  const { userId, sessionId } = ref
  const { pii, payload } = await describeChange(ctx, userId)
  const guards = guardsOf(ctx, { userId, id })
  const isOwn = sql`passkeys.id = ${id} AND passkeys.user_id = ${userId} AND ${isKept}`
  const removed = recorded(
    ctx,
    withRows(
      removedPasskey,
      sql`
        UPDATE passkeys SET ${assignments(passkeys, removal(now))}
        WHERE ${isOwn} AND ${whereSessionLives(ref, now)} AND ${guards.leavesWayIn} AND ${guards.leavesFactor}
        RETURNING ${columnsOf(removedPasskey)}`,
    ),
    { action: 'passkey.removed', outcome: 'success', subjectId: userId, detail: { passkey_id: id } },
    { pii },
  )
  const members = { leaves_way_in: computed.flag(guards.leavesWayIn) } as const
  const answers = await db.batch({
    live: selectLiveSession(ref, now),
    present: withRows(members, sql`SELECT ${columnsOf(members)} FROM passkeys WHERE ${isOwn}`),
    removed,
    codes: sql`
      DELETE FROM recovery_codes
      WHERE user_id = ${userId} AND ${removed.happened} AND NOT ${ownsLastingFactor({ userId, rpId: rpIdOf(ctx.settings) })}`,
    ended: endSessions(
      ctx,
      'factors_changed',
      sql`user_id = ${userId} AND ${restsOn(id)} AND id <> ${sessionId} AND ${removed.happened}`,
    ),
    told: orderMail(ctx, { template: 'passkey-removed', userId, payload, onlyIf: removed.happened }),
  })
  requireLive(ref, answers.live[0], now)
  const [present] = answers.present
  if (present === undefined) throw new AppError('not_found')
  if (answers.removed.length === 0) throw new AppError(present.leaves_way_in ? 'factor_required' : 'last_credential')
}

/**
 * SQL conditions on `passkeys`: what remains is enough. A passkey that signs nobody in, for example a blocked
 * one, can always be removed.
 */
function guardsOf(ctx: Dependencies, { userId, id }: { readonly userId: SessionRef['userId']; readonly id: string }) {
  const rpId = rpIdOf(ctx.settings)
  const hasOtherFactor = ownsLastingFactor({ userId, rpId: rpIdOf(ctx.settings) }, { passkeyId: id })
  return {
    leavesWayIn: sql`(NOT (${signsInAlone(rpId)}) OR ${hasAnotherWayIn(ctx, { userId, passkeyId: id })})`,
    leavesFactor: sql`(NOT (${isUsablePasskey(rpId)}) OR ${hasOtherFactor}
      OR EXISTS (SELECT 1 FROM users WHERE users.id = ${userId} AND ${isLevelAtMost(ONE_FACTOR, ctx.now)}))`,
  }
}
