import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { change } from '../support/local-database.ts'
import { type OidcProvider, settingsFor, startOidcProvider } from '../support/oidc-provider.ts'
import { type MailedService, PASSWORD, startMailedService } from './mailed-service.ts'
import { expectAccessible, fill, type Look, open, press, see, tabTo, visit } from './steps.ts'
import { turnBack } from './turn-back.ts'
import { addPhone } from './virtual-authenticator.ts'

let started: MailedService

beforeAll(async () => {
  started = await startMailedService({ EMAIL_SIGN_IN: 'on' })
})

afterAll(() => started?.[Symbol.asyncDispose]())

/** Asks for a mail, on the page for signing in. */
async function askOn(page: Page, email: string): Promise<{ code: string; link: string }> {
  await see(page, 'Sign in')
  await fill(page, 'E-mail address', email)
  await press(page, 'E-mail me a code')
  await see(page, 'Check your inbox')
  const { text, links } = await started.mails.take(email, /Sign in/)
  return { code: codeIn(text), link: links[0] ?? '' }
}

const signInPage = (): Promise<Page> => visit(started.browser, `${started.service.origin}/account/sign-in`)

const codeIn = (text: string): string => /\b\d{8}\b/.exec(text)?.[0] ?? ''

/** The posts of a page, by their paths. */
function postsOf(page: Page): string[] {
  const posts: string[] = []
  page.on('request', (request) => request.method() === 'POST' && posts.push(new URL(request.url()).pathname))
  return posts
}

const kept = (page: Page) => page.evaluate<number>('localStorage.length')

describe('a mailed code', () => {
  it('L2 signs in where it was asked for, also after a reload', async () => {
    const email = await started.newPerson()
    const page = await signInPage()
    await press(page, 'E-mail me a code')
    await page.getByText('Please fill in this field.').waitFor()
    expect(await page.getByText('Please fill in this field.').count()).toBe(1)
    const { code } = await askOn(page, email)
    await expectAccessible(page)
    await fill(page, 'Code from the e-mail', code === '00000000' ? '11111111' : '00000000')
    await press(page, 'Sign in')
    await page.getByRole('alert').getByText('That code is wrong').waitFor()
    await page.reload()
    await press(page, 'Enter the code from the e-mail')
    await fill(page, 'Code from the e-mail', `${code.slice(0, 4)} ${code.slice(4)}`)
    await press(page, 'Sign in')
    await see(page, 'Your account')
    expect(await kept(page)).toBe(0)
    await page.context().close()
  })

  it('L2 V4 signs in by keyboard alone', async () => {
    const email = await started.newPerson()
    const page = await signInPage()
    await see(page, 'Sign in')
    await tabTo(page, 'E-mail address')
    await page.keyboard.type(email)
    await tabTo(page, 'E-mail me a code')
    await page.keyboard.press('Enter')
    await see(page, 'Check your inbox')
    const { text } = await started.mails.take(email, /Sign in/)
    await tabTo(page, 'Code from the e-mail')
    await page.keyboard.type(codeIn(text))
    await page.keyboard.press('Enter')
    await see(page, 'Your account')
    await page.context().close()
  })
})

describe('a mailed link', () => {
  it('L2 L4 signs in after a click in the browser that asked, and the code is then worth nothing', async () => {
    const page = await signInPage()
    const { code, link } = await askOn(page, await started.newPerson())
    const other = await page.context().newPage()
    const posts = postsOf(other)
    await open(other, link)
    await see(other, 'Continue with this link')
    expect(other.url()).toBe(`${started.service.origin}/account/sign-in`)
    await expectAccessible(other)
    expect(posts).toEqual([])
    await press(other, 'Continue')
    await see(other, 'Your account')
    await fill(page, 'Code from the e-mail', code)
    await press(page, 'Sign in')
    await page.getByRole('alert').getByText('That code is wrong').waitFor()
    await page.context().close()
  })

  it('L2 in another browser says where to go back to, shows no code and posts nothing', async () => {
    const page = await signInPage()
    const { code, link } = await askOn(page, await started.newPerson())
    const other = await visit(started.browser, link, { width: 360, colorScheme: 'dark' })
    const posts = postsOf(other)
    await see(other, 'Go back to where you began')
    await expectAccessible(other)
    expect(await other.getByRole('button').count()).toBe(0)
    expect(await other.content()).not.toContain(code)
    expect(posts).toEqual([])
    await other.getByRole('link', { name: 'Sign in here instead' }).click()
    await see(other, 'Sign in')
    await fill(page, 'Code from the e-mail', code)
    await press(page, 'Sign in')
    await see(page, 'Your account')
    await Promise.all([page.context().close(), other.context().close()])
  })
})

