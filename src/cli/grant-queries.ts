import { sql } from 'drizzle-orm'
import { ADMIN_ROLE } from '../core/operator.ts'
import { previousChangedARow, recordEvent } from '../storage/outbox.ts'
import { newRecorder, toText } from './d1.ts'

/**
 * Makes the user of an address an admin. The first statement answers a row when it did; the last one tells why not:
 * no row for an unknown address, else the state of the account.
 * @param emailIndexes of the address, under every version of the root key
 */
export function grantStatements(emailIndexes: readonly string[]): readonly string[] {
  const user = sql`(SELECT id FROM users WHERE email_index IN ${emailIndexes} LIMIT 1)`
  return [
    sql`
      INSERT INTO user_roles (role, user_id)
      SELECT ${ADMIN_ROLE}, id FROM users WHERE id = ${user} AND status = 'active'
      ON CONFLICT DO NOTHING RETURNING user_id`,
    recordEvent(
      newRecorder(),
      { action: 'user.role_granted', outcome: 'success', detail: { role: ADMIN_ROLE } },
      { subject: user, onlyIf: previousChangedARow },
    ),
    sql`SELECT id, status FROM users WHERE id = ${user}`,
  ].map(toText)
}
