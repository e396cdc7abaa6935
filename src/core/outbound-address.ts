import ipaddr from 'ipaddr.js'
import { isLoopback } from './web-address.ts'

/**
 * Top-level names that no public DNS serves, but a private one or the machine itself may: RFC 6761 section
 * 6.3, RFC 6762 section 3 and appendix G, RFC 8375, and ICANN's `internal`.
 */
const PRIVATE_NAMES = /(?:^|\.)(?:localhost|localdomain|local|internal|intranet|private|corp|home|lan|home\.arpa)$/

/** What IANA has handed out as global unicast addresses. Addresses outside of it are special, or nobody's. */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3')

/**
 * Reads the address of another service and checks that this service may send requests to it: https, to a
 * public address or name. Where `issuer` is on this very machine (`npm run dev`, tests), http and https to
 * `localhost`, `127.0.0.1` and `[::1]` are allowed as well. The URL parser comes first, so that every
 * spelling of an address is judged as the address that it is. A name is judged by its text alone: a Worker
 * cannot see what DNS answers.
 * @param issuer `ISSUER` of the settings
 * @returns the address without user and password; undefined where requests are not allowed
 */
export function parseOutboundUrl(text: string, issuer: string): URL | undefined {
  if (!URL.canParse(text)) return undefined
  const url = new URL(text)
  const { protocol, hostname } = url
  // The runtime would drop them as well. What a service is to get stands in the headers.
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