describe('a sign-up without a password', () => {
  it('proves the mailbox, makes a passkey, and signs in on the way', async () => {
    const email = 'nobody-yet@example.com'
    const page = await visit(started.browser, `${started.service.origin}/account/sign-in?next=%2Faccount%2Fprofile`)
    const phone = await addPhone(page)
    await page.getByRole('link', { name: 'Create an account' }).click()
    await see(page, 'Create an account')
    await fill(page, 'E-mail address', email)
    await fill(page, 'Name', 'Ada Lovelace')
    await press(page, 'Continue without a password')
    await see(page, 'Check your inbox')
    await page.getByText(`An e\u2011mail is on its way to ${email}.`).waitFor()
    await press(page, 'Send the code again')
    await page.getByRole('status').getByText('Another e-mail is on its way.').waitFor()
    await started.mails.take(email, /new account/)
    const { text } = await started.mails.take(email, /new account/)
    await fill(page, 'Code from the e-mail', codeIn(text))
    await press(page, 'Continue')
    await see(page, 'Create your passkey')
    await expectAccessible(page)
    // A person who changes their mind, and then does so again, has typed nothing in vain.
    await page.getByRole('link', { name: 'Use a password instead' }).click()
    await see(page, 'Create an account')
    expect(await page.getByLabel('E-mail address').inputValue()).toBe(email)
    await press(page, 'Continue without a password')
    await see(page, 'Check your inbox')
    await fill(page, 'Code from the e-mail', codeIn((await started.mails.take(email, /new account/)).text))
    await press(page, 'Continue')
    await see(page, 'Create your passkey')
    // Without a user who is verified the browser answers as if the request was cancelled.
    await phone.verify(false)
    await press(page, 'Create passkey')
    await page.locator('form[aria-busy=false]').waitFor()
    expect(await page.getByRole('alert').filter({ hasText: /./ }).count()).toBe(0)
    await phone.verify(true)
    await press(page, 'Create passkey')
    await page.waitForURL('**/account/profile')
    expect(await phone.credentialIds()).toHaveLength(1)
    expect(await kept(page)).toBe(0)
    await page.context().close()
  })
})

describe('an account that has nothing but its mailbox', () => {
  it('L5 steps up with another mailed code', async () => {
    const email = await started.newPerson()
    change(started.service, 'UPDATE credentials SET password_hash = NULL')
    const page = await visit(started.browser, `${started.service.origin}/account/security`)
    await turnBack(page, started.service, 'email/confirm')
    const { code } = await askOn(page, email)
    await fill(page, 'Code from the e-mail', code)
    await press(page, 'Sign in')
    await see(page, 'How you sign in')
    await press(page, 'Add app')
    await see(page, 'Is it still you?')
    await press(page, 'Send code')
    await page.getByText('A code is on its way').waitFor()
    await expectAccessible(page)
    const { text } = await started.mails.take(email, /Sign in/)
    await fill(page, 'Code from the e-mail', codeIn(text))
    await press(page, 'Confirm')
    await see(page, 'Set up an authenticator app')
    await page.context().close()
  })
})

