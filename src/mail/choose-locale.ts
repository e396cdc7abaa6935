import { parseAccept } from 'hono/utils/accept'
import { type Locale, locales } from '../core/mail.ts'

const FALLBACK: Locale = 'en'
const MAX_HEADER_LENGTH = 1000

interface Wishes {
  /** `preferences.locale` of a profile. It should be a BCP 47 tag, but can be any value. */
  readonly preference?: unknown
  /** The `Accept-Language` header (RFC 9110 section 12.5.4). */
  readonly acceptLanguage?: string | undefined
}

/** Cached results by header: almost every request has one, and there are few different values. */
const chosen = new Map<string, Locale | undefined>()
const MOST_CHOSEN = 500

/**
 * Chooses the language: that of the profile, otherwise the best one that the browser accepts, otherwise
 * English.
 */
export function chooseLocale({ preference, acceptLanguage = '' }: Wishes): Locale {
  const wished = typeof preference === 'string' ? findLocale(preference) : undefined
  return wished ?? firstAccepted(acceptLanguage.slice(0, MAX_HEADER_LENGTH)) ?? FALLBACK
}

function firstAccepted(header: string): Locale | undefined {
  if (chosen.has(header)) return chosen.get(header)
  const locale = bestOf(header)
  if (chosen.size >= MOST_CHOSEN) chosen.clear()
  chosen.set(header, locale)
  return locale
}

const bestOf = (header: string): Locale | undefined =>
  parseAccept(header)
    .filter(({ q }) => q > 0)
    .map(({ type }) => (type === '*' ? FALLBACK : findLocale(type)))
    .find((locale) => locale !== undefined)

/** `de-AT` matches `de` (RFC 4647 section 3.4). */
function findLocale(tag: string): Locale | undefined {
  const wanted = `${tag.trim().toLowerCase().replaceAll('_', '-')}-`
  return locales.find((locale) => wanted.startsWith(`${locale.toLowerCase()}-`))
}
