import { expect, it } from 'vitest'
import { locales } from '../../src/core/mail.ts'
import { german } from '../../src/pages/words/de/index.ts'
import { english } from '../../src/pages/words/en/index.ts'
import type { Words } from '../../src/pages/words/words-of-pages.ts'

const subject = { product: 'Acme', passwordMinLength: 11 }
const languages = { en: english, de: german } satisfies Record<(typeof locales)[number], unknown>

const { showPassword, ...unfinished } = english(subject).common

// The compiler runs this test: an unused `@ts-expect-error` fails the type check.
// @ts-expect-error a text is missing
const tooFew: Words['common'] = { ...unfinished }

it('V5 every language has all words, and an incomplete one does not compile', () => {
  expect(Object.keys(languages).sort()).toEqual([...locales].sort())
  const shapes = locales.map((locale) => namesIn(languages[locale](subject)))
  expect(new Set(shapes.map((names) => names.join())).size).toBe(1)
  expect([tooFew, showPassword]).toHaveLength(2)
})

it('V5 no language repeats another', () => {
  const texts = locales.flatMap((locale) => [...new Set(textsIn(languages[locale](subject)))])
  expect(texts.length).toBeGreaterThan(100)
  const seen = new Set<string>()
  expect(texts.filter((text) => seen.size === seen.add(text).size).filter((text) => /\s/.test(text))).toEqual([])
})

const textsIn = (words: unknown): string[] =>
  typeof words === 'object' && words !== null ? Object.values(words).flatMap(textsIn) : [String(words)]

const namesIn = (words: unknown, path = ''): string[] =>
  typeof words === 'object' && words !== null && !Array.isArray(words)
    ? Object.entries(words).flatMap(([name, value]) => namesIn(value, `${path}.${name}`))
    : [path]
