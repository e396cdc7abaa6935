import { env } from 'cloudflare:workers'
import { describe, expect, it, test } from 'vitest'
import { isLinkPage, locales } from '../../src/core/mail.ts'
import { documentWords } from '../../src/pages/documents/words-by-locale.ts'
import { packedFiles } from '../../src/pages/packed/files.ts'
import manifest from '../../src/pages/packed/manifest.json' with { type: 'json' }
import type { PageFacts } from '../../src/pages/page-facts.ts'
import { addressOf, ownScreens, type ScreenName, screenNames } from '../../src/pages/screens.ts'
import { type Answer, call } from '../support/api.ts'
import { countCalls } from '../support/intercept-stores.ts'

const everywhere = screenNames.flatMap((name) => locales.map((locale) => [name, locale] as const))

const open = (name: ScreenName, options: { locale?: string; env?: Env } = {}): Promise<Answer> =>
  call(addressOf(name), { headers: { 'accept-language': options.locale ?? 'en' }, env: options.env ?? env })

const withSettings = (settings: Record<string, string>): Env => ({ ...env, ...settings })

type Tag = Readonly<Record<string, string>> & { readonly name: string }

/** Every start tag of a document, with its attributes. */
async function tagsOf({ body }: Answer): Promise<Tag[]> {
  const tags: Tag[] = []
  const rewriter = new HTMLRewriter().on('*', {
    element: ({ tagName, attributes }) => void tags.push({ ...Object.fromEntries(attributes), name: tagName }),
  })
  await rewriter.transform(new Response(body)).text()
  return tags
}

/** What the service tells the script. */
async function factsOf(answer: Answer): Promise<PageFacts> {
  let text = ''
  const rewriter = new HTMLRewriter().on('#facts', {
    text: (chunk) => {
      text += chunk.text
    },
  })
  await rewriter.transform(new Response(answer.body)).text()
  return JSON.parse(text)
}

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'none'; " +
  "base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'; frame-ancestors 'none'"

