import { sql } from 'drizzle-orm'
import type { UserId } from '../core/ids.ts'
import { rfc3339 } from '../core/time.ts'
import { isTombstone } from '../storage/database/users.ts'
import type { Account } from './account-view.ts'
import { type AccountOperation, type ChangeDependencies, changeAccount } from './change-account.ts'
import { changeUser } from './change-user.ts'
import { operatorDetail } from './operation.ts'

export interface TwoStepRequirement extends AccountOperation {
  /** From when on one factor opens no session, in Unix milliseconds. Null: no operator requires two. */
  readonly dueAtMs: number | null
}

/**
 * Requires two factors of an account from a time on, or requires them no more. The owner is mailed the time.
 * Sessions stay as they are. What an operator sets wins over the policy, until it is taken back: then the job
 * gives the account the date of the policy again.
 * @throws AppError as `changeAccount`: `state_conflict` also when the account has this date already
 */
export const requireTwoStep = (ctx: ChangeDependencies, requirement: TwoStepRequirement): Promise<Account> =>
  requirement.dueAtMs === null ? release(ctx, requirement) : require(ctx, requirement, requirement.dueAtMs)

function require(ctx: ChangeDependencies, operation: AccountOperation, wantedMs: number): Promise<Account> {
  // A time in the past says the same as now.
  const dueAtMs = Math.max(wantedMs, ctx.now)
  const detail = { due_at: rfc3339(dueAtMs), by: 'operator', ...operatorDetail(ctx, operation) } as const
  return changeAccount(ctx, operation, {
    change: changeDate(operation.userId, dueAtMs),
    mail: { template: 'two-step-due' },
    event: { action: 'two_step.due', detail },
  })
}

function release(ctx: ChangeDependencies, operation: AccountOperation): Promise<Account> {
  const detail = { by: 'operator', ...operatorDetail(ctx, operation) } as const
  return changeAccount(ctx, operation, {
    change: changeDate(operation.userId, null),
    event: { action: 'two_step.released', detail },
  })
}

const changeDate = (userId: UserId, dueAtMs: number | null) =>
  changeUser(
    userId,
    { two_step_due_at: dueAtMs, two_step_due_by: dueAtMs === null ? null : 'operator' },
    sql`
      NOT ${isTombstone} AND (two_step_due_at IS NOT ${dueAtMs}
        OR (${dueAtMs} IS NOT NULL AND two_step_due_by IS NOT 'operator'))`,
  )
