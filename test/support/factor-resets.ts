import type { Person } from './api.ts'
import { giveTotp } from './second-factors.ts'
import { change, rows } from './stores.ts'

type Someone = Pick<Person, 'id'>

/** Gives a person an authenticator app, and turns two-step sign-in on, both at the time 1. */
export async function giveTwoStep({ id }: Someone): Promise<void> {
  await giveTotp({ id })
  await change('UPDATE totp_factors SET created_at = 1 WHERE user_id = ?', id)
  await change('UPDATE users SET two_step_at = 1 WHERE id = ?', id)
}

/** Gives a person two recovery codes at the time 1, one of which was used. No text has these hashes. */
export async function giveTwoCodes({ id }: Someone): Promise<void> {
  for (const usedAt of [null, 1])
    await change(
      'INSERT INTO recovery_codes (user_id, code_hash, created_at, used_at) VALUES (?, ?, 1, ?)',
      ...[id, crypto.randomUUID(), usedAt],
    )
}

/** A reset of all second factors of a person, as an operator requests it. */
export const giveReset = ({ id }: Someone, { dueAt = Date.now() + 60_000 } = {}) =>
  change(
    'INSERT INTO factor_resets (user_id, kinds, due_at, requested_by, created_at) VALUES (?, ?, ?, ?, 1)',
    ...[id, '["totp","recovery_codes"]', dueAt, crypto.randomUUID()],
  )

/** What is left of a person's second factors and resets. */
export async function factorsOf({ id }: Someone) {
  const [found] = await rows(
    `SELECT (SELECT count(*) FROM totp_factors WHERE user_id = ?1) AS totp,
       (SELECT count(*) FROM recovery_codes WHERE user_id = ?1) AS codes,
       (SELECT count(*) FROM factor_resets WHERE user_id = ?1) AS resets`,
    id,
  )
  return found
}
