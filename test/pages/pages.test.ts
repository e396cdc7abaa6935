import { env } from 'cloudflare:workers'
import { createHash } from 'node:crypto'
import { describe, expect, it, test } from 'vitest'
import { locales } from '../../src/core/mail.ts'
import { pages, pathOf } from '../../src/pages/actions.ts'
import { qrScript, script, sheet } from '../../src/pages/assets.ts'
import type { Memory } from '../../src/pages/browser/memory.ts'
import type { TaskAnswer } from '../../src/pages/browser/outcome.ts'
import { type TaskName, tasks } from '../../src/pages/browser/tasks.ts'
import type { PageName } from '../../src/pages/words/words.ts'
import { type Answer, call } from '../support/api.ts'
import { countCalls } from '../support/intercept-stores.ts'

const names = Object.keys(pages) as PageName[]
const inLanguages = names.flatMap((name) => locales.map((locale) => [name, locale] as const))

const INVALID_TOKEN = { status: 400, body: { code: 'invalid_token' } }
const UNMAILED: readonly PageName[] = ['forgot-password', 'sign-in']
const TOKENLESS: readonly TaskName[] = ['forgot-password', 'resend-verification']

const open = (name: PageName, options: { locale?: string; env?: Env } = {}): Promise<Answer> =>
  call(pathOf(name), { headers: { 'accept-language': options.locale ?? 'en' }, env: options.env ?? env })

const withSettings = (settings: Record<string, string>): Env => ({ ...env, ...settings })

type Tag = Readonly<Record<string, string>> & { readonly name: string }

/** Every start tag of a page, with its attributes. */
async function tagsOf({ body }: Answer): Promise<Tag[]> {
  const tags: Tag[] = []
  const rewriter = new HTMLRewriter().on('*', {
    element: ({ tagName, attributes }) => void tags.push({ ...Object.fromEntries(attributes), name: tagName }),
  })
  await rewriter.transform(new Response(body)).text()
  return tags
}

const valuesOf = (tags: readonly Tag[], attribute: string): string[] => tags.flatMap((tag) => tag[attribute] ?? [])

const SIGNED_IN = { status: 200, body: { access_token: 'a', recovery_codes: undefined } }
const DELETED = { status: 200, body: { account_status: 'deleted', restore_token: 'r' } }
const SECOND_STEP = { status: 200, body: { mfa_required: true, methods: ['totp', 'recovery_code'] } }
const RECOVERY_ONLY = { status: 200, body: { mfa_required: true, methods: ['recovery_code'] } }
const ENROLMENT = { status: 200, body: { enrolment_required: true } }
const CODES = { status: 201, body: { recovery_codes: ['a', 'b'] } }
const STEP_UP = { status: 401, body: { code: 'step_up_required' } }
const SIGNED_OUT = { status: 401, body: { code: 'invalid_access_token' } }

/** What a service may answer in turn; the last answer repeats. */
const SERVICES: readonly (readonly TaskAnswer[])[] = [
  [SIGNED_IN],
  [DELETED, SIGNED_IN],
  [SECOND_STEP],
  [RECOVERY_ONLY],
  [ENROLMENT],
  [CODES],
  [STEP_UP],
  [SIGNED_OUT],
]

/** What a page may know before a form is sent. */
const memories = (): Memory[] =>
  ['step_up_password', 'step_up_code', 'step_up_passkey', 'step_up_mail'].map((view) => ({
    stepUp: { first: view, two: view },
    session: { accessToken: 'a', refreshToken: 'r' },
    adding: { ticket: 't', expiresAtMs: Date.now() + 60_000 },
  }))

/** The states that a form leads to if the service gives these answers. */
async function viewsAfter(task: TaskName): Promise<string[]> {
  const refusals = TOKENLESS.includes(task) ? [] : [[INVALID_TOKEN], [SIGNED_IN, INVALID_TOKEN]]
  const outcomes = [...SERVICES, ...refusals].flatMap((answers) =>
    memories().map((memory) => {
      let sent = 0
      const send = async () => answers[Math.min(sent++, answers.length - 1)] ?? SIGNED_IN
      return tasks[task]({ send, memory, token: 'x', language: 'en' }, {})
    }),
  )
  return (await Promise.all(outcomes)).flatMap((outcome) => (outcome.kind === 'view' ? outcome.name : []))
}

