import { PAGES_PATH } from './mail.ts'
import { isLoopback } from './web-address.ts'

const MAX_LENGTH = 512
const LOOPBACK_PORT = /^(http:\/\/(?:127\.0\.0\.1|\[::1\])):(?!0)\d{1,5}(?=[/?])/

/**
 * The private scheme of a native application is a reversed domain name, so it has a dot (RFC 8252 section
 * 7.1).
 */
const PRIVATE_SCHEME = /^[a-z][a-z0-9+-]*(?:\.[a-z0-9+-]+)+:$/

/**
 * Whether an address may be in `OAUTH_REDIRECT_URIS`. It is https, http to a loopback host, or a private
 * scheme. It has no fragment and no user information. It is written exactly as a URL parser writes it, so
 * that there is only one spelling.
 */
export function isRedirectUri(value: string): boolean {
  if (value.length > MAX_LENGTH || !URL.canParse(value)) return false
  const { href, protocol, hostname, hash, username, password } = new URL(value)
  if (href !== value || hash !== '' || value.includes('#') || username !== '' || password !== '') return false
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname)) || PRIVATE_SCHEME.test(protocol)
}

/**
 * Whether an address is in the list, by exact comparison (RFC 9700 section 4.1.3). Only an entry such as
 * `http://127.0.0.1/callback` allows every port, because a native application gets its port when it starts to
 * listen (RFC 8252 section 7.3).
 */
export function isAllowedRedirectUri(allowed: readonly string[], value: string): boolean {
  if (allowed.includes(value)) return true
  const withoutPort = value.replace(LOOPBACK_PORT, '$1')
  return withoutPort !== value && isRedirectUri(value) && allowed.includes(withoutPort)
}

/**
 * Whether an address is a page of this service from which people go to a provider. A social sign-in may
 * always redirect to these.
 */
export const isOwnPage = (issuer: string, value: string): boolean =>
  ['confirm-email', 'sign-in', 'sign-up', 'identities'].some((page) => value === pageOf(issuer, page))

/**
 * Whether a social sign-in that redirects there may create an account, or link one by its address. Of the own
 * pages this is the one for signing up: a person who signs in on another does not ask for a new account.
 */
export const mayRegisterAt = (issuer: string, value: string): boolean =>
  !isOwnPage(issuer, value) || value === pageOf(issuer, 'sign-up')

const pageOf = (issuer: string, page: string): string => `${issuer}${PAGES_PATH}/${page}`
