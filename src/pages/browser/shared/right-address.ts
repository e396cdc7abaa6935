import { facts } from './facts.ts'
import { linkToken } from './link-token.ts'

/**
 * Opens the same page at the service's own address, if it was opened at another one, such as 127.0.0.1 for
 * localhost. Session cookie, passkeys and providers belong to that address. The browser decides: behind a
 * proxy, the service does not know which address the browser has.
 * @returns whether the browser is on its way
 */
export function goToRightAddress(): boolean {
  const { issuer } = facts
  if (issuer === undefined || issuer === location.origin) return false
  const fragment = linkToken === '' ? location.hash : `#token=${linkToken}`
  location.replace(issuer + location.pathname + location.search + fragment)
  return true
}
