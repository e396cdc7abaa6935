import type { ApiAddress } from '../../../core/api-address.ts'
import type { SentConsent } from '../../../core/consent-documents.ts'
import { addressOf, type ScreenName } from '../../screens.ts'
import { keepLinkToken } from './link-token.ts'

// Signing in at a provider leaves the page and comes back to it. What the page needs then is in the session
// storage of this tab. None of it is personal.
const KEY = 'latchkey-sign-in'

interface Waiting {
  readonly state: string
  readonly verifier: string
  /** The query of the page, which says where the person wants to go. */
  readonly search: string
  /** The screen that the person comes back to. */
  readonly screen: ScreenName
  /** The documents that were ticked, for whoever signs in. */
  readonly consents?: readonly SentConsent[] | undefined
}

/** How a sign-in at a provider ended. */
export interface Return {
  readonly screen: ScreenName
  /** For `exchangeCode` or `linkIdentity`. Undefined if the provider or the service refused. */
  readonly exchange?: { readonly code: string; readonly code_verifier: string }
  readonly error?: string
  readonly consents?: readonly SentConsent[] | undefined
}

/** How the `state` of a sign-in at a provider begins that another tab waits for. */
export const OF_OTHER_TAB = 'tab-'

/**
 * Whether an address is that of a return for another tab. The state of an application may begin in the same
 * way.
 */
export const isOfOtherTab = (query: URLSearchParams): boolean =>
  query.get('state')?.startsWith(OF_OTHER_TAB) === true && !query.has('return_to')

let returned = takeReturn()

/**
 * How the sign-in at a provider ended that opened this document, once. Undefined if it was opened in another
 * way, or for another screen.
 */
export function readReturn(screen: ScreenName = 'sign-in'): Return | undefined {
  if (returned?.screen !== screen) return undefined
  const once = returned
  returned = undefined
  return once
}

interface Purpose {
  /** The screen to come back to: that for signing in, if it is not named. */
  readonly screen?: ScreenName
  /** The ticket of `startLink`. With it, the identity is linked and signs nobody in. */
  readonly link?: string
  /** The documents that were ticked at a sign-up. */
  readonly consents?: readonly SentConsent[]
}

/** Sends the browser to a provider, which sends it back to a screen (RFC 7636). */
export async function leaveFor(provider: string, { screen = 'sign-in', link, consents }: Purpose = {}): Promise<void> {
  const [state, verifier] = [randomText(), randomText()]
  const waiting: Waiting = { state, verifier, search: location.search, screen, consents }
  sessionStorage.setItem(KEY, JSON.stringify(waiting))
  if (screen === 'sign-in') keepLinkToken()
  location.assign(await startAddress(provider, { screen, state, verifier, ...(link !== undefined && { link }) }))
  // The form stays busy, unless the person comes back to this document by the back button.
  await new Promise((resolve) => addEventListener('pageshow', resolve, { once: true }))
}

interface Start {
  readonly screen: ScreenName
  readonly state: string
  readonly verifier: string
  readonly link?: string
}

/** The address at which a sign-in at a provider starts. */
export async function startAddress(provider: string, { screen, verifier, ...query }: Start): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))
  const all = new URLSearchParams({
    redirect_uri: location.origin + addressOf(screen),
    code_challenge: base64url(new Uint8Array(digest)),
    code_challenge_method: 'S256',
    ...query,
  })
  return `${`/api/v1/auth/oauth/${encodeURIComponent(provider)}/start` satisfies ApiAddress}?${all}`
}

/** Reads the outcome and restores the address that the page had before, so that no code stays in it. */
function takeReturn(): Return | undefined {
  const query = new URLSearchParams(location.search)
  const waiting = readWaiting()
  if (isOfOtherTab(query)) return undefined
  if (waiting === undefined || query.get('state') !== waiting.state) return forgetCode(query)
  sessionStorage.removeItem(KEY)
  history.replaceState(null, '', location.pathname + waiting.search)
  const [code, error] = [query.get('code'), query.get('error')]
  return {
    screen: waiting.screen,
    consents: waiting.consents,
    ...(code !== null && { exchange: { code, code_verifier: waiting.verifier } }),
    ...(error !== null && { error }),
  }
}

/** A code that answers no sign-in of this tab. Another page has the verifier of it, if any has. */
function forgetCode(query: URLSearchParams): undefined {
  if (!query.has('code')) return
  query.delete('code')
  history.replaceState(null, '', `${location.pathname}?${query}`)
}

function readWaiting(): Waiting | undefined {
  const text = sessionStorage.getItem(KEY)
  return text === null ? undefined : JSON.parse(text)
}

/** 256 random bits in base64url, which is also a PKCE verifier. */
export const randomText = (): string => base64url(crypto.getRandomValues(new Uint8Array(32)))

const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
