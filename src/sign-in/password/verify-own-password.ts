import { type SQL, sql } from 'drizzle-orm'
import type { Context, Limiting } from '../../context.ts'
import { AppError } from '../../core/errors.ts'
import { lockoutCountersFor } from '../../rate-limits/counters-for.ts'
import {
  assertWithinLimit,
  countAndRecord,
  prepareRateLimit,
  refusal,
  unlessRefused,
} from '../../rate-limits/rate-limit.ts'
import { addClientLater, keyOfSubject } from '../../storage/database/add-client-later.ts'
import { clearCounts, countUp, isOver } from '../../storage/database/counters.ts'
import { type SessionRef, whereSessionLives } from '../../storage/database/live-session.ts'
import { recordEvent } from '../../storage/database/outbox.ts'
import { type SignInAccount, selectSignInAccount, toSignInAccount } from '../../storage/database/sign-in-account.ts'
import type { Runnable } from '../../storage/database/statement.ts'

type Dependencies = Limiting & Pick<Context, 'passwords'>

export interface ProvenOwner {
  readonly account: SignInAccount
  /**
   * Statements for the batch that does what the password was asked for. They forget the failures, if the
   * condition holds.
   */
  readonly onSuccess: (onlyIf?: SQL) => readonly Runnable[]
}

/**
 * Compares the password of a signed-in user. Attempts are reserved first and counted under a key of this
 * user's own: a thief with a token cannot guess on, and a stranger, or a thief whose session has ended,
 * cannot lock the owner out.
 * @throws AppError `invalid_access_token`, `rate_limited`, `invalid_credentials`, `password_reset_required`
 */
export async function verifyOwnPassword(ctx: Dependencies, ref: SessionRef, password: string): Promise<ProvenOwner> {
  const { db, now } = ctx
  const [rateLimit, lock] = await Promise.all([
    prepareRateLimit(ctx, 'confirm-password', { holder: ref }),
    lockoutCountersFor(ctx, 'confirm-password', { user: ref.userId }),
  ])
  const lives = whereSessionLives(ref, now)
  const batch = db.batch({
    ...countAndRecord(ctx, rateLimit),
    reserved: countUp(lock, now, sql`${rateLimit.isWithinLimit} AND ${lives}`),
    accounts: selectSignInAccount(sql`u.id = ${ref.userId} AND ${lives}`, now),
  })
  const { counted, reserved, accounts } = await unlessRefused(ctx, rateLimit, batch)
  assertWithinLimit(ctx, rateLimit, counted)
  if (accounts[0] === undefined) throw new AppError('invalid_access_token')
  const account = toSignInAccount(accounts[0])
  const isLocked = isOver(lock, reserved)
  const check = await ctx.passwords.check(password, isLocked ? null : account)
  if (check.matches && !account.isResetRequired) return { account, onSuccess: (onlyIf) => [clearCounts(lock, onlyIf)] }
  // A session that a mailed link has opened must not become a recent sign-in by the password of before.
  const isOld = check.matches && account.isResetRequired
  const reason = isLocked ? 'locked' : isOld ? 'reset_required' : 'wrong_password'
  await db.batch({
    failed: recordEvent(
      ctx,
      { action: 'user.reauthentication_failed', outcome: 'failure', subjectId: account.id, detail: { reason } },
      { later: addClientLater(ctx, keyOfSubject(ctx)) },
    ),
  })
  throw isLocked
    ? refusal(ctx, lock, { key: reserved[0]?.key ?? '', untilMs: reserved[0]?.ends_at ?? now })
    : new AppError(isOld ? 'password_reset_required' : 'invalid_credentials')
}
