import type { OpenPage } from './memory.ts'
import type { TaskAnswer, TaskOutcome } from './outcome.ts'
import { afterFirstFactor } from './second-step.ts'
import { enter } from './security.ts'

/** Signs in, or offers to restore a deleted account. */
export async function signIn(page: OpenPage, answer: TaskAnswer): Promise<TaskOutcome> {
  if (answer.body.account_status !== 'deleted') return afterFirstFactor(page, answer, enter)
  page.memory.restoreToken = String(answer.body.restore_token)
  return { kind: 'view', name: 'restore_offer' }
}
