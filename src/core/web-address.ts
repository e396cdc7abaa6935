/** @param hostname as `URL` returns it, with IPv6 in brackets */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]'
}

/** Whether an address is https, or http to a loopback host. */
export function isSecure(value: string): boolean {
  if (!URL.canParse(value)) return false
  const { protocol, hostname } = new URL(value)
  // The protocol is compared as well, because `javascript://localhost/` also has a host.
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname))
}
