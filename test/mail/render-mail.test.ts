import { describe, expect, it } from 'vitest'
import { type Locale, locales, type Mail } from '../../src/core/mail.ts'
import { renderMail } from '../../src/mail/render-mail.ts'
import { LINK, mails, withForeignText } from './mails.ts'

const render = (mail: Mail, locale: Locale, productName = 'Acme') => renderMail(mail, { productName, locale })

/** Each mail in each language. There are few tests, because each one starts with empty stores. */
const every = locales.flatMap((locale) =>
  Object.values(mails).map((mail: Mail) => ({ name: `${mail.template} in ${locale}`, locale, mail })),
)
const notices = every.filter(({ mail }) => 'occurrence' in mail)
const withLink = every.filter(({ mail }) => 'link' in mail)

/** The visible text of the HTML. */
const visible = (html: string): string =>
  html
    .replace(/<head>.*<\/head>/s, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&(amp|lt|gt|quot|#39);/g, (entity) => ENTITIES[entity] ?? entity)
    .replace(/\s+/g, ' ')

const ENTITIES: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" }

describe('every mail in every language', () => {
  it('has a subject of one line that names the product', () => {
    for (const { name, locale, mail } of every) {
      const { subject } = render(mail, locale)
      expect(subject, name).toMatch(/^[^\p{C}]{5,78}$/u)
      expect(subject, name).toContain('Acme')
    }
  })

  it('has the same text in HTML and in plain text', () => {
    for (const { name, locale, mail } of every) {
      const { text, html } = render(mail, locale)
      const shown = visible(html)
      for (const line of text.split('\n').filter((line) => line !== '' && line !== '-- ' && line !== LINK))
        for (const part of line.split(/(?<=:)(?: |$)/)) expect(shown, name).toContain(part.replace(/:$/, ''))
    }
  })

  it('has no placeholder left', () => {
    for (const { name, locale, mail } of every)
      for (const part of Object.values(render(mail, locale)))
        expect(part, name).not.toMatch(/undefined|null|\[object|\$\{|NaN|Invalid/)
  })

  it('loads nothing', () => {
    for (const { name, locale, mail } of every) {
      const { text, html } = render(mail, locale)
      expect(html, name).not.toMatch(
        /\ssrc\s*=|url\(|@import|<link|<img|<script|<iframe|<object|<form|srcset|background=/i,
      )
      for (const part of [text, html]) {
        const addresses = part.match(/\bhttps?:[^\s"<]*/gi) ?? []
        expect(new Set(addresses), name).toEqual(new Set('link' in mail ? [LINK] : []))
      }
    }
  })

  it('declares its language, both colour schemes, and a title', () => {
    for (const { name, locale, mail } of every) {
      const { subject, html } = render(mail, locale)
      expect(html, name).toContain(`<html lang="${locale}" dir="ltr">`)
      expect(html, name).toContain('<meta name="color-scheme" content="light dark">')
      expect(html, name).toContain('@media (prefers-color-scheme:dark)')
      expect(html, name).toContain(`<title>${subject}</title>`)
    }
  })
})

describe('a link', () => {
  it('is a button and text', () => {
    for (const { name, locale, mail } of withLink) {
      const { text, html } = render(mail, locale)
      expect(
        text.split('\n').filter((line) => line === LINK),
        name,
      ).toHaveLength(1)
      expect(html.split(`href="${LINK}"`), name).toHaveLength(3)
      expect(visible(html), name).toContain(LINK)
    }
  })

  it('cannot leave its attribute', () => {
    const { html } = render({ template: 'verify-email', link: 'https://a.example/"><script>x</script>' }, 'en')
    expect(html).not.toContain('<script')
    expect(html).toContain('href="https://a.example/&quot;&gt;&lt;script&gt;x&lt;/script&gt;"')
  })
})

describe('a security notice', () => {
  it('contains the time, the device and the approximate location', () => {
    const when = { en: 'Time: 3 November 2026 at 17:04 UTC', de: 'Zeit: 3. November 2026 um 17:04 UTC' }
    for (const { name, locale, mail } of notices) {
      const { text } = render(mail, locale)
      expect(text, name).toContain(when[locale])
      expect(text, name).toMatch(/: Firefox on Linux$/m)
      expect(text, name).toMatch(/: Berlin, DE$/m)
    }
  })

  it('contains advice', () => {
    for (const { name, locale, mail } of notices)
      expect(render(mail, locale).text, name).toMatch({ en: /If (that|it) was|If you/, de: /Wenn (Sie|nicht)/ }[locale])
  })

  it('shows unknown if device and place are unknown', () => {
    const mail: Mail = { template: 'new-device', occurrence: { atMs: 0 } }
    expect(render(mail, 'en').text).toContain('Device: unknown\nApproximate location: unknown')
  })

  it('contains the time until which a deleted account can be restored', () => {
    const { text, html } = render(mails['account-deleted'], 'en')
    expect(text).toContain('Can be restored until: 3 December 2026 at 17:04 UTC')
    expect(html).toContain('3 December 2026 at 17:04 UTC')
  })
})

// O8: an attacker can influence device and place (a header, the location of an IP address).
const hostile: readonly (readonly [what: string, text: string])[] = [
  ['line breaks', 'Firefox\r\nBcc: victim@evil.example\r\n\r\nhello\u2028there\u2029\u0085now'],
  ['markup', '<img src=x onerror=alert(1)></td></table><script>alert(1)</script>&lt;b&gt;&#60;i&#62;'],
  ['an attribute', '" onmouseover="alert(1)" style="background:url(https://evil.example)'],
  ['links', 'see https://evil.example/login or evil.example or www.evil.example or mail@evil.example'],
  ['bidi controls', 'safe \u202Eelpmaxe.live\u202C \u2066x\u2069 \u200F\u061C\u200E'],
  ['invisible characters', 'a\u0000\u0007\u001B[31mb\u200B\u00AD\uFEFF\u{E0041}c\uD800d'],
  ['a long text', 'x'.repeat(10_000)],
]

describe('O8: foreign text', () => {
  it.each(hostile)('with %s is reduced to words', (_, hostileText) => {
    for (const { locale, mail } of notices) {
      const { subject, text, html } = render(withForeignText(mail, hostileText), locale)
      expect(subject).toBe(render(mail, locale).subject)
      expect(text).not.toMatch(/(?!\n)[\p{C}\p{Zl}\p{Zp}]/u)
      expect(html).not.toMatch(/(?!\n)[\p{C}\p{Zl}\p{Zp}]/u)
      expect(text.split('\n')).toHaveLength(render(mail, locale).text.split('\n').length)
      expect(html.replaceAll(/<bdi>[^<]*<\/bdi>/g, '')).toBe(
        render(mail, locale).html.replaceAll(/<bdi>[^<]*<\/bdi>/g, ''),
      )
      expect(text).not.toMatch(/evil\.example|@|[\p{L}]\.live/u)
      expect(text.length).toBeLessThan(render(mail, locale).text.length + 200)
    }
  })

  it.each([
    ['St. John’s, CA', 'St. John’s, CA'],
    ["Val-d'Or, CA", "Val-d'Or, CA"],
    ['תל אביב-יפו, IL', 'תל אביב-יפו, IL'],
    ['नई दिल्ली, IN', 'नई दिल्ली, IN'],
    ['Chrome 130.0 & more (Linux)', 'Chrome 130.0 & more (Linux)'],
  ])('that is harmless stays unchanged: %s', (place, shown) => {
    const { text, html } = render(withForeignText(mails['new-device'], place), 'en')
    expect(text).toContain(`Approximate location: ${shown}`)
    expect(visible(html)).toContain(shown)
  })

  it('is escaped in HTML', () => {
    const { html } = render(withForeignText(mails['new-device'], "A & B's"), 'en')
    expect(html).toContain('<bdi>A &amp; B&#39;s</bdi>')
  })
})

describe('O8: the product name', () => {
  it('cannot add lines or markup', () => {
    for (const { name, locale, mail } of every) {
      const { subject, text, html } = render(mail, locale, 'Ac\r\nBcc: a@b.example <b>&"\u202E')
      expect(subject, name).toContain('Ac Bcc: a@b.example <b>&"')
      for (const part of [subject, text, html]) expect(part, name).not.toMatch(/(?!\n)\p{C}/u)
      expect(html, name).not.toContain('<b>')
      expect(html, name).toContain('Ac Bcc: a@b.example &lt;b&gt;&amp;&quot;')
    }
  })
})
