import type { OpenPage } from './memory.ts'
import { explain, isSuccess, type JsonMembers, type TaskAnswer, type TaskOutcome } from './outcome.ts'
import { signIn } from './sign-in.ts'

/** What the service gave to the browser that asked for a mail. Code and link work together with it alone. */
export interface KeptRequest {
  readonly request: string
  /** Unix milliseconds. */
  readonly expiresAtMs: number
}

/** Where a browser keeps the request until it is used or too old. */
export interface RequestKeeper {
  read(): KeptRequest | undefined
  write(kept: KeptRequest): void
  remove(): void
}

/** Has a code and a link mailed to `email`. */
export async function askForMail(page: OpenPage, { email }: JsonMembers): Promise<TaskOutcome> {
  const previous = requestOf(page)?.request
  const answer = await page.send('auth/email', { email, ...(previous !== undefined && { previous }) })
  if (!isSuccess(answer)) return explain(answer)
  const { request, expires_in: expiresIn } = answer.body
  const kept = { request: String(request), expiresAtMs: Date.now() + Number(expiresIn) * 1000 }
  page.memory.mailRequest = kept
  page.requests?.write(kept)
  return { kind: 'view', name: 'mail_code', facts: { has_request: '' } }
}

/** Signs in with the code of the mail. */
export async function signInByCode(page: OpenPage, { mail_code: code }: JsonMembers): Promise<TaskOutcome> {
  const answer = await confirm(page, { code })
  if (answer === undefined) return { kind: 'message', name: 'took_too_long' }
  // The service counts codes, and the link works when they are used up.
  if (answer.status === 429) return { ...explain(answer), kind: 'message', name: 'mail_codes_used_up' }
  if (answer.status === 422) return { kind: 'message', name: 'mail_code_refused' }
  if (answer.body.code === 'invalid_token') return { kind: 'message', name: 'mail_code_wrong' }
  return signIn(page, answer)
}

/** Signs in with the link of the mail, which opened this page. */
export async function signInByLink(page: OpenPage): Promise<TaskOutcome> {
  const answer = await confirm(page, { token: page.token })
  return answer === undefined ? { kind: 'view', name: 'open_elsewhere' } : signIn(page, answer)
}

async function confirm(page: OpenPage, proof: JsonMembers): Promise<TaskAnswer | undefined> {
  const kept = requestOf(page)
  if (kept === undefined) return undefined
  const answer = await page.send('auth/email/confirm', { request: kept.request, ...proof })
  if (isSuccess(answer)) {
    page.memory.mailRequest = undefined
    page.requests?.remove()
  }
  return answer
}

/** The request of this page, or of another tab of the same browser. */
function requestOf({ memory, requests }: OpenPage): KeptRequest | undefined {
  const { mailRequest } = memory
  return mailRequest !== undefined && mailRequest.expiresAtMs > Date.now() ? mailRequest : requests?.read()
}
