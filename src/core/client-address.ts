import * as z from 'zod'

/** Stands for every client whose address is missing or no address: they share one counter. */
const UNKNOWN = 'unknown'

const ipv4 = z.ipv4()
const ipv6 = z.ipv6()

/**
 * The network that a client is counted by: an IPv4 address, or the /64 of an IPv6 address, which is what one household
 * or one attacker has at the least. An IPv4-mapped address is the IPv4 address that it maps.
 * @param ip as `CF-Connecting-IP` gives it
 * @returns `198.51.100.7`, `2001:db8:0:1::/64`, or `unknown`; one text for all spellings of a network
 */
export function countedNetwork(ip: string | undefined): string {
  const text = ip?.trim() ?? ''
  if (ipv4.safeParse(text).success) return text
  if (!ipv6.safeParse(text).success) return UNKNOWN
  const groups = expand(text)
  const [high = 0, low = 0] = groups.slice(6)
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff)
    return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.')
  const prefix = groups.slice(0, 4).map((group) => group.toString(16))
  return `${prefix.join(':')}::/64`
}

/** The eight groups of an IPv6 address. The URL parser knows every spelling, dotted quads among them. */
function expand(ip: string): number[] {
  const [head = '', tail] = new URL(`http://[${ip}]/`).hostname.slice(1, -1).split('::')
  const parse = (part: string) => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16)))
  if (tail === undefined) return parse(head)
  const [first, last] = [parse(head), parse(tail)]
  return [...first, ...Array<number>(8 - first.length - last.length).fill(0), ...last]
}
