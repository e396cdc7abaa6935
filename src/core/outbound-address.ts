import ipaddr from 'ipaddr.js'
import { isLoopback } from './web-address.ts'

/**
 * Top-level names that no public DNS serves, but a private one or the machine itself may: RFC 6761 section
 * 6.3, RFC 6762 section 3 and appendix G, RFC 8375, and ICANN's `internal`.
 */
const PRIVATE_NAMES = /(?:^|\.)(?:localhost|localdomain|local|internal|intranet|private|corp|home|lan|home\.arpa)$/

/** The global unicast addresses that IANA has assigned. Other addresses are special or unassigned. */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3')

/**
 * Reads the address of another service and checks that this service may send requests to it: https, to a
 * public address or name. If `issuer` is on the same machine (`npm run dev`, tests), http and https to
 * `localhost`, `127.0.0.1` and `[::1]` are allowed as well. The URL is parsed first, so that every spelling
 * of an address is checked as the same address. A name is checked by its text alone, because a Worker cannot
 * see the answers of DNS.
 * @param issuer `ISSUER` of the settings
 * @returns the address without user and password; undefined if requests to it are not allowed
 */
export function parseOutboundUrl(text: string, issuer: string): URL | undefined {
  if (!URL.canParse(text)) return undefined
  const url = new URL(text)
  const { protocol, hostname } = url
  // The runtime drops them as well. Credentials for a service belong in headers.
  url.username = ''
  url.password = ''
  if (isLoopback(hostname) && isLoopback(new URL(issuer).hostname))
    return protocol === 'https:' || protocol === 'http:' ? url : undefined
  return protocol === 'https:' && isPublicHost(hostname) ? url : undefined
}

/** @param hostname as `URL` gives it: lower case, IPv4 as four decimals, IPv6 in brackets */
function isPublicHost(hostname: string): boolean {
  if (ipaddr.IPv4.isValidFourPartDecimal(hostname)) return ipaddr.IPv4.parse(hostname).range() === 'unicast'
  if (hostname.startsWith('[')) return isPublicIpv6(hostname.slice(1, -1))
  const name = hostname.replace(/\.$/, '')
  const labels = name.split('.')
  return labels.length > 1 && !labels.includes('') && !PRIVATE_NAMES.test(name)
}

/** The library has no range for `::/96`, where IPv4 addresses were once embedded, nor for unassigned ones. */
function isPublicIpv6(text: string): boolean {
  const address = ipaddr.IPv6.parse(text)
  return address.match(GLOBAL_UNICAST) && address.range() === 'unicast'
}
