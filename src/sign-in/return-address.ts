type Answer = { readonly code: string } | { readonly error: string }

interface Application {
  readonly redirectUri: string
  /** The `state` that the application sent. */
  readonly clientState?: string | undefined
  /**
   * The issuer, where the answer names it (RFC 9207), so that no other service can pass its answer off as
   * ours.
   */
  readonly issuer?: string
}

/** The application's redirect address with the code or the error (RFC 6749 section 4.1.2). */
export function returnAddress({ redirectUri, clientState, issuer }: Application, answer: Answer): string {
  const url = new URL(redirectUri)
  for (const [name, value] of Object.entries(answer)) url.searchParams.set(name, value)
  if (clientState !== undefined) url.searchParams.set('state', clientState)
  if (issuer !== undefined) url.searchParams.set('iss', issuer)
  return url.href
}