describe('the document of a screen', () => {
  it('is HTML in the language of the browser, and V7 is not stored', async () => {
    for (const [name, locale] of everywhere) {
      const answer = await open(name, { locale })
      expect(answer.status).toBe(200)
      expect(Object.fromEntries(answer.headers), name).toMatchObject({
        'content-type': 'text/html; charset=UTF-8',
        'content-language': locale,
        vary: expect.stringContaining('Accept-Language'),
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'x-content-type-options': 'nosniff',
      })
      expect((await tagsOf(answer)).find((tag) => tag.name === 'html')).toMatchObject({ lang: locale, dir: 'ltr' })
      expect(answer.body).toContain(`<title>${documentWords[locale]('').titles[name]} · Latchkey</title>`)
    }
  })

  it('H1 V1 runs only the service’s own script, and loads nothing from other origins', async () => {
    for (const name of screenNames) {
      const answer = await open(name)
      expect(answer.headers.get('content-security-policy')).toBe(POLICY)
      const tags = await tagsOf(answer)
      const inline = tags.filter((tag) => Object.keys(tag).some((attribute) => /^(on|style$)/.test(attribute)))
      expect([...inline, ...tags.filter((tag) => tag.name === 'style')], name).toEqual([])
      expect(tags.filter((tag) => tag.name === 'script')).toEqual([
        { name: 'script', type: 'module', src: manifest.scripts.en.path },
        { name: 'script', type: 'application/json', id: 'facts' },
      ])
      const loaded = tags.flatMap(({ href = [] }) => href)
      expect(loaded).toEqual([manifest.sheet, ...manifest.scripts.en.preload])
      expect(answer.body).not.toMatch(/https?:/)
    }
  })

  it('O4 V7 needs no store, ignores a query, and is the same for everybody', async () => {
    const { env: counted, calls } = countCalls()
    for (const name of screenNames) await open(name, { env: counted })
    expect((await call('/account/verify-email?token=lk_verify_x.y', { env: counted })).body).not.toContain('lk_verify')
    expect(calls).toEqual([])
  })

  it('O8 escapes the product’s name, also where it is data', async () => {
    const product = `</script><b> & "Söhne" 'x'`
    const answer = await open('sign-in', { env: withSettings({ PRODUCT_NAME: product }) })
    expect(answer.body).toContain(
      '<title>Sign in · &lt;/script&gt;&lt;b&gt; &amp; &quot;Söhne&quot; &#39;x&#39;</title>',
    )
    expect(answer.body).not.toContain('<b>')
    expect((await factsOf(answer)).product).toBe(product)
  })

  it('tells the script what the service asks for', async () => {
    const settings = { PASSWORD_MIN_LENGTH: '15', EMAIL_SIGN_IN: 'off' }
    expect(await factsOf(await open('sign-up', { env: withSettings(settings), locale: 'de' }))).toEqual({
      product: 'Latchkey',
      locale: 'de',
      passwordMinLength: 15,
      graceDays: 30,
      providers: ['github'],
      screens: screenNames,
      hasPasskeys: true,
      hasMailSignIn: false,
      documents: [],
    })
    expect(await factsOf(await open('sign-in', { env: withSettings({ EMAIL_SIGN_IN: 'on' }) }))).toMatchObject({
      hasMailSignIn: true,
    })
  })

  it('names the service’s own address where it was opened at another one, and nobody can sign in', async () => {
    const issuerAt = async (url: string, settings = {}) => {
      const headers = { 'accept-language': 'en' }
      return (await factsOf(await call(`${url}/account/sign-in`, { headers, env: withSettings(settings) }))).issuer
    }
    expect(await issuerAt('http://127.0.0.1:8787')).toBe('https://latchkey.test')
    expect(await issuerAt('https://id.example')).toBe('https://latchkey.test')
    expect(await issuerAt('https://id.example', { COOKIE_ORIGINS: 'https://id.example' })).toBeUndefined()
  })

  it('D9 tells the script which documents people agree to, in the language of the page', async () => {
    const terms = { version: '2', required: true, url: 'https://a.example/?a=b&c' }
    const title = { en: '</script>', de: '„Bedingungen“' }
    const CONSENT_DOCUMENTS = JSON.stringify({
      terms: { ...terms, title },
      other: { ...terms, title: { en: 'Other' } },
    })
    const found = async (locale: string) =>
      (await factsOf(await open('sign-up', { env: withSettings({ CONSENT_DOCUMENTS }), locale }))).documents
    const { required: isRequired, ...rest } = terms
    const other = { ...rest, isRequired, name: 'other', title: 'Other' }
    expect(await found('en')).toEqual([{ ...rest, isRequired, name: 'terms', title: title.en }, other])
    expect(await found('de')).toEqual([{ ...rest, isRequired, name: 'terms', title: title.de }, other])
  })

  it('W13 has passkeys only where its own origin may use them', async () => {
    const has = async (settings: Record<string, string>) =>
      (await factsOf(await open('sign-in', { env: withSettings(settings) }))).hasPasskeys
    expect(await has({})).toBe(true)
    expect(await has({ WEBAUTHN_RP_ID: 'other.example' })).toBe(false)
    expect(await has({ WEBAUTHN_RP_ID: 'app.example', WEBAUTHN_ORIGINS: 'https://app.example' })).toBe(false)
    expect(await has({ ISSUER: 'https://192.0.2.1' })).toBe(false)
  })

  it('that does not exist is a problem document, and so is another method', async () => {
    for (const path of ['/account/', '/account/settings', '/account/verify-email/', '/account/chunk-AAAAAAAA.js']) {
      const answer = await call(path)
      expect(answer.status, path).toBe(404)
      expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/)
    }
    const posted = await call(addressOf('verify-email'), { method: 'POST' })
    expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
  })
})

