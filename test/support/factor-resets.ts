import { userIdSchema } from '../../src/core/ids.ts'
import { toBase64url } from '../../src/crypto/encoding.ts'
import { sealTotpSecret } from '../../src/storage/database/totp-secret.ts'
import type { Person } from './api.ts'
import { jobContext } from './job-context.ts'
import { change, rows } from './stores.ts'

type Someone = Pick<Person, 'id'>

/** Gives a person an authenticator app with this secret, and turns two-step sign-in on. */
export async function giveTotp({ id }: Someone, secret = new Uint8Array(20)): Promise<void> {
  const { vault } = await jobContext()
  const userId = userIdSchema.parse(id)
  const lookup = await vault.find(userId)
  if (lookup.kind !== 'found') throw new Error('no key')
  const sealed = await sealTotpSecret(lookup.key, userId, toBase64url(secret))
  await change(
    'INSERT INTO totp_factors (user_id, secret_enc, last_step, failures, nonce, created_at) VALUES (?, ?, 0, 0, ?, 1)',
    ...[id, sealed, crypto.randomUUID()],
  )
  await change('UPDATE users SET two_step_at = 1 WHERE id = ?', id)
}

/** Gives a person two recovery codes, one of which was used. No text has these hashes. */
export async function giveRecoveryCodes({ id }: Someone): Promise<void> {
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
