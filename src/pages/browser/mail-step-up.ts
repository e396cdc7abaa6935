import { sendStepUp } from './as-user.ts'
import type { OpenPage } from './memory.ts'
import { explain, isSuccess, type JsonMembers, type TaskOutcome } from './outcome.ts'

/** Has a code mailed to an account that has nothing but its mailbox. */
export async function mailStepUp(page: OpenPage): Promise<TaskOutcome> {
  const answer = await page.send('auth/email', { email: page.memory.address })
  if (!isSuccess(answer)) return explain(answer)
  page.memory.stepUpRequest = answer.body.request
  return { kind: 'view', name: 'step_up_mail_code' }
}

/** Confirms with the code of the mail that the user is present. */
export async function stepUpByMailCode(page: OpenPage, { mail_code: code }: JsonMembers): Promise<TaskOutcome> {
  const outcome = await sendStepUp(page, { email_code: code, request: page.memory.stepUpRequest })
  if (outcome.kind === 'fields') return { kind: 'message', name: 'mail_code_refused' }
  const isWrong = outcome.kind === 'view' && outcome.name === 'invalid_token'
  return isWrong ? { kind: 'message', name: 'mail_code_wrong' } : outcome
}
