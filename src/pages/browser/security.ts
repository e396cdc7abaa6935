import { asUser, renewTokens, sendAsUser } from './as-user.ts'
import { factsOf } from './factor-facts.ts'
import { endSession, type GoOn, type OpenPage, sessionIn } from './memory.ts'
import { explain, type Facts, isSuccess, type TaskAnswer, type TaskOutcome } from './outcome.ts'
import { signalOwner } from './passkeys.ts'

/** Removes what the page shows only once. */
const FORGET = { secret: undefined, uri: undefined, codes: undefined } as const satisfies Facts

/** Keeps the session of a completed sign-in, and shows the account's factors. */
export const enter: GoOn = async (page, signedIn) => {
  const before = page.memory.session
  page.memory.session = sessionIn(signedIn)
  if (before !== undefined) await endSession(page, before.refreshToken)
  const left = signedIn.body.recovery_codes_left
  return showSecurity(page, undefined, { used_code_left: left === undefined ? undefined : String(left) })
}

/** Reads the factors and shows them. @param notice the name of a message about what was just done */
export async function showSecurity(page: OpenPage, notice?: string, more: Facts = {}): Promise<TaskOutcome> {
  return asUser(page, ['users/me/factors', undefined, 'GET'], async (factors) => {
    const identities = await sendAsUser(page, ['users/me/identities', undefined, 'GET'])
    signalOwner(page, factors.body)
    const answers = { factors: factors.body, identities: identities.body }
    const { facts, stepUp } = factsOf(page.language, page.passkeys !== undefined, answers)
    page.memory.stepUp = stepUp
    page.memory.address = factors.body.user_name
    const shown = { ...FORGET, used_code_left: undefined, ...facts, ...more }
    return { kind: 'view', name: 'security', facts: shown, ...(notice !== undefined && { notice }) }
  })
}

/** Makes a secret for an authenticator application, which the user has not confirmed yet. */
export const startTotp = (page: OpenPage): Promise<TaskOutcome> =>
  asUser(page, ['users/me/totp/options', {}], (answer) => showSecret(page, answer, 'add_totp'))

/** The same without a session, with an enrolment token. @param view the form that asks for the code */
export async function startEnrolment(page: OpenPage, view: string): Promise<TaskOutcome> {
  const answer = await page.send('auth/enrol/totp/options', { enrolment_token: page.memory.enrolmentToken })
  if (isSuccess(answer)) return showSecret(page, answer, view)
  return refusedEnrolment(page, answer)
}

/** Mails a code that proves the mailbox of the account. An enrolment that began with a sign-in needs it. */
export async function requestEnrolmentCode(page: OpenPage): Promise<TaskOutcome> {
  const answer = await page.send('auth/enrol/mail', { enrolment_token: page.memory.enrolmentToken })
  return isSuccess(answer) ? startEnrolment(page, 'enrol_totp') : refusedEnrolment(page, answer)
}

/** A token that is expired, used or misspelt. */
export function refusedEnrolment(page: OpenPage, answer: TaskAnswer): TaskOutcome {
  const isToken = answer.status === 422 || answer.body.code === 'invalid_token'
  if (!isToken) return explain(answer)
  return page.token === '' ? { kind: 'message', name: 'took_too_long' } : { kind: 'view', name: 'invalid_token' }
}

function showSecret({ memory }: OpenPage, { body }: TaskAnswer, view: string): TaskOutcome {
  memory.adding = { ticket: body.ticket, expiresAtMs: Date.now() + Number(body.expires_in) * 1000 }
  const secret = String(body.secret).replace(/.{4}(?=.)/g, '$& ')
  return { kind: 'view', name: view, facts: { secret, uri: String(body.uri) } }
}

/** Confirms the secret with a code of the application: `code`, and `mail_code` if the enrolment needs it. */
export async function submitTotp(page: OpenPage, values: Readonly<Record<string, string>>): Promise<TaskOutcome> {
  const { adding, enrolmentToken } = page.memory
  if (adding === undefined || Date.now() > adding.expiresAtMs) return { kind: 'message', name: 'took_too_long' }
  const body = { ticket: adding.ticket, ...values }
  if (page.memory.session !== undefined || enrolmentToken === undefined)
    return asUser(page, ['users/me/totp', body], async (answer) => {
      // The session has proven the new factor. The access token does not say so yet.
      await renewTokens(page)
      return showCodes(page, answer, 'totp_added')
    })
  const answer = await page.send('auth/enrol/totp', { ...body, enrolment_token: enrolmentToken })
  return isSuccess(answer) ? enterEnrolled(page, answer, 'totp_added') : refusedEnrolment(page, answer)
}

/** Goes on after an enrolment. That of a sign-in has opened a session. */
export async function enterEnrolled(page: OpenPage, answer: TaskAnswer, notice: string): Promise<TaskOutcome> {
  page.memory.enrolmentToken = undefined
  if (answer.body.access_token !== undefined) page.memory.session = sessionIn(answer)
  return showCodes(page, answer, notice)
}

/** Shows new recovery codes if there are any, and the factors otherwise. */
export async function showCodes(page: OpenPage, { body }: TaskAnswer, notice: string): Promise<TaskOutcome> {
  page.memory.adding = undefined
  const codes: unknown = body.recovery_codes
  if (!Array.isArray(codes)) return afterCodes(page, notice)
  return { kind: 'view', name: 'codes', facts: { ...FORGET, codes: codes.join('\n') } }
}

/** An enrolment by link opens no session: the user signs in. */
export const afterCodes = async (page: OpenPage, notice?: string): Promise<TaskOutcome> =>
  page.memory.session === undefined ? { kind: 'view', name: 'ask', facts: FORGET } : showSecurity(page, notice)

export const renewCodes = (page: OpenPage): Promise<TaskOutcome> =>
  asUser(page, ['users/me/recovery-codes', {}], (answer) => showCodes(page, answer, 'codes_made'))

export const dropTotp = (page: OpenPage): Promise<TaskOutcome> =>
  asUser(page, ['users/me/totp', undefined, 'DELETE'], () => showSecurity(page, 'totp_removed'))

/** Turns two-step sign-in on or off. */
export const switchTwoStep = (page: OpenPage, enabled: boolean): Promise<TaskOutcome> =>
  asUser(page, ['users/me/two-step', { enabled }, 'PUT'], (answer) =>
    showCodes(page, answer, enabled ? 'two_step_on' : 'two_step_off'),
  )

/** Stops an operator's removal of the factors. */
export const stopReset = (page: OpenPage): Promise<TaskOutcome> =>
  asUser(page, ['users/me/factor-reset', undefined, 'DELETE'], () => showSecurity(page, 'reset_cancelled'))

export async function signOut(page: OpenPage): Promise<TaskOutcome> {
  const { session } = page.memory
  page.memory.session = undefined
  if (session !== undefined) await endSession(page, session.refreshToken)
  return { kind: 'view', name: 'signed_out', facts: FORGET }
}
