import Bowser from 'bowser'
import type { Client } from './client.ts'

/** A browser and a system by their names, without versions: what a person recognises. */
export interface Device {
  readonly browser: string | undefined
  readonly system: string | undefined
}

/** Names that the parser has of its own; any other is the sender's text, and mails would carry his message (O8). */
const knownBrowsers: ReadonlySet<string> = new Set(Object.values(Bowser.BROWSER_MAP))

/** What a user agent says of itself; anyone can say anything, so this informs and decides nothing. */
export function readDevice({ user_agent: userAgent }: Client): Device {
  if (userAgent === undefined || userAgent === '') return { browser: undefined, system: undefined }
  const { browser, os } = Bowser.parse(userAgent)
  const isKnown = knownBrowsers.has(browser.name ?? '')
  return { browser: isKnown ? browser.name : productOf(userAgent), system: os.name || undefined }
}

/** `Firefox on Linux`; undefined when nothing is known. */
export function describeDevice(client: Client): string | undefined {
  const { browser, system } = readDevice(client)
  if (browser === undefined || system === undefined) return browser ?? system
  return `${browser} on ${system}`
}

/** `Berlin, DE`; undefined when nothing is known. */
export function describePlace({ city, country }: Client): string | undefined {
  const parts = [city, country].filter((part) => part !== undefined)
  return parts.length === 0 ? undefined : parts.join(', ')
}

/** `curl` of `curl/8.1`: programs that are no browser. One word without figures or dots: no sentence, number or address. */
const productOf = (userAgent: string): string | undefined => /^[A-Za-z][A-Za-z_-]{0,31}(?=\/|$)/.exec(userAgent)?.[0]
