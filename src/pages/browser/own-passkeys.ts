import { asUser, renewTokens, sendAsUser, sendStepUp } from './as-user.ts'
import type { OpenPage } from './memory.ts'
import { explain, isSuccess, type JsonMembers, type TaskOutcome } from './outcome.ts'
import { enterEnrolled, refusedEnrolment, showCodes, showSecurity } from './security.ts'

const FAILED: TaskOutcome = { kind: 'message', name: 'passkey_failed' }

/** Adds a passkey, or a security key as a second factor. */
export const makePasskey = (page: OpenPage, kind: 'passkey' | 'security_key'): Promise<TaskOutcome> =>
  asUser(page, ['users/me/passkeys/options', { kind }], async ({ body: offer }) => {
    const ceremony = await page.passkeys?.create(offer.public_key)
    if (ceremony === undefined) return FAILED
    if ('outcome' in ceremony) return ceremony.outcome
    const body = { ticket: offer.ticket, credential: ceremony.credential }
    return asUser(page, ['users/me/passkeys', body], async (answer) => {
      // The session may have a higher level now. The access token does not say so yet.
      await renewTokens(page)
      return showCodes(page, answer, `${kind}_added`)
    })
  })

/**
 * Adds a passkey without a session, with an enrolment token. After a wrong code from the mail, the passkey
 * that the browser has made is sent again. @param values `mail_code` if the enrolment needs it
 */
export async function enrolPasskey(page: OpenPage, values: JsonMembers): Promise<TaskOutcome> {
  const { memory } = page
  const token = { enrolment_token: memory.enrolmentToken }
  if (memory.made === undefined) {
    const offer = await page.send('auth/enrol/passkeys/options', token)
    if (!isSuccess(offer)) return refusedEnrolment(page, offer)
    const ceremony = await page.passkeys?.create(offer.body.public_key)
    if (ceremony === undefined) return FAILED
    if ('outcome' in ceremony) return ceremony.outcome
    memory.made = { ticket: offer.body.ticket, credential: ceremony.credential }
  }
  const answer = await page.send('auth/enrol/passkeys', { ...token, ...memory.made, ...values })
  if (answer.body.code === 'invalid_mail_code') return explain(answer)
  memory.made = undefined
  if (isSuccess(answer)) return enterEnrolled(page, answer, 'passkey_added')
  return answer.status === 422 ? FAILED : refusedEnrolment(page, answer)
}

/** Gives the chosen passkey another `name`. */
export const nameChosen = (page: OpenPage, { name }: JsonMembers): Promise<TaskOutcome> =>
  asUser(page, [`users/me/passkeys/${page.memory.chosen}`, { name }, 'PATCH'], () =>
    showSecurity(page, 'passkey_named'),
  )

/** Removes the chosen passkey. The list that is shown then tells the browser which ones are left. */
export const dropChosen = (page: OpenPage): Promise<TaskOutcome> =>
  asUser(page, [`users/me/passkeys/${page.memory.chosen}`, undefined, 'DELETE'], () =>
    showSecurity(page, 'passkey_dropped'),
  )

/** Confirms with a passkey or a security key that the user is present. */
export async function stepUpWithPasskey(page: OpenPage): Promise<TaskOutcome> {
  const offer = await sendAsUser(page, ['auth/step-up/options', undefined])
  if (!isSuccess(offer)) return explain(offer)
  const ceremony = await page.passkeys?.prove(offer.body.public_key)
  if (ceremony === undefined) return FAILED
  return 'outcome' in ceremony
    ? ceremony.outcome
    : sendStepUp(page, { ticket: offer.body.ticket, credential: ceremony.credential })
}
