import { when } from './fact-values.ts'
import type { GoOn, OpenPage } from './memory.ts'
import { explain, isSuccess, type JsonMembers, type TaskAnswer, type TaskOutcome } from './outcome.ts'

/** After a right first factor: goes on with the session, or asks for what is still missing. */
export async function afterFirstFactor(page: OpenPage, answer: TaskAnswer, goOn: GoOn): Promise<TaskOutcome> {
  const { memory } = page
  const { body } = answer
  if (!isSuccess(answer)) return explain(answer)
  if (body.enrolment_required === true) {
    memory.enrolmentToken = String(body.enrolment_token)
    memory.made = undefined
    return { kind: 'view', name: 'enrol' }
  }
  if (body.mfa_required !== true) return goOn(page, answer)
  const expiresAtMs = Date.now() + Number(body.expires_in) * 1000
  memory.secondStep = { mfaToken: body.mfa_token, expiresAtMs, publicKey: body.public_key, goOn }
  const methods: readonly unknown[] = Array.isArray(body.methods) ? body.methods : []
  const [can_totp, can_recover] = ['totp', 'recovery_code'].map((name) => when(methods.includes(name)))
  const can_use_passkey = when(methods.includes('passkey') && page.passkeys !== undefined)
  const facts = { can_totp, can_recover, can_use_passkey }
  return { kind: 'view', name: VIEWS.find(([, fact]) => facts[fact] !== undefined)?.[0] ?? 'passkey_step', facts }
}

/** The states of the second step, the preferred one first, and what each needs. */
const VIEWS = [
  ['passkey_step', 'can_use_passkey'],
  ['second_step', 'can_totp'],
  ['recovery_code', 'can_recover'],
] as const

/** Asks the browser for a passkey or a security key, as the second factor. */
export async function proveBySecondPasskey(page: OpenPage): Promise<TaskOutcome> {
  const ceremony = await page.passkeys?.prove(page.memory.secondStep?.publicKey)
  if (ceremony === undefined) return { kind: 'message', name: 'passkey_failed' }
  if ('outcome' in ceremony) return ceremony.outcome
  const outcome = await sendSecondFactor(page, ceremony)
  // Its challenge is used up.
  const isRefused = outcome.kind === 'message' && outcome.name === 'invalid_second_factor'
  return isRefused ? { kind: 'message', name: 'passkey_refused' } : outcome
}

/** Sends the second factor: `totp`, `recovery_code` or `credential`. */
export async function sendSecondFactor(page: OpenPage, values: JsonMembers): Promise<TaskOutcome> {
  const { secondStep } = page.memory
  if (secondStep === undefined) return { kind: 'message', name: 'took_too_long' }
  const { mfaToken, expiresAtMs, goOn } = secondStep
  const answer = await page.send('auth/mfa', { mfa_token: mfaToken, ...values })
  if (isSuccess(answer)) {
    page.memory.secondStep = undefined
    return goOn(page, answer)
  }
  // An expired ticket has the same code as a wrong second factor.
  if (answer.body.code === 'invalid_second_factor' && Date.now() > expiresAtMs)
    return { kind: 'message', name: 'took_too_long' }
  return explain(answer)
}
