import { asUser, renewTokens } from './as-user.ts'
import type { OpenPage } from './memory.ts'
import type { TaskOutcome } from './outcome.ts'
import { showCodes } from './security.ts'

/** Adds a passkey, or a security key as a second factor. */
export const makePasskey = (page: OpenPage, kind: 'passkey' | 'security_key'): Promise<TaskOutcome> =>
  asUser(page, ['users/me/passkeys/options', { kind }], async ({ body: offer }) => {
    const ceremony = await page.passkeys?.create(offer.public_key)
    if (ceremony === undefined) return { kind: 'message', name: 'passkey_failed' }
    if ('outcome' in ceremony) return ceremony.outcome
    const body = { ticket: offer.ticket, credential: ceremony.credential }
    return asUser(page, ['users/me/passkeys', body], async (answer) => {
      // The session may have a higher level now. The access token does not say so yet.
      await renewTokens(page)
      return showCodes(page, answer, `${kind}_added`)
    })
  })
