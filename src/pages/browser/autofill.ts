import { askForPasskey } from './authenticator.ts'
import type { OpenPage } from './memory.ts'
import { isSuccess, type TaskOutcome } from './outcome.ts'
import { sendPasskey } from './passkey-sign-in.ts'

/** How long before the end of its ticket a request is made again. */
const EARLY_MS = 30_000

let running: AbortController | undefined

/**
 * Offers passkeys in the field that the browser fills in, while the field is shown. The browser waits until
 * its user chooses one.
 * @param use sends the passkey that was chosen, as a task of this form
 */
export function offerAutofill(
  page: OpenPage,
  use: (form: HTMLFormElement, task: () => Promise<TaskOutcome>) => void,
): void {
  const field = document.querySelector<HTMLInputElement>('[autocomplete~="webauthn"]')
  const form = field?.form
  if (page.passkeys === undefined || !form) return
  if (field.closest('[hidden]') !== null) stopAutofill()
  else if (running === undefined) start(page, (task) => use(form, task))
}

type Use = (task: () => Promise<TaskOutcome>) => void

function start(page: OpenPage, use: Use): void {
  running = new AbortController()
  void ask(page, running.signal, use)
}

async function ask(page: OpenPage, signal: AbortSignal, use: Use): Promise<void> {
  if (!(await PublicKeyCredential.isConditionalMediationAvailable?.()) || signal.aborted) return
  const offer = await page.send('auth/passkey/options', undefined)
  if (signal.aborted) return
  if (!isSuccess(offer)) {
    stopAutofill()
    return
  }
  const renew = () => {
    if (signal.aborted) return
    stopAutofill()
    start(page, use)
  }
  setTimeout(() => whenVisible(renew), Number(offer.body.expires_in) * 1000 - EARLY_MS)
  const ceremony = await askForPasskey(offer.body.public_key, { mediation: 'conditional', signal })
  if (signal.aborted) return
  stopAutofill()
  if ('credential' in ceremony) use(() => sendPasskey(page, offer, ceremony.credential))
}

export function stopAutofill(): void {
  running?.abort()
  running = undefined
}

/** A tab in the background asks the service for nothing. */
function whenVisible(act: () => void): void {
  if (document.hidden) document.addEventListener('visibilitychange', act, { once: true })
  else act()
}
