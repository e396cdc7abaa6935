import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { locales } from '../../src/core/mail.ts'
import { chooseLocale } from '../../src/mail/choose-locale.ts'

describe('the language', () => {
  it('is the one that the profile prefers', () => {
    for (const preference of ['de', 'de-AT', 'DE_ch', 'de-Latn-DE-1996'])
      expect(chooseLocale({ preference, acceptLanguage: 'fr' }), preference).toBe('de')
  })

  it('of the profile takes precedence over that of the browser', () => {
    expect(chooseLocale({ preference: 'en-GB', acceptLanguage: 'de' })).toBe('en')
  })

  it('is the browser’s if the profile has no usable value', () => {
    for (const preference of ['fr', 'den', 'd', '', '-de', 'deutsch', 7, null, { de: 1 }, undefined])
      expect(chooseLocale({ preference, acceptLanguage: 'de' }), String(preference)).toBe('de')
  })

  it('is the best one that the browser accepts, otherwise English', () => {
    expect(Object.keys(accepted).map((header) => [header, chooseLocale({ acceptLanguage: header })])).toEqual(
      Object.entries(accepted),
    )
    expect(chooseLocale({})).toBe('en')
  })

  it('is always an existing one', () => {
    fc.assert(
      fc.property(fc.anything(), fc.string(), (preference, acceptLanguage) => {
        expect(locales).toContain(chooseLocale({ preference, acceptLanguage }))
      }),
    )
  })
})

const accepted = {
  de: 'de',
  'de-DE,de;q=0.9,en;q=0.8': 'de',
  'en;q=0.8, de;q=0.9': 'de',
  'fr-FR, fr;q=0.9, de;q=0.3': 'de',
  'de;q=0, en': 'en',
  'de;q=0': 'en',
  '*, de;q=0.5': 'en',
  'fr, *;q=0.1, de;q=0.5': 'de',
  'DE ; Q=0.5': 'de',
  'de;q=2': 'de',
  'de;q=x': 'de',
  'fr, it': 'en',
  '': 'en',
  ',;,;q=': 'en',
}
