import { sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import type { UserId } from '../core/ids.ts'
import { rfc3339 } from '../core/time.ts'
import { followPolicy } from '../identity/two-step/follow-policy.ts'
import { isCoveredByPolicy } from '../storage/database/two-step-policy.ts'
import { isTombstone } from '../storage/database/users.ts'
import type { Account } from './account-view.ts'
import { type AccountOperation, type ChangeDependencies, changeAccount } from './change-account.ts'
import { changeUser } from './change-user.ts'
import { operatorDetail } from './operation.ts'

export interface TwoStepRequirement extends AccountOperation {
  /** From when on one factor opens no session, in Unix milliseconds. Null: no operator requires two. */
  readonly dueAtMs: number | null
}

type Dependencies = ChangeDependencies & Pick<Context, 'settings'>

/**
 * Requires two factors of an account from a time on, or requires them no more. The owner is mailed the time.
 * Sessions stay as they are. What an operator sets wins over the policy, until it is taken back: then the
 * same batch gives the account the date of the policy, if the policy covers it, and mails it.
 * @throws AppError as `changeAccount`: `state_conflict` also when the account has this date already, and when
 * the date to take back is that of the policy
 */
export const requireTwoStep = (ctx: Dependencies, requirement: TwoStepRequirement): Promise<Account> =>
  requirement.dueAtMs === null ? release(ctx, requirement) : require(ctx, requirement, requirement.dueAtMs)

function require(ctx: Dependencies, operation: AccountOperation, wantedMs: number): Promise<Account> {
  // A time in the past says the same as now.
  const dueAtMs = Math.max(wantedMs, ctx.now)
  const detail = { due_at: rfc3339(dueAtMs), by: 'operator', ...operatorDetail(ctx, operation) } as const
  return changeAccount(ctx, operation, {
    change: changeDate(operation.userId, dueAtMs),
    mail: { template: 'two-step-due' },
    event: { action: 'two_step.due', detail },
  })
}

function release(ctx: Dependencies, operation: AccountOperation): Promise<Account> {
  const { settings } = ctx
  const { userId } = operation
  const detail = { by: 'operator', ...operatorDetail(ctx, operation) } as const
  return changeAccount(ctx, operation, {
    change: changeUser(
      userId,
      { two_step_due_at: null, two_step_due_by: null },
      sql`
        NOT ${isTombstone} AND two_step_due_at IS NOT NULL
        AND NOT (two_step_due_by IS 'policy' AND ${isCoveredByPolicy(settings)})`,
    ),
    event: { action: 'two_step.released', detail },
    // Only an account that the policy covers gets a date by it. The job would take a day to find it.
    consequences: (onlyIf) => followPolicy(ctx, settings, { userId, isCovered: true, by: 'policy', onlyIf }),
  })
}

const changeDate = (userId: UserId, dueAtMs: number) =>
  changeUser(
    userId,
    { two_step_due_at: dueAtMs, two_step_due_by: 'operator' },
    sql`NOT ${isTombstone} AND (two_step_due_at IS NOT ${dueAtMs} OR two_step_due_by IS NOT 'operator')`,
  )
