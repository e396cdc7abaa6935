import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from 'vitest'
import { type DevService, startDevService } from '../support/dev-service.ts'
import { type MailServer, type ReceivedMail, startMailServer } from '../support/mail-server.ts'
import { scanFolder } from '../support/spellings.ts'
import { type Api, apiOf } from './api.ts'
import { startChromium } from './chromium.ts'

const PASSWORD = 'correct horse battery staple'
const NEW_PASSWORD = 'seven purple umbrellas sing'

let mails: MailServer
let service: DevService
let browser: Browser
let api: Api

/** Every address that a browser requested, and every `Referer` that it sent. */
const requested: string[] = []
const tokens: Record<string, string> = {}

beforeAll(async () => {
  browser = await startChromium()
  mails = await startMailServer()
  const settings = {
    MAIL_TRANSPORT: 'smtp',
    SMTP_HOST: '127.0.0.1',
    SMTP_PORT: String(mails.port),
    SMTP_SECURITY: 'none',
    PRODUCT_NAME: 'Acme & Söhne',
    MAIL_FROM: 'Acme <no-reply@acme.example>',
  }
  service = await startDevService({ settings })
  api = apiOf(service.origin)
})

afterAll(async () => {
  await Promise.all([browser?.close(), service?.[Symbol.asyncDispose](), mails?.[Symbol.asyncDispose]()])
})

/** A page in a new browser profile. */
async function visit(address: string, options: { locale?: string; javaScriptEnabled?: boolean } = {}): Promise<Page> {
  const context = await browser.newContext({ locale: 'en-GB', ...options })
  const page = await context.newPage()
  page.on('request', (request) => requested.push(request.url(), request.headers().referer ?? ''))
  page.on('pageerror', (error) => expect.unreachable(error.message))
  await page.goto(address)
  return page
}

const see = (page: Page, heading: string | RegExp) => page.getByRole('heading', { name: heading }).waitFor()
const press = (page: Page, name: string) => page.getByRole('button', { name }).click()

/** The link in a mail. It must lead to this service. */
function linkIn({ links, html }: ReceivedMail): string {
  const [link = ''] = links
  expect(links).toHaveLength(1)
  expect(link.startsWith(`${service.origin}/account/`)).toBe(true)
  expect(html).toContain(link)
  const token = new URL(link).hash.slice('#token='.length)
  if (token !== '') tokens[`token ${Object.keys(tokens).length}`] = token
  return link
}

let counter = 0

interface Person {
  readonly email: string
  accessToken: string
  refreshToken: string
}

async function register(language = 'en'): Promise<string> {
  const email = `person${++counter}@example.com`
  const { status } = await apiOf(service.origin, language).post('/auth/register', { email, password: PASSWORD })
  expect(status).toBe(201)
  return email
}

async function signIn(email: string, password = PASSWORD): Promise<Person> {
  const { status, body } = await api.post('/auth/login', { email, password })
  expect(status).toBe(200)
  return { email, accessToken: body.access_token, refreshToken: body.refresh_token }
}

/** A signed-in user with a verified address. */
async function verifiedPerson(): Promise<Person> {
  const email = await register()
  const page = await visit(linkIn(await mails.take(email, /Confirm/)))
  await press(page, 'Confirm address')
  await see(page, 'Your address is confirmed')
  return await signIn(email)
}

async function signInOn(page: Page, email: string, password = PASSWORD): Promise<void> {
  await page.getByRole('textbox', { name: 'E-mail address' }).fill(email)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}

const isVerified = async (email: string): Promise<boolean> =>
  (await api.post('/auth/login', { email, password: PASSWORD })).body.user.is_verified

