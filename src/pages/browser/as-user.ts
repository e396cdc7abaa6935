import { type OpenPage, sessionIn } from './memory.ts'
import { explain, isSuccess, type JsonMembers, type Send, type TaskAnswer, type TaskOutcome } from './outcome.ts'

type Request = readonly [path: Parameters<Send>[0], body?: JsonMembers | undefined, method?: Parameters<Send>[3]]

const SIGNED_OUT: TaskOutcome = { kind: 'view', name: 'signed_out' }

/**
 * Sends a request with the session of the page. If the service requires a step-up, the page asks for it, and
 * then the request is sent again.
 */
export async function asUser(
  page: OpenPage,
  request: Request,
  onSuccess: (answer: TaskAnswer) => TaskOutcome | Promise<TaskOutcome>,
): Promise<TaskOutcome> {
  const { memory } = page
  const answer = await sendAsUser(page, request)
  if (isSuccess(answer)) return onSuccess(answer)
  if (answer.body.code === 'invalid_access_token') {
    memory.session = undefined
    return SIGNED_OUT
  }
  if (answer.body.code !== 'step_up_required') return explain(answer)
  memory.interrupted = () => asUser(page, request, onSuccess)
  return { kind: 'view', name: memory.stepUp?.first ?? 'step_up_password' }
}

/** Sends a request with the session of the page. An expired access token is renewed once. */
export async function sendAsUser(page: OpenPage, [path, body, method = 'POST']: Request): Promise<TaskAnswer> {
  const { memory, send } = page
  const answer = await send(path, body, memory.session?.accessToken, method)
  if (answer.body.code !== 'invalid_access_token' || !(await renewTokens(page))) return answer
  return send(path, body, memory.session?.accessToken, method)
}

/** @returns whether the page has a new access token, which says what the session has proven */
export async function renewTokens({ send, memory }: OpenPage): Promise<boolean> {
  if (memory.session === undefined) return false
  const renewed = sessionIn(await send('auth/refresh', { refresh_token: memory.session.refreshToken }))
  if (renewed !== undefined) memory.session = renewed
  return renewed !== undefined
}

/**
 * Confirms that the user is present, and goes on with the interrupted request.
 * @param proof such as `totp`
 */
export async function sendStepUp(page: OpenPage, proof: JsonMembers): Promise<TaskOutcome> {
  const { memory } = page
  const answer = await sendAsUser(page, ['auth/step-up', proof])
  const { access_token: accessToken, code } = answer.body
  if (code === 'invalid_access_token') return SIGNED_OUT
  if (code === 'second_factor_required') return { kind: 'view', name: memory.stepUp?.two ?? 'step_up_code' }
  if (proof.credential !== undefined && answer.status === 401) return { kind: 'message', name: 'passkey_refused' }
  if (typeof accessToken !== 'string') return explainStepUp(answer)
  if (memory.session === undefined || memory.interrupted === undefined) return SIGNED_OUT
  memory.session = { ...memory.session, accessToken }
  const outcome = await memory.interrupted()
  return { kind: 'resumed', outcome }
}

/** A service that takes no code for a step-up asks for the password, which this account cannot use. */
function explainStepUp(answer: TaskAnswer): TaskOutcome {
  const outcome = explain(answer)
  const asksForMore = outcome.kind === 'fields' && outcome.problems.some(({ field }) => field === 'password')
  return asksForMore ? { kind: 'message', name: 'took_too_long' } : outcome
}
