/** What an application keeps until the person comes back, in `sessionStorage` or on its server. */
export interface PendingSignIn {
  readonly state: string
  /** PKCE verifier (RFC 7636). Only the application has it. */
  readonly verifier: string
  readonly returnTo: string
}

/** The body of `exchangeCode`. */
export interface ReturnedCode {
  readonly code: string
  readonly code_verifier: string
  readonly redirect_uri: string
}

/** The address does not answer the sign-in that was begun here, or the person gave up (`access_denied`). */
export class ReturnError extends Error {
  override readonly name = 'ReturnError'
  readonly code: string

  constructor(code: string) {
    super(`the sign-in did not finish: ${code}`)
    this.code = code
  }
}

/**
 * Begins a sign-in on the pages of the service.
 * @param returnTo an address of this application that is in `RETURN_ADDRESSES`
 * @returns where to send the browser, and what to keep for `finishReturn`
 */
export async function beginReturn(
  origin: string,
  returnTo: string,
): Promise<{ readonly location: string; readonly pending: PendingSignIn }> {
  const [state, verifier] = [randomText(), randomText()]
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))
  const location = new URL('/account/sign-in', origin)
  location.search = new URLSearchParams({
    return_to: returnTo,
    state,
    code_challenge: base64url(new Uint8Array(digest)),
    code_challenge_method: 'S256',
  }).toString()
  return { location: location.href, pending: { state, verifier, returnTo } }
}

/**
 * Reads the address with which the browser came back. Forget `pending` before you call this: it is for one
 * answer. Send the result with `client.call('exchangeCode', { body })`.
 * @throws ReturnError
 */
export function finishReturn(origin: string, pending: PendingSignIn | undefined, address: string | URL): ReturnedCode {
  const answer = new URL(address, pending?.returnTo).searchParams
  // Otherwise another person's code could sign this browser in to their account.
  if (pending === undefined || answer.get('state') !== pending.state) throw new ReturnError('invalid_state')
  // RFC 9207: the answer is of this service, and of no other that the application uses.
  if (answer.get('iss') !== origin) throw new ReturnError('invalid_issuer')
  const code = answer.get('code')
  if (code === null) throw new ReturnError(answer.get('error') ?? 'invalid_answer')
  return { code, code_verifier: pending.verifier, redirect_uri: pending.returnTo }
}

const randomText = (): string => base64url(crypto.getRandomValues(new Uint8Array(32)))

const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
