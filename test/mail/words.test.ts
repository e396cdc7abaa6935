import { expect, it } from 'vitest'
import { locales } from '../../src/core/mail.ts'
import { wordsByLocale } from '../../src/mail/words/by-locale.ts'
import { en } from '../../src/mail/words/en.ts'
import type { Words, WordsByLocale } from '../../src/mail/words/words.ts'

const english = en('Acme')
const { footer, ...unfinished } = english
const { note, ...unfinishedMail } = english.mails.restore

// What does not compile is the test: an unused expectation fails the type check.
const { en: _, ...unspoken } = wordsByLocale
// @ts-expect-error a language without its words
const untranslated: WordsByLocale = { ...unspoken }
// @ts-expect-error a text too few
const tooFew: Words = { ...unfinished }
// @ts-expect-error a mail with a text too few
const tooShort: Words['mails']['restore'] = { ...unfinishedMail }
// @ts-expect-error a text too many
const tooMany: Words['mails']['new-device'] = { ...english.mails['new-device'], action: 'Press' }

it('every language has words, and incomplete ones do not compile', () => {
  expect(Object.keys(wordsByLocale).sort()).toEqual([...locales].sort())
  expect([untranslated, tooFew, tooShort, tooMany, footer, note]).toHaveLength(6)
})

it('no language repeats another', () => {
  const subjects = locales.flatMap((locale) => Object.values(wordsByLocale[locale]('Acme').mails).map((m) => m.subject))
  expect(new Set(subjects).size).toBe(subjects.length)
})
