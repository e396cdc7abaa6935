import { PAGES_PATH } from './mail.ts'
import { isLoopback } from './web-address.ts'

const MAX_LENGTH = 512
const LOOPBACK_PORT = /^(http:\/\/(?:127\.0\.0\.1|\[::1\])):(?!0)\d{1,5}(?=[/?])/

/**
 * A scheme of a native application's own is its reversed domain name, so it has a dot (RFC 8252 section 7.1).
 */
const PRIVATE_SCHEME = /^[a-z][a-z0-9+-]*(?:\.[a-z0-9+-]+)+:$/

/**
 * Whether an address may be on the list: https, http on this very machine, or a private scheme; without
 * fragment and user, and spelt as a URL parser spells it, so that there is only one spelling.
 */
export function isRedirectUri(value: string): boolean {
  if (value.length > MAX_LENGTH || !URL.canParse(value)) return false
  const { href, protocol, hostname, hash, username, password } = new URL(value)
  if (href !== value || hash !== '' || value.includes('#') || username !== '' || password !== '') return false
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname)) || PRIVATE_SCHEME.test(protocol)
}

/**
 * Exact comparison of strings (RFC 9700 section 4.1.3). Only an entry such as `http://127.0.0.1/callback`
 * stands for every port, which a native application learns when it starts to listen (RFC 8252 section 7.3).
 */
export function isAllowedRedirectUri(allowed: readonly string[], value: string): boolean {
  if (allowed.includes(value)) return true
  const withoutPort = value.replace(LOOPBACK_PORT, '$1')
  return withoutPort !== value && isRedirectUri(value) && allowed.includes(withoutPort)
}

/**
 * The page of this service that signs people in, to confirm a change of address. It may always be redirected
 * to.
 */
export const confirmPageOf = (issuer: string): string => `${issuer}${PAGES_PATH}/confirm-email`
