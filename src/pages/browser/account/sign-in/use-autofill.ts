import { useEffect, useRef } from 'preact/hooks'
import type { PasskeyRequestOffer } from '../../../../client/api.ts'
import { askByAutofill, canUsePasskeys, type PasskeyAnswer, stopAutofill } from '../../shared/authenticator.ts'
import { call } from '../../shared/client.ts'

/** How long before the end of its ticket a request is made again. */
const EARLY_MS = 30_000

type Use = (offer: PasskeyRequestOffer, credential: PasskeyAnswer) => void

/**
 * Offers passkeys in the field that the browser fills in, as long as the screen is shown. The browser waits
 * until its user chooses one.
 * @returns offers them again, after another request for a passkey
 */
export function useAutofill(use: Use): () => void {
  const latest = useRef(use)
  latest.current = use
  const again = useRef(() => {})
  useEffect(() => {
    if (!canUsePasskeys) return undefined
    const offering = offerAlways((offer, credential) => latest.current(offer, credential))
    again.current = offering.again
    return offering.end
  }, [])
  return () => again.current()
}

function offerAlways(use: Use): { readonly again: () => void; readonly end: () => void } {
  let round = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  async function offerOnce(mine: number): Promise<void> {
    if (!(await PublicKeyCredential.isConditionalMediationAvailable?.()) || mine !== round) return
    const offer = await call('offerPasskeySignIn')
    if (mine !== round) return
    const isCurrent = () => mine === round
    timer = setTimeout(() => whenVisible(() => isCurrent() && again()), offer.expires_in * 1000 - EARLY_MS)
    const credential = await askByAutofill(offer.public_key)
    if (isCurrent()) use(offer, credential)
  }
  function again(): void {
    clearTimeout(timer)
    stopAutofill()
    // A page without autofill is complete, so a failure is not told.
    offerOnce(++round).catch(() => undefined)
  }
  function end(): void {
    round++
    clearTimeout(timer)
    removeEventListener('pageshow', onPageShow)
    stopAutofill()
  }
  // The browser may show the same document again, after the back button.
  const onPageShow = ({ persisted }: PageTransitionEvent) => persisted && again()
  addEventListener('pageshow', onPageShow)
  again()
  return { again, end }
}

/** A tab in the background asks the service for nothing. */
function whenVisible(act: () => void): void {
  if (document.hidden) document.addEventListener('visibilitychange', act, { once: true })
  else act()
}