describe('ACCOUNT_PAGES', () => {
  const statusesWith = async (settings: Record<string, string>) =>
    Object.fromEntries(
      await Promise.all(
        screenNames.map(async (name) => [name, (await open(name, { env: withSettings(settings) })).status] as const),
      ),
    )

  it('`links` keeps what mails lead to, signing in and the factors', async () => {
    const statuses = await statusesWith({ ACCOUNT_PAGES: 'links' })
    for (const name of screenNames) {
      const isKept = isLinkPage(name) || name === 'forgot-password' || name === 'security'
      expect(statuses[name], name).toBe(isKept ? 200 : 404)
    }
  })

  it('`off` has none, and mails that were sent before lead to the operator’s pages', async () => {
    const base = { ACCOUNT_PAGES: 'off', MAIL_LINK_BASE: 'https://app.example/me' }
    const statuses = await statusesWith(base)
    for (const name of screenNames)
      expect(statuses[name], name).toBe(isLinkPage(name) && name !== 'sign-in' ? 302 : 404)
    expect((await call('/livez', { env: withSettings({ ACCOUNT_PAGES: 'off' }) })).status).toBe(200)
    const { body } = await call('/readyz', { env: withSettings({ ACCOUNT_PAGES: 'off', MAIL_TRANSPORT: 'http' }) })
    expect(body.code).toBe('misconfigured')
  })

  it('leads the bare address to the account, where there is one', async () => {
    const root = async (ACCOUNT_PAGES: string) => {
      const { status, headers } = await call('/', { env: withSettings({ ACCOUNT_PAGES }) })
      return [status, headers.get('location')]
    }
    expect(await root('on')).toEqual([302, '/account'])
    expect(await root('links')).toEqual([404, null])
  })
})

describe('mails that lead elsewhere (MAIL_LINK_BASE)', () => {
  const elsewhere = withSettings({ MAIL_LINK_BASE: 'https://app.example/me' })

  it('redirect old links, including their token, and nothing else', async () => {
    for (const name of screenNames) {
      const { status, headers } = await open(name, { env: elsewhere })
      const isMoved = isLinkPage(name) && name !== 'sign-in'
      expect([status, headers.get('location')], name).toEqual(
        isMoved ? [302, `https://app.example/me/${name}`] : [200, null],
      )
    }
  })

  it('change nothing if they link to this service', async () => {
    const here = withSettings({ MAIL_LINK_BASE: 'https://latchkey.test/account' })
    expect((await open('restore', { env: here })).status).toBe(200)
  })
})

test('the menu has a screen for each thing of one’s own', () => {
  expect(screenNames).toEqual(expect.arrayContaining([...ownScreens]))
})

describe('the files of the pages', () => {
  it('can be kept for ever, because their names change with their content', async () => {
    for (const name of Object.keys(packedFiles)) {
      const { status, headers } = await call(`/account/${name}`, { headers: { 'accept-encoding': 'gzip' } })
      expect(status, name).toBe(200)
      const kind = { css: 'css', txt: 'plain', js: 'javascript' }[name.split('.').at(-1) ?? '']
      expect(headers.get('content-type')).toBe(`text/${kind}; charset=utf-8`)
      expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('vary')).toContain('Accept-Encoding')
    }
  })

  it('are sent packed to whoever takes gzip, and unpacked to whoever does not', async () => {
    const path = manifest.sheet
    const packed = await call(path, { headers: { 'accept-encoding': 'gzip' } })
    const plain = await call(path, { headers: { 'accept-encoding': 'gzip;q=0' } })
    expect([packed.headers.get('content-encoding'), plain.headers.get('content-encoding')]).toEqual(['gzip', null])
    expect(plain.body).toContain('color-scheme')
  })

  it('name the licences of the packages in them, which are there', async () => {
    const [path = ''] = manifest.scripts.en.preload
    const { body: script } = await call(path)
    const [, address = ''] = /\(MIT\): (\S+) \*\//.exec(script) ?? []
    const { status, body } = await call(address)
    expect([status, body.match(/Permission is hereby granted/g)?.length]).toEqual([200, 3])
  })

  it('V11 of the release before are still there', async () => {
    for (const name of ['c2f5d6577b0539e4.js', '5c2178fd5eac85c3.css'])
      expect((await call(`/account/${name}`)).status, name).toBe(200)
  })
})
