import { expect, it } from 'vitest'
import type {
  AuditAction,
  ExportFailure,
  SecondFactorFailure,
  SessionEndReason,
  SignInFailure,
} from '../../src/core/audit-event.ts'
import { locales } from '../../src/core/mail.ts'
import type { OperatorReason } from '../../src/core/operator.ts'
import type { Subject } from '../../src/pages/subject.ts'
import { germanAccount } from '../../src/pages/words/de/account.ts'
import { germanActivity } from '../../src/pages/words/de/activity.ts'
import { german } from '../../src/pages/words/de/index.ts'
import { englishAccount } from '../../src/pages/words/en/account.ts'
import { englishActivity } from '../../src/pages/words/en/activity.ts'
import { english } from '../../src/pages/words/en/index.ts'
import type { Words } from '../../src/pages/words/words-of-pages.ts'

const subject = { product: 'Acme', passwordMinLength: 11 }
const languages = {
  en: (about: Subject) => ({ ...english(about), ...englishAccount(about), activity: englishActivity }),
  de: (about: Subject) => ({ ...german(about), ...germanAccount(about), activity: germanActivity }),
} satisfies Record<(typeof locales)[number], unknown>

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

/** The reasons that an event of a person can have. */
type Reason =
  | (SignInFailure | SecondFactorFailure | SessionEndReason | ExportFailure | OperatorReason)
  | Extract<AuditAction, { readonly detail: { readonly reason: string } }>['detail']['reason']

/** The compiler runs this test: a value of this type exists only if both lists have the same names. */
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never
const hasEveryAction: Same<keyof typeof englishActivity.actions, AuditAction['action']> = true
const hasEveryReason: Same<keyof typeof englishActivity.reasons, Reason> = true

it('V8 every action of the audit trail and every reason has its words, and nothing else has', () => {
  expect([hasEveryAction, hasEveryReason]).toEqual([true, true])
  expect(namesIn(germanActivity).sort()).toEqual(namesIn(englishActivity).sort())
  expect(textsIn(englishActivity).filter((text) => textsIn(germanActivity).includes(text))).toEqual([])
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
