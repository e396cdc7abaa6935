import { expect, it } from 'vitest'
import { locales } from '../../src/core/mail.ts'
import { pageWords } from '../../src/pages/words/by-locale.ts'
import { englishPageWords } from '../../src/pages/words/en.ts'
import type { PageLanguage, PageViews, PageWordsByLocale } from '../../src/pages/words/words.ts'

const subject = { product: 'Acme', passwordMinLength: 11 }
const english = englishPageWords(subject)
const { showPassword, ...unfinished } = english
const { done, ...unfinishedPage } = english.pages['undo-email']

// What does not compile is the test: an unused expectation fails the type check.
const { en: _, ...unspoken } = pageWords
// @ts-expect-error a language without its words
const untranslated: PageWordsByLocale = { ...unspoken }
// @ts-expect-error a text too few
const tooFew: PageLanguage = { ...unfinished }
// @ts-expect-error a page with a state too few
const tooShort: PageViews['undo-email'] = { ...unfinishedPage }
// @ts-expect-error a state with nothing on its button
const unlabelled: PageViews['undo-email'] = { ...english.pages['undo-email'], ask: done }

it('every language has words, and incomplete ones do not compile', () => {
  expect(Object.keys(pageWords).sort()).toEqual([...locales].sort())
  expect([untranslated, tooFew, tooShort, unlabelled, showPassword]).toHaveLength(5)
})

it('no language repeats another', () => {
  const texts = locales.flatMap((locale) => [...new Set(textsIn(pageWords[locale](subject)))])
  expect(texts.length).toBeGreaterThan(100)
  expect(new Set(texts).size).toBe(texts.length)
})

const textsIn = (words: unknown): string[] =>
  typeof words === 'object' && words !== null ? Object.values(words).flatMap(textsIn) : [String(words)]
