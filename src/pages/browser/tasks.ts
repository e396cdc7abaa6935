import { sendStepUp } from './as-user.ts'
import { askForMail, signInByCode, signInByLink } from './mail-sign-in.ts'
import { mailStepUp, stepUpByMailCode } from './mail-step-up.ts'
import { endSession, type GoOn, type OpenPage, sessionIn } from './memory.ts'
import { conclude, isSuccess, type TaskOutcome } from './outcome.ts'
import { dropChosen, enrolPasskey, makePasskey, nameChosen, stepUpWithPasskey } from './own-passkeys.ts'
import { usePasskey } from './passkey-sign-in.ts'
import { afterFirstFactor, proveBySecondPasskey, sendSecondFactor } from './second-step.ts'
import {
  afterCodes,
  dropTotp,
  enter,
  renewCodes,
  requestEnrolmentCode,
  signOut,
  startEnrolment,
  startTotp,
  stopReset,
  submitTotp,
  switchTwoStep,
} from './security.ts'
import { signIn } from './sign-in.ts'

/** The values of a form, by the API's member names. */
type Values = Readonly<Record<string, string>>

export type Task = (page: OpenPage, values: Values) => Promise<TaskOutcome>

/**
 * What each form does. Tokens are used only here, so nothing is sent before the user presses a button (O4).
 */
const definitions = {
  'verify-email': async ({ send, token }) => conclude(await send('auth/verify-email', { token }), 'done'),
  'confirm-email': async (page, values) => afterFirstFactor(page, await page.send('auth/login', values), confirmEmail),
  'confirm-email-with-code': (page, values) => redeemCode(page, values, confirmEmail),
  'undo-email': async ({ send, token }) => conclude(await send('auth/undo-email', { token }), 'done'),
  'keep-factors': async ({ send, token }) => conclude(await send('auth/keep-factors', { token }), 'done'),
  'undo-passkey': async ({ send, token }) => conclude(await send('auth/undo-passkey', { token }), 'done'),
  'reset-password': async ({ send, token }, values) =>
    conclude(await send('auth/reset-password/confirm', { token, ...values }), 'done'),
  'forgot-password': async ({ send }, values) => conclude(await send('auth/reset-password', values), 'sent'),
  'resend-verification': async ({ send }, values) => conclude(await send('auth/verify-email/resend', values), 'sent'),
  restore: (page) => restore(page, page.token, 'reset_required'),
  'sign-in-and-restore': (page, values) => signInAndRestore(page, values),
  'second-factor': sendSecondFactor,
  'second-factor-passkey': proveBySecondPasskey,
  'sign-in': async (page, values) => signIn(page, await page.send('auth/login', values)),
  'sign-in-with-code': (page, values) => redeemCode(page, values, enter),
  'sign-in-with-passkey': usePasskey,
  'mail-code': askForMail,
  'sign-in-by-code': signInByCode,
  'sign-in-by-link': signInByLink,
  'accept-restore': async (page) =>
    afterFirstFactor(page, await page.send('auth/restore', { token: page.memory.restoreToken }), enter),
  enrol: requestEnrolmentCode,
  'enrol-by-link': (page) => {
    page.memory.enrolmentToken = page.token
    return startEnrolment(page, 'link_totp')
  },
  'enrol-passkey': enrolPasskey,
  'start-totp': startTotp,
  'add-totp': submitTotp,
  'add-passkey': (page) => makePasskey(page, 'passkey'),
  'add-security-key': (page) => makePasskey(page, 'security_key'),
  'rename-passkey': nameChosen,
  'remove-passkey': dropChosen,
  'codes-saved': (page) => afterCodes(page),
  'make-codes': renewCodes,
  'remove-totp': dropTotp,
  'two-step-on': (page) => switchTwoStep(page, true),
  'two-step-off': (page) => switchTwoStep(page, false),
  'cancel-reset': stopReset,
  'step-up': sendStepUp,
  'step-up-with-passkey': stepUpWithPasskey,
  'step-up-mail': mailStepUp,
  'step-up-by-mail-code': stepUpByMailCode,
  'sign-out': signOut,
} satisfies Record<string, Task>

export type TaskName = keyof typeof definitions

export const tasks: Readonly<Record<TaskName, Task>> = definitions

/** Exchanges the code of a sign-in at a provider for a session. */
async function redeemCode(page: OpenPage, values: Values, goOn: GoOn): Promise<TaskOutcome> {
  const answer = await page.send('auth/oauth/token', values)
  // The code of a provider is not the token of a mail.
  if (answer.body.code === 'invalid_token') return { kind: 'message', name: 'provider_failed' }
  return afterFirstFactor(page, answer, goOn)
}

/**
 * Confirms a change of address. This requires a session of the account, so one is opened and ended again. The
 * application has a session of its own.
 */
const confirmEmail: GoOn = async (page, signedIn) => {
  const session = sessionIn(signedIn)
  // The account was deleted in the meantime, and its links became invalid.
  if (session === undefined) return { kind: 'view', name: 'invalid_token' }
  const answer = await page.send('auth/verify-email', { token: page.token }, session.accessToken)
  await endSession(page, session.refreshToken)
  return conclude(answer, 'done')
}

/**
 * Ends the session that restoring opens. Nothing uses it, because the application is elsewhere and has its
 * own.
 */
async function restore(page: OpenPage, token: unknown, onSuccess: string): Promise<TaskOutcome> {
  const answer = await page.send('auth/restore', { token })
  if (isSuccess(answer)) await endSession(page, answer.body.refresh_token)
  return conclude(answer, onSuccess)
}

async function signInAndRestore(page: OpenPage, credentials: Values): Promise<TaskOutcome> {
  const answer = await page.send('auth/login', credentials)
  if (answer.body.account_status === 'deleted') return restore(page, answer.body.restore_token, 'done')
  if (isSuccess(answer)) await endSession(page, answer.body.refresh_token)
  return conclude(answer, 'not_deleted')
}
