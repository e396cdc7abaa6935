import { expect, it } from 'vitest'
import { locales } from '../../src/core/mail.ts'
import { mailWords } from '../../src/mail/words/by-locale.ts'
import { englishMailWords } from '../../src/mail/words/en.ts'
import type { MailLanguage, MailWordsByLocale } from '../../src/mail/words/words.ts'

const english = englishMailWords('Acme')
const { footer, ...unfinished } = english
const { note, ...unfinishedMail } = english.mails.restore

// The compiler runs this test: an unused `@ts-expect-error` fails the type check.
const { en: _, ...unspoken } = mailWords
// @ts-expect-error a language is missing
const untranslated: MailWordsByLocale = { ...unspoken }
// @ts-expect-error a text is missing
const tooFew: MailLanguage = { ...unfinished }
// @ts-expect-error a text of a mail is missing
const tooShort: MailLanguage['mails']['restore'] = { ...unfinishedMail }
// @ts-expect-error there is a superfluous text
const tooMany: MailLanguage['mails']['new-device'] = { ...english.mails['new-device'], action: 'Press' }

it('every language has words, and incomplete ones do not compile', () => {
  expect(Object.keys(mailWords).sort()).toEqual([...locales].sort())
  expect([untranslated, tooFew, tooShort, tooMany, footer, note]).toHaveLength(6)
})

it('no language repeats another', () => {
  const subjects = locales.flatMap((locale) => Object.values(mailWords[locale]('Acme').mails).map((m) => m.subject))
  expect(new Set(subjects).size).toBe(subjects.length)
})