describe('verifying an address', () => {
  it('takes one press of a button, also by keyboard, and works once', async () => {
    const email = await register()
    const mail = await mails.take(email, /^Confirm your e-mail address for Acme & Söhne$/)
    expect(mail.headers).toMatchObject({ from: 'Acme <no-reply@acme.example>', 'auto-submitted': 'auto-generated' })
    const link = linkIn(mail)
    const page = await visit(link)
    await see(page, 'Confirm your e‑mail address')
    expect(page.url()).toBe(`${service.origin}/account/verify-email`)
    expect(await isVerified(email)).toBe(false)

    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await see(page, 'Your address is confirmed')
    expect(await page.title()).toBe('Your address is confirmed · Acme & Söhne')
    expect(await page.locator(':focus').textContent()).toBe('Your address is confirmed')
    expect(await isVerified(email)).toBe(true)

    const again = await visit(link)
    await press(again, 'Confirm address')
    await see(again, 'This link no longer works')
  })

  it('offers a new link if the old one is incomplete', async () => {
    const email = await register()
    const old = linkIn(await mails.take(email, /Confirm/))
    const page = await visit(old.slice(0, old.indexOf('#')))
    await see(page, 'This link is incomplete')
    await press(page, 'Send a new link')
    expect(await page.getByRole('textbox', { name: 'E-mail address' }).getAttribute('aria-invalid')).toBe('true')
    await page.getByRole('textbox', { name: 'E-mail address' }).fill('not an address')
    await press(page, 'Send a new link')
    await page.getByText('Please enter an e-mail address').waitFor()
    await page.getByRole('textbox', { name: 'E-mail address' }).fill(email)
    await press(page, 'Send a new link')
    await see(page, 'Check your inbox')

    // The page is still open, so the link of the new mail only changes its fragment.
    await page.goto(linkIn(await mails.take(email, /Confirm/)))
    await press(page, 'Confirm address')
    await see(page, 'Your address is confirmed')
    expect(await isVerified(email)).toBe(true)
  })

  it('is in German if the browser prefers German', async () => {
    const email = await register('de-AT, de;q=0.9')
    const page = await visit(linkIn(await mails.take(email, /^Bestätigen Sie Ihre E-Mail-Adresse für/)), {
      locale: 'de-AT',
    })
    await press(page, 'Adresse bestätigen')
    await see(page, 'Ihre Adresse ist bestätigt')
  })

  it('shows that it needs JavaScript if scripts are disabled', async () => {
    const page = await visit(`${service.origin}/account/verify-email#token=x`, { javaScriptEnabled: false })
    expect(await page.locator('noscript').isVisible()).toBe(true)
    expect(await page.locator('noscript').textContent()).toContain('This page needs JavaScript')
    expect(await page.getByRole('button').count()).toBe(0)
  })
})

test('a forgotten password is reset, starting at /.well-known/change-password, and all sessions end', async () => {
  const person = await verifiedPerson()
  const asking = await visit(`${service.origin}/.well-known/change-password`)
  await asking.getByRole('link', { name: 'Forgot password' }).click()
  await see(asking, 'Forgot your password?')
  await press(asking, 'Send link')
  await asking.getByText('Please fill in this field.').waitFor()
  await asking.getByRole('textbox', { name: 'E-mail address' }).fill(person.email)
  await press(asking, 'Send link')
  await see(asking, 'Check your inbox')

  const page = await visit(linkIn(await mails.take(person.email, /Set a new password/)))
  const field = page.getByLabel('New password')
  await field.fill('short')
  await press(page, 'Set new password')
  await page.getByText('Please use at least 8 characters.').waitFor()
  await field.fill(`my ${person.email} password`)
  await press(page, 'Set new password')
  await page.getByText('a password that does not contain your e-mail address').waitFor()
  expect(await field.getAttribute('aria-invalid')).toBe('true')

  await field.fill(NEW_PASSWORD)
  await page.getByLabel('Show password').check()
  expect(await field.getAttribute('type')).toBe('text')
  await press(page, 'Set new password')
  await see(page, 'Your new password is set')
  await mails.take(person.email, /was reset/)
  expect((await api.post('/auth/refresh', { refresh_token: person.refreshToken })).status).toBe(401)
  expect((await api.post('/auth/login', { email: person.email, password: PASSWORD })).status).toBe(401)
  await signIn(person.email, NEW_PASSWORD)
})

