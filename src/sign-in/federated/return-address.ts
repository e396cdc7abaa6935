import type { Flow } from './flow.ts'

type Answer = { readonly code: string } | { readonly error: string }

/** The application's redirect address with the code or the error (RFC 6749 section 4.1.2). */
export function returnAddress({ redirectUri, clientState }: Pick<Flow, 'redirectUri' | 'clientState'>, answer: Answer) {
  const url = new URL(redirectUri)
  for (const [name, value] of Object.entries(answer)) url.searchParams.set(name, value)
  if (clientState !== undefined) url.searchParams.set('state', clientState)
  return url.href
}
