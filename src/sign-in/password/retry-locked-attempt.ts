import type { Recording } from '../../context.ts'
import type { DataKeyLookup } from '../../core/ports.ts'
import { countAttempt, isLockedOut, judgeReservation } from '../../rate-limits/sign-in-lockout.ts'
import { addClientLater } from '../../storage/database/add-client-later.ts'
import { recordEvent } from '../../storage/database/outbox.ts'
import { toSignInAccount } from '../../storage/database/sign-in-account.ts'
import type { SignInAttempt } from './reserve-attempt.ts'

/**
 * Records that an attempt was refused for the lock, unless a right password has cleared the count meanwhile:
 * then it takes one of the attempts that are free again. Without this, of many right passwords sent together
 * those beyond the cap would be refused for attempts that were never failures. Nothing is compared that was
 * not counted within the cap.
 * @returns the attempt to go on with; undefined when the account is locked
 */
export async function retryLockedAttempt(
  ctx: Recording,
  attempt: SignInAttempt,
  pendingKey: Promise<DataKeyLookup>,
): Promise<SignInAttempt | undefined> {
  const subject = attempt.account && { subjectId: attempt.account.id }
  const event = { action: 'user.sign_in_failed', outcome: 'failure', detail: { reason: 'locked' }, ...subject } as const
  const { reserved, accounts } = await ctx.db.batch({
    reserved: countAttempt(attempt.lock, ctx.now),
    refused: recordEvent(ctx, event, {
      onlyIf: isLockedOut(attempt.lock),
      later: addClientLater(ctx, () => pendingKey),
    }),
    accounts: attempt.selectSignInAccount,
  })
  const reservation = judgeReservation(attempt.lock, reserved)
  if (reservation !== 'locked') return { ...attempt, account: accounts[0] && toSignInAccount(accounts[0]), reservation }
  return undefined
}