describe('a page', () => {
  it('is HTML in the language of the browser, and is not cached', async () => {
    for (const [name, locale] of inLanguages) {
      const answer = await open(name, { locale })
      expect(answer.status).toBe(200)
      expect(Object.fromEntries(answer.headers), name).toMatchObject({
        'content-type': 'text/html; charset=UTF-8',
        'content-language': locale,
        vary: expect.stringContaining('Accept-Language'),
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
      })
      expect((await tagsOf(answer)).find((tag) => tag.name === 'html')).toMatchObject({ lang: locale })
    }
  })

  it('H1 runs only the service’s own script, and sends nothing to other origins', async () => {
    for (const name of names) {
      const answer = await open(name)
      expect(answer.headers.get('content-security-policy')).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
      )
      const tags = await tagsOf(answer)
      const inline = tags.filter((tag) => Object.keys(tag).some((attribute) => /^(on|style$)/.test(attribute)))
      expect([...inline, ...tags.filter((tag) => tag.name === 'style')], name).toEqual([])
      const scripts = name === 'sign-in' ? [script, qrScript] : [script]
      expect(tags.filter((tag) => tag.name === 'script')).toEqual(
        scripts.map(({ path }) => ({ name: 'script', src: path, defer: '' })),
      )
      expect(valuesOf(tags, 'href').filter((href) => !/^\/account\/[\w-]+(\.css)?$/.test(href))).toEqual([])
      expect(answer.body).not.toMatch(/https?:/)
    }
  })

  it('labels every field, and refers only to elements that exist', async () => {
    for (const [name, locale] of inLanguages) {
      const tags = await tagsOf(await open(name, { locale }))
      const ids = valuesOf(tags, 'id')
      expect(new Set(ids).size, name).toBe(ids.length)
      const inputs = tags.filter((tag) => tag.name === 'input' && tag.type !== 'checkbox')
      expect(valuesOf(tags, 'for').sort(), name).toEqual(valuesOf(inputs, 'id').sort())
      const descriptions = valuesOf(tags, 'aria-describedby').flatMap((list) => list.split(' '))
      expect(ids, name).toEqual(expect.arrayContaining([...descriptions, ...valuesOf(tags, 'data-reveals')]))
      expect(inputs.filter((input) => !input.autocomplete)).toEqual([])
    }
  })

  it('has a state for every result of its address and its form', async () => {
    for (const name of names) {
      const tags = await tagsOf(await open(name, { env: withSettings({ EMAIL_SIGN_IN: 'on' }) }))
      const views = valuesOf(tags, 'data-view')
      const opening = ['data-with-token', 'data-without-token', 'data-with-request', 'data-without-request', 'data-go']
      const opened = opening.flatMap((name) => valuesOf(tags, name))
      const reached = await Promise.all(valuesOf(tags, 'data-task').map((task) => viewsAfter(task as TaskName)))
      expect(views.sort(), name).toEqual([...new Set([...opened, ...reached.flat()])].sort())
    }
  })

  it('W13 offers passkeys only where its own origin may use them', async () => {
    const offers = async (settings: Record<string, string>) => {
      const tags = await tagsOf(await open('sign-in', { env: withSettings(settings) }))
      const named = [...valuesOf(tags, 'data-task'), ...valuesOf(tags, 'autocomplete')]
      return named.filter((name) => /^add-(passkey|security)|sign-in-with-passkey|webauthn/.test(name)).sort()
    }
    const all = ['add-passkey', 'add-security-key', 'sign-in-with-passkey', 'username webauthn']
    expect(await offers({})).toEqual(all)
    expect(await offers({ WEBAUTHN_RP_ID: 'other.example' })).toEqual([])
    expect(await offers({ WEBAUTHN_RP_ID: 'app.example', WEBAUTHN_ORIGINS: 'https://app.example' })).toEqual([])
    expect(await offers({ ISSUER: 'https://192.0.2.1' })).toEqual([])
  })

  it('L1 offers a mail only where that signs in', async () => {
    const offers = async (EMAIL_SIGN_IN: string) =>
      valuesOf(await tagsOf(await open('sign-in', { env: withSettings({ EMAIL_SIGN_IN }) })), 'data-task')
    expect(await offers('on')).toContain('mail-code')
    expect(await offers('off')).not.toContain('mail-code')
  })

  it('O4 reads no store, and ignores a query', async () => {
    const { env: counted, calls } = countCalls()
    for (const name of names) await open(name, { env: counted })
    expect((await call('/account/verify-email?token=lk_verify_x.y', { env: counted })).body).not.toContain('lk_verify')
    expect(calls).toEqual([])
  })

  it('O8 escapes the product’s name', async () => {
    const { body } = await open('verify-email', { env: withSettings({ PRODUCT_NAME: `<b> & "Söhne" 'x'` }) })
    expect(body).toContain('<p class="product">&lt;b&gt; &amp; &quot;Söhne&quot; &#39;x&#39;</p>')
    expect(body).not.toContain('<b>')
  })

  it('requires the same password length as the service', async () => {
    const { body } = await open('reset-password', { env: withSettings({ PASSWORD_MIN_LENGTH: '15' }) })
    expect(body).toContain('data-min-length="15"')
    expect(body).toContain('At least 15 characters')
  })

  it('that does not exist is a problem document, and so is another method', async () => {
    for (const path of [
      '/account',
      '/account/',
      '/account/settings',
      '/account/verify-email/',
      '/account/0123456789abcdef.js',
    ]) {
      const answer = await call(path)
      expect(answer.status, path).toBe(404)
      expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/)
    }
    const posted = await call(pathOf('verify-email'), { method: 'POST' })
    expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
  })
})

