import type { JsonMembers } from './outcome.ts'

/** The value of an element without a text of its own. */
export const when = (isShown: boolean): string | undefined => (isShown ? '' : undefined)

export const membersOf = (value: unknown): JsonMembers | undefined =>
  typeof value === 'object' && value !== null ? { ...value } : undefined

/** A date in a language; undefined if the value is no time. */
export function dateIn(language: string, value: unknown, more: Intl.DateTimeFormatOptions = {}): string | undefined {
  if (typeof value !== 'string') return undefined
  return new Intl.DateTimeFormat(language, { dateStyle: 'long', ...more }).format(new Date(value))
}
