import { accountWords } from './account-words.ts'
import { facts } from './facts.ts'

/** The name in a user agent, and what people call it. An earlier line wins: most browsers name others too. */
const browsers = [
  [/\bEdgA?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\b(?:Firefox|FxiOS)\//, 'Firefox'],
  [/(?:Chrome|\bCriOS)\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
] as const

const systems = [
  [/\bWindows\b/, 'Windows'],
  [/\bAndroid\b/, 'Android'],
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bLinux\b/, 'Linux'],
] as const

/**
 * Names a device by its user agent, such as `Firefox on Linux`. A program has its own name, such as `curl`.
 */
export function deviceOf(userAgent: string | null): string {
  const text = userAgent ?? ''
  const [browser, system] = [find(browsers, text), find(systems, text)]
  if (browser !== undefined && system !== undefined) return accountWords.places.device(browser, system)
  return browser ?? system ?? /^[A-Za-z][A-Za-z_-]{0,31}(?=\/|$)/.exec(text)?.[0] ?? accountWords.places.unknownDevice
}

const find = (list: readonly (readonly [RegExp, string])[], text: string): string | undefined =>
  list.find(([pattern]) => pattern.test(text))?.[1]

interface Place {
  readonly city: string | null
  readonly country: string | null
}

/** `Berlin, Germany`; undefined if nothing is known. @param country ISO 3166-1, such as `DE` */
export function placeOf({ city, country }: Place): string | undefined {
  const parts = [city, country === null ? null : nameOf(country)].filter((part) => part !== null)
  return parts.length === 0 ? undefined : parts.join(', ')
}

/** The network knows places that are no country, such as `T1` for Tor. */
function nameOf(country: string): string {
  try {
    return new Intl.DisplayNames(facts.locale, { type: 'region' }).of(country) ?? country
  } catch {
    return country
  }
}
