import { expect, it } from 'vitest'
import { locales } from '../../src/core/mail.ts'
import { pageWords } from '../../src/pages/words/by-locale.ts'
import { englishPageWords } from '../../src/pages/words/en.ts'
import type { PageLanguage, PageViews, PageWordsByLocale } from '../../src/pages/words/words.ts'

const subject = { product: 'Acme', passwordMinLength: 11 }
const english = englishPageWords(subject)
const { showPassword, ...unfinished } = english
const { done, ...unfinishedPage } = english.pages['undo-email']

// The compiler runs this test: an unused `@ts-expect-error` fails the type check.
const { en: _, ...unspoken } = pageWords
// @ts-expect-error a language is missing
const untranslated: PageWordsByLocale = { ...unspoken }
// @ts-expect-error a text is missing
const tooFew: PageLanguage = { ...unfinished }
// @ts-expect-error a state of a page is missing
const tooShort: PageViews['undo-email'] = { ...unfinishedPage }
// @ts-expect-error the label of a button is missing
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