describe('documents that people agree to', () => {
  const terms = {
    version: '2026-11',
    required: true,
    title: { en: 'Terms of use', de: 'Nutzungsbedingungen' },
    url: { en: 'https://example.com/terms', de: 'https://example.com/agb' },
  }
  const newsletter = { version: '1', required: false, title: 'Newsletter', url: 'https://example.com/newsletter' }
  const CHECK = 'I agree: Terms of use'
  let home: OidcProvider
  let service: MailedService

  beforeAll(async () => {
    home = await startOidcProvider()
    const CONSENT_DOCUMENTS = JSON.stringify({ terms, newsletter })
    service = await startMailedService({ ...settingsFor(home), EMAIL_SIGN_IN: 'on', CONSENT_DOCUMENTS })
    home.serve([`${service.service.origin}/api/v1/auth/oauth/acme/callback`])
  })

  afterAll(async () => {
    await service?.[Symbol.asyncDispose]()
    await home?.[Symbol.asyncDispose]()
  })

  const signUpPage = (look?: Look) => visit(service.browser, `${service.service.origin}/account/sign-up`, look)
  const unticked = (page: Page) => page.getByText('Please tick this to go on.')

  /** What the ledger has, on the page and as the newest decisions. */
  async function expectAgreed(page: Page, titles: readonly string[]): Promise<void> {
    await see(page, 'Your account')
    await page.goto(`${service.service.origin}/account/consents`)
    await see(page, 'Consents')
    await page.getByText('Version 2026-11').first().waitFor()
    const current = page.locator('ul.rows > li').filter({ has: page.locator('.badge') })
    expect((await current.locator('h2').allInnerTexts()).sort()).toEqual(titles.map((title) => `${title} Agreed`))
    expect(await current.getByText(/^Since .*20\d\d/).count()).toBe(titles.length)
    const link = current.getByRole('link', { name: 'Terms of use' })
    expect([await link.getAttribute('href'), await link.getAttribute('rel')]).toEqual([terms.url.en, 'noopener'])
  }

  async function expectFit(page: Page): Promise<void> {
    const size = page.viewportSize() ?? { width: 1280, height: 900 }
    await page.setViewportSize({ width: 320, height: 800 })
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await expectAccessible(page)
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320)
    }
    await page.setViewportSize(size)
  }

  it('D9 V4 are ticked by keyboard at a sign-up with a password, and kept with the account', async () => {
    const page = await signUpPage()
    await see(page, 'Create an account')
    await expectFit(page)
    const posts = postsOf(page)
    await fill(page, 'E-mail address', 'mary@example.com')
    await fill(page, 'New password', PASSWORD)
    await press(page, 'Create account')
    await unticked(page).waitFor()
    await expectFit(page)
    expect([await unticked(page).count(), posts]).toEqual([1, []])
    expect(await page.evaluate('document.activeElement.name')).toBe('consents.terms')
    await page.keyboard.press('Space')
    await page.keyboard.press('Enter')
    await see(page, 'Check your inbox')
    const [link = ''] = (await service.mails.take('mary@example.com', /Confirm/)).links
    await service.api.post('/auth/verify-email', { token: new URL(link).hash.slice('#token='.length) })
    await press(page, 'Continue')
    await expectAgreed(page, ['Terms of use'])
    const open = page.getByRole('listitem').filter({ hasText: 'You have not decided about this version.' })
    expect(await open.locator('h2').allInnerTexts()).toEqual(['Newsletter'])
    await expectFit(page)
    await open.getByRole('button', { name: 'Agree' }).click()
    await page.getByText('Your decision is saved.').waitFor()
    await open.waitFor({ state: 'detached' })
    expect(await page.locator('ul.rows .badge').allInnerTexts()).toEqual(['Agreed', 'Agreed'])
    await page.context().close()
  })

  it('D9 are ticked at a sign-up with a passkey', async () => {
    const page = await signUpPage()
    await addPhone(page)
    await fill(page, 'E-mail address', 'grace@example.com')
    await press(page, 'Continue without a password')
    await unticked(page).waitFor()
    await page.getByLabel(CHECK).check()
    await page.getByLabel('I agree: Newsletter').check()
    await press(page, 'Continue without a password')
    await see(page, 'Check your inbox')
    await press(page, 'Send the code again')
    await page.getByRole('status').getByText('Another e-mail is on its way.').waitFor()
    await service.mails.take('grace@example.com', /new account/)
    await fill(
      page,
      'Code from the e-mail',
      codeIn((await service.mails.take('grace@example.com', /new account/)).text),
    )
    await press(page, 'Continue')
    await see(page, 'Create your passkey')
    await press(page, 'Create passkey')
    await expectAgreed(page, ['Newsletter', 'Terms of use'])
    await page.context().close()
  })

  it('D9 are taken along to a provider, and a new version is asked for after the next sign-in', async () => {
    const page = await (await service.browser.newContext({ locale: 'en-GB', bypassCSP: true })).newPage()
    await page.goto(`${service.service.origin}/account/sign-up`)
    home.setResident({ sub: 'joan', email: 'joan@example.com', email_verified: true })
    await press(page, 'Sign up with Acme')
    await unticked(page).waitFor()
    await page.getByLabel(CHECK).check()
    await press(page, 'Sign up with Acme')
    await expectAgreed(page, ['Terms of use'])
    expect(await page.evaluate('sessionStorage.length')).toBe(0)
    change(service.service, "UPDATE consents SET version = '2025-01'")
    await press(page, 'Sign out')
    await press(page, 'Sign in with Acme')
    await see(page, 'Before you go on')
    await expectFit(page)
    await press(page, 'Continue')
    await unticked(page).waitFor()
    await page.getByLabel(CHECK).check()
    await press(page, 'Continue')
    await expectAgreed(page, ['Terms of use'])
    await page.context().close()
  })

  it('D9 that changed while the page was open are to be looked at again', async () => {
    const page = await signUpPage({ locale: 'de' })
    await page.route('**/auth/register', (route) =>
      route.fulfill({
        status: 422,
        headers: { 'content-type': 'application/problem+json' },
        body: JSON.stringify({
          code: 'validation_failed',
          title: 'x',
          status: 422,
          errors: [{ pointer: '/consents/0/version', detail: 'must be the current version' }],
        }),
      }),
    )
    await fill(page, 'E-Mail-Adresse', 'mary@example.com')
    await fill(page, 'Neues Passwort', PASSWORD)
    await page.getByLabel('Ich stimme zu: Nutzungsbedingungen').check()
    await press(page, 'Konto anlegen')
    await page.getByRole('alert').getByText('Die Dokumente haben sich inzwischen geändert.').waitFor()
    await page.context().close()
  })
})
