import { sql } from 'drizzle-orm'
import { ADMIN_ROLE } from '../../core/operator.ts'
import type { SealEvent } from '../../core/sealed-event.ts'
import { recorded } from '../../storage/database/recorded.ts'
import { columnsOf, withRows } from '../../storage/database/rows.ts'
import { insertInto } from '../../storage/database/writes.ts'
import { userRoles, users } from '../../storage/schema/index.ts'
import { newRecorder } from '../shared/d1.ts'

const grantedRole = { user_id: userRoles.userId } as const
const foundUser = { id: users.id, status: users.status } as const

/**
 * Steps that make the user of an address an admin. `granted` has a row on success. Otherwise `found` tells
 * why not: no row for an unknown address, else the status of the account.
 * @param emailIndexes of the address, under every version of the root key
 */
export function grantSteps(seal: SealEvent, emailIndexes: readonly string[]) {
  const user = sql`(SELECT id FROM users WHERE email_index IN ${emailIndexes} LIMIT 1)`
  const grant = insertInto(
    userRoles,
    { role: ADMIN_ROLE, user_id: users.id },
    { from: sql`users`, onlyIf: sql`id = ${user} AND status = 'active'` },
  )
  return {
    granted: recorded(
      newRecorder(seal),
      withRows(grantedRole, sql`${grant} ON CONFLICT DO NOTHING RETURNING ${columnsOf(grantedRole)}`),
      { action: 'user.role_granted', outcome: 'success', detail: { role: ADMIN_ROLE } },
      { subject: user },
    ),
    found: withRows(foundUser, sql`SELECT ${columnsOf(foundUser)} FROM users WHERE id = ${user}`),
  }
}
