import { type SQL, sql } from 'drizzle-orm'
import type { Context, Recording } from '../context.ts'
import type { SecondFactorFailure, SecondFactorMethod } from '../core/audit-event.ts'
import { AppError } from '../core/errors.ts'
import type { UserId } from '../core/ids.ts'
import type { NoticeTemplate } from '../core/mail.ts'
import type { DataKeyLookup } from '../core/ports.ts'
import { DAY_MS } from '../core/time.ts'
import { type CodeLockout, isCodeLockedOut } from '../rate-limits/code-lockout.ts'
import { addClientLater, addClientToMailLater } from '../storage/database/add-client-later.ts'
import { recordEvent } from '../storage/database/outbox.ts'
import { orderMail } from '../storage/database/outbox-mail.ts'

export interface SecondFactorRefusal {
  readonly userId: UserId
  readonly method: SecondFactorMethod
  readonly reason: SecondFactorFailure
  /** SQL for the reason, where only the database knows it. */
  readonly reasonNow?: SQL
  readonly pendingKey: Promise<DataKeyLookup>
  /** The counters of the codes, for a code of an authenticator app. */
  readonly lockout?: CodeLockout
}

const NOTICE = 'second-factor-failed' satisfies NoticeTemplate

/**
 * Records a wrong second factor. Once the account is locked out, its owner is mailed: whoever sent the codes
 * knows the first factor. The owner gets one such mail a day, or two if the daily deletion has removed the
 * row of the first one.
 * @returns the error to throw. The answer does not name the reason
 */
export async function refuseSecondFactor(
  ctx: Recording & Pick<Context, 'locale'>,
  { userId, method, reason, reasonNow, pendingKey, lockout }: SecondFactorRefusal,
): Promise<AppError> {
  const findKey = () => pendingKey
  const event = {
    action: 'user.second_factor_failed',
    outcome: 'failure',
    subjectId: userId,
    detail: { method, reason },
  } as const
  const detail = reasonNow && sql`json_object('method', ${method}, 'reason', ${reasonNow})`
  await ctx.db.batch({
    failed: recordEvent(ctx, event, { later: addClientLater(ctx, findKey), ...(detail && { detail }) }),
    told:
      lockout &&
      orderMail(ctx, {
        template: NOTICE,
        userId,
        onlyIf: sql`${isCodeLockedOut(lockout, ctx.now)} AND NOT ${wasTold(userId, ctx.now)}`,
        later: addClientToMailLater(ctx, { findKey }),
      }),
  })
  return new AppError('invalid_second_factor')
}

/** SQL condition: the owner was mailed in the last 24 hours. Index `mail_jobs_user`. */
const wasTold = (userId: UserId, now: number): SQL => sql`
  EXISTS (SELECT 1 FROM mail_jobs
    WHERE user_id = ${userId} AND created_at > ${now - DAY_MS} AND template = ${NOTICE})`
