import { sql } from 'drizzle-orm'
import { ADMIN_ROLE } from '../../core/operator.ts'
import type { SealEvent } from '../../core/sealed-event.ts'
import { coversRoles, type TwoStepPolicy } from '../../core/two-step-policy.ts'
import { followPolicy } from '../../identity/two-step/follow-policy.ts'
import { recorded } from '../../storage/database/recorded.ts'
import { isAdmin } from '../../storage/database/roles.ts'
import { columnsOf, withRows } from '../../storage/database/rows.ts'
import { insertInto } from '../../storage/database/writes.ts'
import { userRoles, users } from '../../storage/schema/index.ts'
import { newRecorder } from '../shared/d1.ts'

const grantedRole = { user_id: userRoles.userId } as const
const foundUser = { id: users.id, status: users.status } as const

/**
 * Steps that make the user of an address an admin. `granted` has a row on success. Otherwise `found` tells
 * why not: no row for an unknown address, else the status of the account.
 * @param policy decides whether the admin must have two factors, and from when on
 * @param emailIndexes of the address, under every version of the root key
 */
export function grantSteps(seal: SealEvent, policy: TwoStepPolicy, emailIndexes: readonly string[]) {
  const ctx = newRecorder(seal)
  const user = sql`(SELECT id FROM users WHERE email_index IN ${emailIndexes} LIMIT 1)`
  const grant = insertInto(
    userRoles,
    { role: ADMIN_ROLE, user_id: users.id },
    { from: sql`users`, onlyIf: sql`id = ${user} AND status = 'active'` },
  )
  return {
    granted: recorded(
      ctx,
      withRows(grantedRole, sql`${grant} ON CONFLICT DO NOTHING RETURNING ${columnsOf(grantedRole)}`),
      { action: 'user.role_granted', outcome: 'success', detail: { role: ADMIN_ROLE } },
      { subject: user },
    ),
    // The job of the Worker takes the date away again if the policy of the deployment is another one.
    policy: coversRoles(policy, [ADMIN_ROLE])
      ? followPolicy(ctx, policy, { userId: user, isCovered: true, by: 'role', onlyIf: isAdmin(users.id) })
      : [],
    found: withRows(foundUser, sql`SELECT ${columnsOf(foundUser)} FROM users WHERE id = ${user}`),
  }
}
