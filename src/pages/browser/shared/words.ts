import type { Words } from '../../words/words-of-pages.ts'
import { facts } from './facts.ts'

let current: Words | undefined

/** Sets the words of this document. A document has one language. */
export function speak(language: (about: typeof facts) => Words): void {
  current = language(facts)
}

/** The words of this document. */
export function words(): Words {
  if (current === undefined) throw new Error('no words yet')
  return current
}

/** A text with its value in the place of `{value}`. */
export const insert = (text: string, value: string): string => text.replace('{value}', () => value)

/** The language of this document as the browser writes it, such as `en-GB`: its dates differ from `en-US`. */
const tag: string = navigator.languages.find((language) => language.split('-')[0] === facts.locale) ?? facts.locale

/** A date as people write it, such as `30 November 2026`. @param iso RFC 3339 */
export const dateOf = (iso: string, more: Intl.DateTimeFormatOptions = {}): string =>
  new Intl.DateTimeFormat(tag, { dateStyle: 'long', ...more }).format(new Date(iso))

/** The same with the time of day, in the zone of the browser. No line breaks before `PM`. */
export const timeOf = (iso: string): string => dateOf(iso, { timeStyle: 'short' }).replace(/ (?=[AP]M$)/i, '\u00A0')

/** `Acme, GitHub`. */
export const listOf = (names: Iterable<string>): string =>
  new Intl.ListFormat(tag, { type: 'unit', style: 'short' }).format(names)

/** `in 40 seconds`, `in 5 minutes`. */
export function inTime(seconds: number): string {
  const format = new Intl.RelativeTimeFormat(tag)
  return seconds < 100 ? format.format(Math.ceil(seconds), 'second') : format.format(Math.ceil(seconds / 60), 'minute')
}
