import type { GoOn, OpenPage } from './memory.ts'
import { explain, isSuccess, type TaskAnswer, type TaskOutcome } from './outcome.ts'

/** After a right first factor: goes on with the session, or asks for what is still missing. */
export async function afterFirstFactor(page: OpenPage, answer: TaskAnswer, goOn: GoOn): Promise<TaskOutcome> {
  const { memory } = page
  const { body } = answer
  if (!isSuccess(answer)) return explain(answer)
  if (body.enrolment_required === true) {
    memory.enrolmentToken = String(body.enrolment_token)
    return { kind: 'view', name: 'enrol' }
  }
  if (body.mfa_required !== true) return goOn(page, answer)
  memory.secondStep = { mfaToken: body.mfa_token, expiresAtMs: Date.now() + Number(body.expires_in) * 1000, goOn }
  const methods: readonly unknown[] = Array.isArray(body.methods) ? body.methods : []
  const [can_totp, can_recover] = ['totp', 'recovery_code'].map((name) => (methods.includes(name) ? '' : undefined))
  return {
    kind: 'view',
    name: can_totp === undefined ? 'recovery_code' : 'second_step',
    facts: { can_totp, can_recover },
  }
}

/** Sends the second factor: `totp` or `recovery_code`. */
export async function sendSecondFactor(page: OpenPage, values: Readonly<Record<string, string>>): Promise<TaskOutcome> {
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
