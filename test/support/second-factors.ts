import { userIdSchema } from '../../src/core/ids.ts'
import { hashRecoveryCode, newRecoveryCodes } from '../../src/crypto/recovery-code.ts'
import { sealTicket, type Ticket } from '../../src/crypto/ticket.ts'
import { newTotpSecret, totpCode } from '../../src/crypto/totp.ts'
import { sealTotpSecret } from '../../src/storage/database/totp-secret.ts'
import { type Call, PASSWORD, type Person, post } from './api.ts'
import { jobContext } from './job-context.ts'
import { appOfTestUsers } from './passwords.ts'
import { change, row } from './stores.ts'

type Owner = Pick<Person, 'id'>

/** Turns two-step sign-in on, as its owner would. */
export const turnTwoStepOn = ({ id }: Owner) =>
  change('UPDATE users SET two_step_at = ? WHERE id = ?', Date.now() - 1000, id)

/** Adds an authenticator app, whose codes all are unused. @returns the secret, base32 */
export async function giveTotp({ id }: Owner): Promise<string> {
  const userId = userIdSchema.parse(id)
  const lookup = await (await jobContext()).vault.find(userId)
  if (lookup.kind !== 'found') throw new Error('no key')
  const secret = newTotpSecret()
  await change(
    'INSERT INTO totp_factors (user_id, secret_enc, last_step, nonce, created_at) VALUES (?, ?, 0, ?, ?)',
    ...[id, await sealTotpSecret(lookup.key, userId, secret), crypto.randomUUID(), Date.now()],
  )
  return secret
}

/** Adds ten recovery codes. @returns them, as the owner wrote them down */
export async function giveRecoveryCodes({ id }: Owner): Promise<string[]> {
  const codes = newRecoveryCodes()
  const hashes = await Promise.all(codes.map((code) => hashRecoveryCode(id, code)))
  await change(
    'INSERT INTO recovery_codes (user_id, code_hash, created_at) SELECT ?, value, ? FROM json_each(?)',
    ...[id, Date.now(), JSON.stringify(hashes)],
  )
  return codes
}

/** The code that the app shows. @param step 1 is the next one, 30 seconds later */
export const codeOf = (secret: string, step = 0): string => totpCode(secret, Date.now() + step * 30_000)

/** A code that is not right now, nor a step earlier or later. */
export function wrongCodeOf(secret: string): string {
  const right = [-1, 0, 1].map((step) => codeOf(secret, step))
  return ['000000', '111111', '222222', '333333'].find((code) => !right.includes(code)) ?? '444444'
}

/** The first step of a sign-in. @returns the token for the second one */
export async function mfaTokenOf({ email }: Pick<Person, 'email'>, options: Call = {}): Promise<string> {
  const { body } = await post('/auth/login', { email, password: PASSWORD }, { app: appOfTestUsers, ...options })
  if (body.mfa_required !== true) throw new Error('the sign-in asked for no second factor')
  return body.mfa_token
}

/** The second step. */
export const prove = (token: string, factor: { totp: string } | { recovery_code: string }, options: Call = {}) =>
  post('/auth/mfa', { mfa_token: token, ...factor }, { app: appOfTestUsers, ...options })

interface SealedEnrolment {
  readonly token: string
  /** Of the ticket. The mailed code belongs to it. */
  readonly id: string
}

/** A token to add the first second factor, as a first step with a password answers it. */
export async function enrolmentOf(
  { id: userId }: Owner,
  replaced: Partial<Ticket<'enrol'>> = {},
): Promise<SealedEnrolment> {
  const { ring } = await jobContext()
  const { security_epoch: epoch } = await row('SELECT security_epoch FROM users WHERE id = ?', userId)
  const id = crypto.randomUUID()
  const token = await sealTicket(ring, 'enrol', {
    id,
    userId: userIdSchema.parse(userId),
    amr: ['pwd'],
    authTimeMs: Date.now(),
    epoch: Number(epoch),
    by: 'sign-in',
    expiresAtMs: Date.now() + 15 * 60_000,
    ...replaced,
  })
  return { token, id }
}
