import type { ApiAddress } from '../../core/api-address.ts'

// Signing in at a provider leaves the page and comes back to it. The data for the way back is kept in this
// tab's session storage.
const KEY = 'latchkey-sign-in'

interface Waiting {
  readonly state: string
  readonly verifier: string
  /** The token of the mail. */
  readonly token: string
}

/** The result of a sign-in at a provider, and the token with which the page was opened. */
export interface Return {
  readonly token: string
  /**
   * The code that the API exchanges for a session; undefined if the provider or the service rejected the
   * sign-in.
   */
  readonly exchange: { readonly code: string; readonly code_verifier: string } | undefined
  readonly error: string | undefined
}

/** Sends the browser to a provider, which sends it back to this page (RFC 7636). */
export async function leaveFor(provider: string, token: string): Promise<void> {
  const [state, verifier] = [randomText(), randomText()]
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))
  sessionStorage.setItem(KEY, JSON.stringify({ state, verifier, token } satisfies Waiting))
  const query = new URLSearchParams({
    redirect_uri: location.origin + location.pathname,
    code_challenge: base64url(new Uint8Array(digest)),
    state,
  })
  const start = `/api/v1/auth/oauth/${encodeURIComponent(provider)}/start` satisfies ApiAddress
  location.assign(`${start}?${query}`)
}

/**
 * Reads the result once and removes it from the address. Undefined if the page was not opened by a provider.
 */
export function takeReturn(): Return | undefined {
  const query = new URLSearchParams(location.search)
  const waiting = readWaiting()
  if (waiting === undefined || query.get('state') !== waiting.state) return undefined
  sessionStorage.removeItem(KEY)
  history.replaceState(null, '', location.pathname)
  const code = query.get('code')
  return {
    token: waiting.token,
    exchange: code === null ? undefined : { code, code_verifier: waiting.verifier },
    error: query.get('error') ?? undefined,
  }
}

function readWaiting(): Waiting | undefined {
  const text = sessionStorage.getItem(KEY)
  return text === null ? undefined : JSON.parse(text)
}

const randomText = (): string => base64url(crypto.getRandomValues(new Uint8Array(32)))

const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
