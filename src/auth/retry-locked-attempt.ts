import type { Recording } from '../context.ts'
import type { DataKeyLookup } from '../core/ports.ts'
import { recordEvent } from '../storage/outbox.ts'
import { addClientLater } from './add-client-later.ts'
import { isLockedOut, judgeReservation, reserveAttempt } from './limits/sign-in-lock.ts'
import type { SignInAttempt } from './open-attempt.ts'
import { toAccount } from './sign-in-account.ts'

/**
 * Records that an attempt was refused for the lock, unless a right password has cleared the count meanwhile: then it
 * takes one of the attempts that are free again. Without this, of many right passwords sent together those beyond the
 * cap would be refused for attempts that were never failures. Nothing is compared that was not counted within the cap.
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
    reserved: reserveAttempt(attempt.lock, ctx.now),
    refused: recordEvent(ctx, event, {
      onlyIf: isLockedOut(attempt.lock),
      later: addClientLater(ctx, () => pendingKey),
    }),
    accounts: attempt.selectAccount,
  })
  const reservation = judgeReservation(attempt.lock, reserved)
  if (reservation !== 'locked') return { ...attempt, account: accounts[0] && toAccount(accounts[0]), reservation }
  return undefined
}