describe('mails that lead elsewhere (MAIL_LINK_BASE)', () => {
  const elsewhere = withSettings({ MAIL_LINK_BASE: 'https://app.example/me' })

  it('redirect old links, including their token', async () => {
    for (const name of names.filter((name) => !UNMAILED.includes(name))) {
      const { status, headers } = await open(name, { env: elsewhere })
      expect([status, headers.get('location')]).toEqual([302, `https://app.example/me/${name}`])
    }
  })

  it('keep the pages that no mail links to, and change nothing if they link to this service', async () => {
    for (const name of UNMAILED) expect((await open(name, { env: elsewhere })).status, name).toBe(200)
    expect(
      (await open('restore', { env: withSettings({ MAIL_LINK_BASE: 'https://latchkey.test/account' }) })).status,
    ).toBe(200)
  })
})

test('/.well-known/change-password redirects to the page that requests a link', async () => {
  const { status, headers } = await call('/.well-known/change-password')
  expect([status, headers.get('location')]).toEqual([302, '/account/forgot-password'])
})

test('/account/security leads to the page that signs in, also after a reload', async () => {
  const { status, headers } = await call('/account/security')
  expect([status, headers.get('location')]).toEqual([302, '/account/sign-in'])
})

test.each([
  [script, 'text/javascript; charset=utf-8'],
  [qrScript, 'text/javascript; charset=utf-8'],
  [sheet, 'text/css; charset=utf-8'],
])('$path can be cached forever, because its name changes with its content', async ({ path, text }, type) => {
  const { status, headers, body } = await call(path)
  expect({ status, body }).toEqual({ status: 200, body: text })
  expect(headers.get('content-type')).toBe(type)
  expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
  expect(headers.get('x-content-type-options')).toBe('nosniff')
  expect(path).toContain(`/${createHash('sha256').update(text).digest('hex').slice(0, 16)}.`)
})
