import type { ApiPath } from '../../core/api-path.ts'

/** An answer of the API; `status` is 0 if there was no answer. */
export interface TaskAnswer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
  readonly retryAfterSeconds?: number
}

/** The part of an API path after `/api/v1/auth/`. */
type AuthPath = ApiPath extends infer Path ? (Path extends `/api/v1/auth/${infer Rest}` ? Rest : never) : never

/** Posts JSON to a path under `/api/v1/auth/`, with an access token if there is one. Never throws. */
export type Send = (
  path: AuthPath,
  body: Readonly<Record<string, unknown>>,
  accessToken?: string,
) => Promise<TaskAnswer>

/** What the page shows next: another state, or the same form with the reason why it was rejected. */
export type TaskOutcome =
  | { readonly kind: 'view'; readonly name: string }
  | { readonly kind: 'message'; readonly name: string; readonly retryAfterSeconds?: number }
  | { readonly kind: 'fields'; readonly problems: readonly FieldMessage[] }

export interface FieldMessage {
  /** The name of the field. */
  readonly field: string
  /** The service's reason, in English. */
  readonly detail: string
}

interface Input {
  readonly token: string
  /** The values of the form, by the API's member names. */
  readonly values: Readonly<Record<string, string>>
}

type Task = (send: Send, input: Input) => Promise<TaskOutcome>

/**
 * What each form does. Tokens are used only here, so nothing is sent before the user presses a button (O4).
 */
export const tasks = {
  'verify-email': async (send, { token }) => conclude(await send('verify-email', { token }), 'done'),
  'confirm-email': async (send, { token, values }) => confirmEmail(send, token, await send('login', values)),
  'confirm-email-with-code': async (send, { token, values }) =>
    confirmEmail(send, token, await send('oauth/token', values)),
  'undo-email': async (send, { token }) => conclude(await send('undo-email', { token }), 'done'),
  'keep-factors': async (send, { token }) => conclude(await send('keep-factors', { token }), 'done'),
  'reset-password': async (send, { token, values }) =>
    conclude(await send('reset-password/confirm', { token, ...values }), 'done'),
  'forgot-password': async (send, { values }) => conclude(await send('reset-password', values), 'sent'),
  'resend-verification': async (send, { values }) => conclude(await send('verify-email/resend', values), 'sent'),
  restore: (send, { token }) => restore(send, token, 'reset_required'),
  'sign-in-and-restore': (send, { values }) => signInAndRestore(send, values),
} satisfies Record<string, Task>

export type TaskName = keyof typeof tasks

/**
 * Confirms a change of address. This requires a session of the account, so one is opened and ended again. The
 * application has a session of its own.
 */
async function confirmEmail(send: Send, token: string, signedIn: TaskAnswer): Promise<TaskOutcome> {
  const { access_token: accessToken, code } = signedIn.body
  // The code of a provider is not the token of a mail.
  if (code === 'invalid_token') return { kind: 'message', name: 'provider_failed' }
  if (!isSuccess(signedIn)) return conclude(signedIn, 'done')
  // The account was deleted in the meantime, and its links became invalid.
  if (typeof accessToken !== 'string') return { kind: 'view', name: 'invalid_token' }
  const answer = await send('verify-email', { token }, accessToken)
  await endSession(send, signedIn)
  return conclude(answer, 'done')
}

/**
 * Ends the session that restoring opens. Nothing uses it, because the application is elsewhere and has its
 * own.
 */
async function restore(send: Send, token: unknown, onSuccess: string): Promise<TaskOutcome> {
  const answer = await send('restore', { token })
  if (isSuccess(answer)) await endSession(send, answer)
  return conclude(answer, onSuccess)
}

async function signInAndRestore(send: Send, credentials: Readonly<Record<string, unknown>>): Promise<TaskOutcome> {
  const answer = await send('login', credentials)
  if (answer.body.account_status === 'deleted') return restore(send, answer.body.restore_token, 'done')
  if (isSuccess(answer)) await endSession(send, answer)
  return conclude(answer, 'not_deleted')
}

/** Ends a session of this page. A failure is ignored, because nothing keeps the tokens. */
async function endSession(send: Send, { body }: TaskAnswer): Promise<void> {
  await send('logout', { refresh_token: body.refresh_token })
}

const isSuccess = ({ status }: TaskAnswer): boolean => status >= 200 && status < 300

function conclude(answer: TaskAnswer, onSuccess: string): TaskOutcome {
  if (isSuccess(answer)) return { kind: 'view', name: onSuccess }
  const { body, retryAfterSeconds } = answer
  const problems = fieldProblems(body.errors)
  if (body.code === 'invalid_token' || problems.some(({ field }) => field === 'token'))
    return { kind: 'view', name: 'invalid_token' }
  if (problems.length > 0) return { kind: 'fields', problems }
  const name = typeof body.code === 'string' ? body.code : 'failed'
  return { kind: 'message', name, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) }
}

function fieldProblems(errors: unknown): FieldMessage[] {
  if (!Array.isArray(errors)) return []
  return errors.map(({ pointer, detail }) => ({ field: String(pointer).slice(1), detail: String(detail) }))
}
