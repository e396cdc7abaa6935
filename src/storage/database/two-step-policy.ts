import { type SQL, sql } from 'drizzle-orm'
import { dueFromNow, type TwoStepPolicy } from '../../core/two-step-policy.ts'
import { users } from '../schema/index.ts'
import { isTombstone } from './users.ts'
import { assignments, whether } from './writes.ts'

/** SQL on `users`: the policy covers the account. The rule of `coversRoles`. Index `user_roles_user`. */
export function isCoveredByPolicy({ TWO_STEP_REQUIRED, TWO_STEP_ROLES }: TwoStepPolicy): SQL {
  if (TWO_STEP_REQUIRED !== 'roles') return whether(TWO_STEP_REQUIRED === 'everyone')
  return sql`EXISTS (SELECT 1 FROM user_roles
    WHERE user_roles.user_id = users.id AND user_roles.role IN ${[...TWO_STEP_ROLES]})`
}

/**
 * SQL on `users`: the due date of the account is not what the policy says. A date that the policy has set
 * moves only to an earlier time, when the days of grace become fewer. A later date of an import becomes that
 * of the policy, because a file must not postpone what the policy requires. A date of an operator stays.
 */
export const differsFromPolicy = (policy: TwoStepPolicy, now: number): SQL => sql`
  NOT ${isTombstone} AND iif(${isCoveredByPolicy(policy)},
    users.two_step_due_at IS NULL
      OR (users.two_step_due_by IS NOT 'operator' AND users.two_step_due_at > ${dueFromNow(policy, now)}),
    users.two_step_due_by IS 'policy')`

/**
 * The statement that gives accounts the due date that the policy says, or takes away the one that it had set.
 * @param which SQL condition on `users`
 */
export const applyTwoStepPolicy = (policy: TwoStepPolicy, now: number, which: SQL): SQL => sql`
  UPDATE users SET ${assignments(users, {
    two_step_due_at: sql`iif(${isCoveredByPolicy(policy)}, ${dueFromNow(policy, now)}, NULL)`,
    two_step_due_by: sql`iif(${isCoveredByPolicy(policy)}, 'policy', NULL)`,
  })}
  WHERE ${which} AND ${differsFromPolicy(policy, now)}`