test('a changed address is confirmed at the new one and undone at the old one', async () => {
  const person = await verifiedPerson()
  const newEmail = `new-${person.email}`
  const asked = await api.post('/users/me/email', { new_email: newEmail }, person.accessToken)
  expect(asked.status).toBe(202)
  const confirming = await visit(linkIn(await mails.take(newEmail, /Confirm your new/)))
  await confirming.getByRole('link', { name: 'Sign in first, as you do now' }).click()
  await signInOn(confirming, person.email)
  await press(confirming, 'Confirm new address')
  await see(confirming, 'Your new address is confirmed')
  const thief = await signIn(newEmail)

  const undoing = await visit(linkIn(await mails.take(person.email, /was changed/)))
  await press(undoing, 'Undo the change')
  await see(undoing, 'The change has been undone')
  await undoing.getByText('the password no longer works').waitFor()
  for (const { refreshToken } of [person, thief])
    expect((await api.post('/auth/refresh', { refresh_token: refreshToken })).status).toBe(401)
  for (const email of [person.email, newEmail])
    expect((await api.post('/auth/login', { email, password: PASSWORD })).status).toBe(401)

  const choosing = await visit(linkIn(await mails.take(person.email, /Set a new password/)))
  await choosing.getByLabel('New password').fill(NEW_PASSWORD)
  await press(choosing, 'Set new password')
  await see(choosing, 'Your new password is set')
  await signIn(person.email, NEW_PASSWORD)
})

describe('a deleted account', () => {
  let person: Person

  beforeEach(async () => {
    person = await verifiedPerson()
    expect((await api.remove('/users/me', person.accessToken)).status).toBe(202)
  })

  /** @param sessions of the account, with the one that lists them */
  async function expectRestored(sessions: number): Promise<void> {
    await mails.take(person.email, /was restored/)
    const { accessToken } = await signIn(person.email)
    const { body } = await api.get('/users/me/sessions', accessToken)
    expect(body.sessions).toHaveLength(sessions)
  }

  it('is restored with its password, from a link without a token', async () => {
    const link = linkIn(await mails.take(person.email, /was deleted/))
    expect(link).toBe(`${service.origin}/account/restore`)
    const page = await visit(link)
    await page.getByRole('link', { name: 'Sign in' }).click()
    await signInOn(page, person.email, 'wrong password')
    await page.getByRole('alert').getByText('The e-mail address or password is wrong.').waitFor()
    await signInOn(page, person.email)
    await see(page, 'Your account is deleted')
    await press(page, 'Restore my account')
    await page.waitForURL('**/account')
    await expectRestored(2)
  })

  it('is restored with a link that was requested like a password reset', async () => {
    const asking = await visit(`${service.origin}/account/forgot-password`)
    await asking.getByRole('textbox', { name: 'E-mail address' }).fill(person.email)
    await press(asking, 'Send link')
    await see(asking, 'Check your inbox')
    const link = linkIn(await mails.take(person.email, /^Restore your account/))
    const page = await visit(link)
    await press(page, 'Restore account')
    await see(page, 'Your account is restored')
    await mails.take(person.email, /was restored/)
    const refused = await api.post('/auth/login', { email: person.email, password: PASSWORD })
    expect(refused.body.code).toBe('password_reset_required')
    await page.getByRole('link', { name: 'Choose a new password' }).click()
    await see(page, 'Forgot your password?')

    const again = await visit(link)
    await press(again, 'Restore account')
    await see(again, 'The account was not restored')
    await again.getByRole('link', { name: 'Sign in' }).click()
    await again.getByRole('textbox', { name: 'E-mail address' }).waitFor()
  })
})

test('O1 O4 no token was in a request’s address, in a referrer, in a store or in a log', async () => {
  expect(Object.keys(tokens).length).toBeGreaterThan(8)
  expect(requested.filter((text) => /#|token|lk_/.test(text))).toEqual([])
  const whileRunning = scanFolder(service.written, tokens)
  await service.stop()
  expect([...whileRunning, ...scanFolder(service.written, tokens)]).toEqual([])
})
