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
import { requireLive, type SessionRef, whereSessionLives } from '../../storage/database/live-session.ts'
import { recordEvent } from '../../storage/database/outbox.ts'
import { type SignInAccount, selectOwnAccount, toSignInAccount } from '../../storage/database/sign-in-account.ts'
import type { Runnable } from '../../storage/database/statement.ts'

type Dependencies = Limiting & Pick<Context, 'passwords'>

interface OwnPassword {
  readonly password: string
  /**
   * The code for an account that needs a higher level than the request has proven; `step_up_required` by
   * default.
   */
  readonly tooLow?: 'second_factor_required'
}

export interface ProvenOwner {
  readonly account: SignInAccount
  /**
   * Statements for the batch of the action that needed the password. They clear the failed attempts if the
   * condition holds.
   */
  readonly onSuccess: (onlyIf?: SQL) => readonly Runnable[]
}

/**
 * Compares the password of a signed-in user. Reserves the attempt first, on a counter of this user alone. So
 * a thief with an access token cannot go on guessing. Only live sessions are counted, so neither other people
 * nor a thief whose session has ended can lock the owner out. A session that is below the level of its
 * account compares nothing.
 * @throws AppError `invalid_access_token`, `step_up_required` or `tooLow`, `rate_limited`,
 * `invalid_credentials`, `password_reset_required`
 */
export async function verifyOwnPassword(
  ctx: Dependencies,
  ref: SessionRef,
  { password, tooLow }: OwnPassword,
): Promise<ProvenOwner> {
  const { db, now } = ctx
  const [rateLimit, lock] = await Promise.all([
    prepareRateLimit(ctx, 'confirm-password', { holder: ref }),
    lockoutCountersFor(ctx, 'confirm-password', { user: ref.userId }),
  ])
  const lives = whereSessionLives(ref, now)
  const livesAtAnyLevel = whereSessionLives({ userId: ref.userId, sessionId: ref.sessionId }, now)
  const batch = db.batch({
    ...countAndRecord(ctx, rateLimit),
    reserved: countUp(lock, now, sql`${rateLimit.isWithinLimit} AND ${lives}`),
    accounts: selectOwnAccount(sql`u.id = ${ref.userId} AND ${livesAtAnyLevel}`, { rpId: ref.proven?.rpId ?? '', now }),
  })
  const { counted, reserved, accounts } = await unlessRefused(ctx, rateLimit, batch)
  assertWithinLimit(ctx, rateLimit, counted)
  const [row] = accounts
  const account = toSignInAccount(requireLive(ref, row && { ...row, has_way_in: true }, now, tooLow))
  const isLocked = isOver(lock, reserved)
  const check = await ctx.passwords.check(password, isLocked ? null : account)
  if (check.matches && !account.isResetRequired) return { account, onSuccess: (onlyIf) => [clearCounts(lock, onlyIf)] }
  // A mailed link may have opened this session. The password from before the link must not turn it into a
  // recent sign-in.
  const isOutdated = check.matches && account.isResetRequired
  const reason = isLocked ? 'locked' : isOutdated ? 'reset_required' : 'wrong_password'
  await db.batch({
    failed: recordEvent(
      ctx,
      { action: 'user.reauthentication_failed', outcome: 'failure', subjectId: account.id, detail: { reason } },
      { later: addClientLater(ctx, keyOfSubject(ctx)) },
    ),
  })
  throw isLocked
    ? refusal(ctx, lock, { key: reserved[0]?.key ?? '', untilMs: reserved[0]?.ends_at ?? now })
    : new AppError(isOutdated ? 'password_reset_required' : 'invalid_credentials')
}
