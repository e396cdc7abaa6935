/** @param hostname as `URL` gives it: IPv6 in brackets */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]'
}

/** Whether an address is https, or http that stays on this very machine. */
export function isSecure(value: string): boolean {
  if (!URL.canParse(value)) return false
  const { protocol, hostname } = new URL(value)
  // `javascript://localhost/` has a host, too.
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname))
}
