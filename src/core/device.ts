import Bowser from 'bowser'
import type { ClientDetails } from './client.ts'

/** A browser and a system by their names, without versions: what a person recognises. */
export interface Device {
  readonly browser: string | undefined
  readonly system: string | undefined
}

/**
 * Names that the parser has of its own; any other is the sender's text, and mails would carry his message
 * (O8).
 */
const knownBrowsers: ReadonlySet<string> = new Set(Object.values(Bowser.BROWSER_MAP))
const knownSystems: ReadonlySet<string> = new Set(Object.values(Bowser.OS_MAP))

/** Programs that are no browser, by the product that they name first in their user agents. */
const knownPrograms: ReadonlySet<string> = new Set([
  ...['curl', 'Wget', 'HTTPie', 'PostmanRuntime', 'insomnia', 'node', 'undici', 'axios', 'Deno', 'Bun', 'Dart'],
  ...['okhttp', 'Apache-HttpClient', 'Java', 'python-requests', 'python-httpx', 'aiohttp', 'Python-urllib'],
  ...['Go-http-client', 'Ruby', 'GuzzleHttp', 'CFNetwork', 'reqwest'],
])

const isKnownName = (name: string): boolean => knownBrowsers.has(name) || knownPrograms.has(name)

/**
 * What a user agent says of itself; anyone can say anything, so this informs and decides nothing. A program
 * that is no browser has the sender's own word for a name: good to tell devices apart, and to be shown
 * nowhere.
 */
export function readDevice({ user_agent: userAgent }: ClientDetails): Device {
  if (userAgent === undefined || userAgent === '') return { browser: undefined, system: undefined }
  const { browser, os } = Bowser.parse(userAgent)
  const isKnown = knownBrowsers.has(browser.name ?? '')
  const system = os.name !== undefined && knownSystems.has(os.name) ? os.name : undefined
  return { browser: isKnown ? browser.name : productOf(userAgent), system }
}

/**
 * `Firefox on Linux`; undefined when nothing is known. Only names of a fixed list are in it: whoever sends a
 * request chooses the words of its user agent, and mails must not carry them.
 */
export function describeDevice(client: ClientDetails): string | undefined {
  const { browser, system } = readDevice(client)
  const known = browser !== undefined && isKnownName(browser) ? browser : undefined
  if (known === undefined || system === undefined) return known ?? system
  return `${known} on ${system}`
}

/** `Berlin, DE`; undefined when nothing is known. */
export function describePlace({ city, country }: ClientDetails): string | undefined {
  const parts = [city, country].filter((part) => part !== undefined)
  return parts.length === 0 ? undefined : parts.join(', ')
}

/**
 * `curl` of `curl/8.1`: programs that are no browser. One word without figures or dots: no sentence, number
 * or address.
 */
const productOf = (userAgent: string): string | undefined => /^[A-Za-z][A-Za-z_-]{0,31}(?=\/|$)/.exec(userAgent)?.[0]
