/** Follows redirects with a cookie jar for each host, as a browser does. It renders no page. */
export interface BrowserByHand {
  /** @returns the first address that starts with `until`, which is not opened */
  follow(address: string, until: string): Promise<URL>
}

const MAX_STEPS = 20

export function openBrowserByHand(headers: Record<string, string> = {}): BrowserByHand {
  const jars = new Map<string, Map<string, string>>()

  async function open(url: URL): Promise<URL> {
    const jar = jars.get(url.hostname) ?? new Map<string, string>()
    jars.set(url.hostname, jar)
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(url, { redirect: 'manual', headers: { ...headers, ...(cookie !== '' && { cookie }) } })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (value === '' || /max-age=0/i.test(line)) jar.delete(name)
      else jar.set(name, value)
    }
    const location = response.headers.get('location')
    if (location === null) throw new Error(`${url.origin}${url.pathname}: ${response.status} ${await response.text()}`)
    return new URL(location, url)
  }

  return {
    async follow(address, until) {
      let url = new URL(address)
      for (let step = 0; step < MAX_STEPS; step++) {
        if (url.href.startsWith(until)) return url
        url = await open(url)
      }
      throw new Error('too many redirects')
    },
  }
}
