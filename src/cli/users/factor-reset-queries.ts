import { sql } from 'drizzle-orm'
import { factorKinds } from '../../core/factor-kinds.ts'
import type { SealEvent } from '../../core/sealed-event.ts'
import { cancelFactorReset } from '../../identity/factor-reset/cancel-factor-reset.ts'
import { removeFactors } from '../../identity/factor-reset/remove-factors.ts'
import { orderMail } from '../../storage/database/outbox-mail.ts'
import { recorded } from '../../storage/database/recorded.ts'
import { columnsOf, withRows } from '../../storage/database/rows.ts'
import { assignments } from '../../storage/database/writes.ts'
import { users } from '../../storage/schema/index.ts'
import { newRecorder } from '../shared/d1.ts'

const resetUser = { id: users.id } as const
const foundUser = { id: users.id, status: users.status, security_epoch: users.securityEpoch } as const

/**
 * Steps that remove all second factors of the user of an address, at once. `reset` has a row on success.
 * `found` is the account afterwards; without a row no account has the address. The account may have no
 * factor: then its sessions end, and it still gets a new one with a token.
 * @param emailIndexes of the address, under every version of the root key
 * @param turnsOff whether the account needs one factor afterwards, until a rule requires two again
 */
export function factorResetSteps(seal: SealEvent, emailIndexes: readonly string[], turnsOff = false) {
  const recorder = newRecorder(seal)
  const user = sql`(SELECT id FROM users WHERE email_index IN ${emailIndexes} LIMIT 1)`
  const need = turnsOff
    ? { two_step_at: null, two_step_due_at: null, two_step_due_by: null }
    : { status: sql`${users.status}` }
  const detail = { kinds: factorKinds, ...(turnsOff && { two_step: 'off' as const }) }
  const reset = recorded(
    recorder,
    withRows(
      resetUser,
      sql`
        UPDATE users SET ${assignments(users, need)}
        WHERE id = ${user} AND status = 'active' RETURNING ${columnsOf(resetUser)}`,
    ),
    { action: 'factors.reset', outcome: 'success', detail },
    { subject: user },
  )
  const onlyIf = reset.happened
  return {
    reset,
    removed: removeFactors({ userId: user, kinds: factorKinds, now: recorder.now, onlyIf }),
    cancelled: cancelFactorReset(user, onlyIf),
    told: orderMail({ ...recorder, locale: null }, { template: 'factors-reset', userId: user, onlyIf }),
    found: withRows(foundUser, sql`SELECT ${columnsOf(foundUser)} FROM users WHERE id = ${user}`),
  }
}
