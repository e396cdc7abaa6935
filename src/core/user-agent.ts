import Bowser from 'bowser'
import type { ClientDetails } from './client-details.ts'

/** Names of a browser and an operating system, without versions: as much as a person recognises. */
export interface Device {
  readonly browser: string | undefined
  readonly system: string | undefined
}

/**
 * Names from the parser's own list. Any other name is text that the client chose, and a mail must not carry
 * such text (O8).
 */
const knownBrowsers: ReadonlySet<string> = new Set(Object.values(Bowser.BROWSER_MAP))
const knownSystems: ReadonlySet<string> = new Set(Object.values(Bowser.OS_MAP))

/** Programs that are not browsers, by the product name at the start of their user agents. */
const knownPrograms: ReadonlySet<string> = new Set([
  ...['curl', 'Wget', 'HTTPie', 'PostmanRuntime', 'insomnia', 'node', 'undici', 'axios', 'Deno', 'Bun', 'Dart'],
  ...['okhttp', 'Apache-HttpClient', 'Java', 'python-requests', 'python-httpx', 'aiohttp', 'Python-urllib'],
  ...['Go-http-client', 'Ruby', 'GuzzleHttp', 'CFNetwork', 'reqwest'],
])

const isKnownName = (name: string): boolean => knownBrowsers.has(name) || knownPrograms.has(name)

/**
 * Reads a user agent. A client can send any user agent, so use the result only for information, never for a
 * decision. For a program that is not a browser, the name is text that the client chose: use it to tell
 * devices apart, and never show it.
 */
export function readDevice({ user_agent: userAgent }: ClientDetails): Device {
  if (userAgent === undefined || userAgent === '') return { browser: undefined, system: undefined }
  const { browser, os } = Bowser.parse(userAgent)
  const isKnown = knownBrowsers.has(browser.name ?? '')
  const system = os.name !== undefined && knownSystems.has(os.name) ? os.name : undefined
  return { browser: isKnown ? browser.name : productOf(userAgent), system }
}

/**
 * A text such as `Firefox on Linux`; undefined when nothing is known. It holds only names from a fixed list:
 * the client chooses the text of its user agent, and mails must not carry that text.
 */
export function describeDevice(client: ClientDetails): string | undefined {
  const { browser, system } = readDevice(client)
  const known = browser !== undefined && isKnownName(browser) ? browser : undefined
  if (known === undefined || system === undefined) return known ?? system
  return `${known} on ${system}`
}

/**
 * The product name of a program that is not a browser: `curl` from `curl/8.1`. It is one word without digits
 * or dots, so it cannot be a sentence, a number or an address.
 */
const productOf = (userAgent: string): string | undefined => /^[A-Za-z][A-Za-z_-]{0,31}(?=\/|$)/.exec(userAgent)?.[0]
