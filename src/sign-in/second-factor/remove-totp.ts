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
import { recorded } from '../../storage/database/recorded.ts'
import { columnsOf, withRows } from '../../storage/database/rows.ts'
import { ownsLastingFactor } from '../../storage/database/second-factors.ts'
import { hasProven } from '../../storage/database/session-methods.ts'
import { totpFactors } from '../../storage/schema/index.ts'
import { describeChange } from '../describe-change.ts'

type Dependencies = Recording & SessionEnding & Pick<Context, 'vault' | 'locale' | 'settings'>

const factorRow = { created_at: totpFactors.createdAt } as const

/**
 * Removes the authenticator app, and mails the owner. The other sessions that have proven it end: it may be
 * on a lost phone, or a thief's. Recovery codes go with the last second factor, for which they stood in.
 * While the account needs two factors, the last one stays.
 * @throws AppError `invalid_access_token`, `step_up_required`, `not_found`, `factor_required`
 */
export async function removeTotp(ctx: Dependencies, ref: SessionRef): Promise<void> {
  const { db, now } = ctx
  const { userId, sessionId } = ref
  const { pii, payload } = await describeChange(ctx, userId)
  const hasOther = ownsLastingFactor({ userId, rpId: rpIdOf(ctx.settings) }, { totp: true })
  const removed = recorded(
    ctx,
    withRows(
      factorRow,
      sql`
        DELETE FROM totp_factors WHERE user_id = ${userId} AND ${whereSessionLives(ref, now)}
          AND (${hasOther} OR EXISTS (SELECT 1 FROM users WHERE id = ${userId} AND ${isLevelAtMost(ONE_FACTOR, now)}))
        RETURNING ${columnsOf(factorRow)}`,
    ),
    { action: 'totp.removed', outcome: 'success', subjectId: userId },
    { pii },
  )
  const answers = await db.batch({
    live: selectLiveSession(ref, now),
    present: withRows(factorRow, sql`SELECT ${columnsOf(factorRow)} FROM totp_factors WHERE user_id = ${userId}`),
    removed,
    codes: sql`DELETE FROM recovery_codes WHERE user_id = ${userId} AND ${removed.happened} AND NOT ${hasOther}`,
    ended: endSessions(
      ctx,
      'factors_changed',
      sql`user_id = ${userId} AND id <> ${sessionId} AND ${hasProven('otp')} AND ${removed.happened}`,
    ),
    told: orderMail(ctx, { template: 'totp-removed', userId, payload, onlyIf: removed.happened }),
  })
  requireLive(ref, answers.live[0], now)
  if (answers.present.length === 0) throw new AppError('not_found')
  if (answers.removed.length === 0) throw new AppError('factor_required')
}
