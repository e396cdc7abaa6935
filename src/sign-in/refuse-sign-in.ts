import type { Recording } from '../context.ts'
import type { SignInFailure } from '../core/audit-event.ts'
import { AppError, type ProblemCode } from '../core/errors.ts'
import type { DataKeyLookup } from '../core/ports.ts'
import { addClientLater } from '../storage/database/add-client-later.ts'
import { recordEvent } from '../storage/database/outbox.ts'
import type { SignInAccount } from '../storage/database/sign-in-account.ts'

export interface Refusal {
  /** Undefined for an unknown address. */
  readonly account: Pick<SignInAccount, 'id'> | undefined
  readonly reason: SignInFailure
  /** The data key for the client's address and device: the account's, or this month's system key. */
  readonly pendingKey: Promise<DataKeyLookup>
  /** The code for a reason that only the audit trail records; `invalid_credentials` by default. */
  readonly refusedAs?: ProblemCode | undefined
}

/**
 * Records a failed sign-in in one batch, so that every refusal takes equally long. The client's address and
 * device are added after the answer. Reading the key of a known account may take longer than reading the
 * system key, and that difference in time would reveal the account.
 * @returns the error to throw
 */
export async function refuseSignIn(ctx: Recording, refusal: Refusal): Promise<AppError> {
  const { account, reason, pendingKey, refusedAs = 'invalid_credentials' } = refusal
  const event = { action: 'user.sign_in_failed', outcome: 'failure', detail: { reason } } as const
  const later = addClientLater(ctx, () => pendingKey)
  await ctx.db.batch({ failed: recordEvent(ctx, account ? { ...event, subjectId: account.id } : event, { later }) })
  return new AppError(problemOf(reason) ?? refusedAs)
}

/** The code that names the reason. Undefined for a reason that the client does not learn. */
function problemOf(reason: SignInFailure): ProblemCode | undefined {
  if (reason === 'suspended') return 'account_suspended'
  if (reason === 'reset_required') return 'password_reset_required'
  if (reason === 'second_factor_required') return 'second_factor_required'
  if (reason === 'deleted') return 'account_deleted'
  if (reason === 'unverified') return 'email_unverified'
  if (reason === 'root_key_missing') return 'misconfigured'
  return undefined
}
