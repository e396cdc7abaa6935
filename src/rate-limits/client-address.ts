import * as z from 'zod'

/** The network of every client whose address is missing or invalid: they share one counter. */
const UNKNOWN = 'unknown'

const ipv4 = z.ipv4()
const ipv6 = z.ipv6()

/** A network under which a client is counted, and the factor of its quota. */
export interface CountedNetwork {
  /** `198.51.100.7`, `2001:db8:0:1::/64`, or `unknown`. Every spelling of a network has the same name. */
  readonly name: string
  readonly quotaFactor: number
}

/**
 * Prefixes that a provider assigns: a household gets at least a /64, often a /56, and a site may get a /48
 * (RFC 6177).
 */
const IPV6_PREFIXES = [
  { bits: 64, quotaFactor: 1 },
  { bits: 56, quotaFactor: 4 },
  { bits: 48, quotaFactor: 16 },
] as const

/**
 * The networks under which a client is counted: an IPv4 address, or the /64, the /56 and the /48 of an IPv6
 * address. One customer may have 65,536 networks of size /64, and must not get a quota for each. An
 * IPv4-mapped address counts as its IPv4 address. The smallest network comes first.
 * @param ip value of `CF-Connecting-IP`
 */
export function countedNetworks(ip: string | undefined): readonly CountedNetwork[] {
  const text = ip?.trim() ?? ''
  if (ipv4.safeParse(text).success) return [{ name: text, quotaFactor: 1 }]
  if (!ipv6.safeParse(text).success) return [{ name: UNKNOWN, quotaFactor: 1 }]
  const groups = expand(text)
  const [high = 0, low = 0] = groups.slice(6)
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff)
    return [{ name: [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.'), quotaFactor: 1 }]
  return IPV6_PREFIXES.map(({ bits, quotaFactor }) => ({ name: prefixOf(groups, bits), quotaFactor }))
}

/** The smallest network under which a client is counted. */
export const countedNetwork = (ip: string | undefined): string => countedNetworks(ip)[0]?.name ?? UNKNOWN

/**
 * The network in which a client stays while its address changes: the /24 of an IPv4 address, or the /48 of an
 * IPv6 address. `unknown` without an address.
 */
export function surroundingNetwork(ip: string | undefined): string {
  const widest = countedNetworks(ip).at(-1)?.name ?? UNKNOWN
  return ipv4.safeParse(widest).success ? widest.replace(/\.\d+$/, '.0/24') : widest
}

/** @param bits at most 64 */
function prefixOf(groups: readonly number[], bits: number): string {
  const kept = groups.slice(0, 4).map((group, i) => group & (0xffff << Math.max(0, 16 * (i + 1) - bits)) & 0xffff)
  return `${kept.map((group) => group.toString(16)).join(':')}::/${bits}`
}

/** The eight groups of an IPv6 address. The URL parser accepts every spelling, including dotted quads. */
function expand(ip: string): number[] {
  const [head = '', tail] = new URL(`http://[${ip}]/`).hostname.slice(1, -1).split('::')
  const parse = (part: string) => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16)))
  if (tail === undefined) return parse(head)
  const [first, last] = [parse(head), parse(tail)]
  return [...first, ...Array<number>(8 - first.length - last.length).fill(0), ...last]
}
