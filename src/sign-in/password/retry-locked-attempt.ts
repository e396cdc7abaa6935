import type { Recording } from '../../context.ts'
import type { DataKeyLookup } from '../../core/ports.ts'
import { countAttempt, isLockedOut, judgeReservation } from '../../rate-limits/sign-in-lockout.ts'
import { addClientLater } from '../../storage/database/add-client-later.ts'
import { recordEvent } from '../../storage/database/outbox.ts'
import { toSignInAccount } from '../../storage/database/sign-in-account.ts'
import type { SignInAttempt } from './reserve-attempt.ts'

/**
 * Records that an attempt was refused because of the lockout. If a right password has cleared the counter
 * meanwhile, reserves one of the free attempts instead. Without this, of many right passwords that are sent
 * at the same time, those above the limit would be refused although none had failed. A password is compared
 * only after its attempt was counted within the limit.
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
