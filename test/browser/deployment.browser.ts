import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { change } from '../support/local-database.ts'
import { type MailedService, PASSWORD, startMailedService } from './mailed-service.ts'
import { expectAccessible, fill, open, press, see, visit } from './steps.ts'

const NEW_PASSWORD = 'seven purple umbrellas sing'

let started: MailedService

beforeAll(async () => {
  started = await startMailedService()
})

afterAll(() => started?.[Symbol.asyncDispose]())

const at = (path: string): string => `${started.service.origin}/account${path}`
const close = (page: Page) => page.context().close()

async function signInOn(page: Page, email: string): Promise<void> {
  await see(page, 'Sign in')
  await fill(page, 'E-mail address', email)
  await fill(page, 'Password', PASSWORD)
  await press(page, 'Sign in')
}

const statusOf = async (email: string, password: string) =>
  (await started.api.post('/auth/login', { email, password })).status

describe('V11 a page of version 0.2.0 that was open while this version was deployed', () => {
  /** The policy of its documents. */
  const POLICY = [
    "default-src 'none'",
    ...["script-src 'self'", "style-src 'self'", "connect-src 'self'"],
    ...["form-action 'none'", "base-uri 'none'", "frame-ancestors 'none'"],
  ].join('; ')

  /** Opens the document of 0.2.0, whose script and style this version still has. */
  async function openOld(address: string): Promise<Page> {
    const { pathname } = new URL(address)
    const name = pathname.slice('/account/'.length)
    const body = readFileSync(join(import.meta.dirname, `version-0.2.0/${name}.html`), 'utf8')
    const page = await (await started.browser.newContext({ locale: 'en-GB' })).newPage()
    const headers = { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': POLICY }
    await page.route(`**${pathname}`, (route) => route.fulfill({ headers, body }), { times: 1 })
    await open(page, address)
    expect(await page.evaluate('document.styleSheets.length')).toBe(1)
    return page
  }

  /** Version 0.2.0 has a hyphen that does not break in its headings. */
  const shows = (page: Page, heading: RegExp) => page.getByRole('heading', { name: heading }).waitFor()

  const linkOf = async (email: string, subject: RegExp) => (await started.mails.take(email, subject)).links[0] ?? ''

  it('confirms an address', async () => {
    const email = 'old@example.com'
    await started.api.post('/auth/register', { email, password: PASSWORD })
    const page = await openOld(await linkOf(email, /Confirm/))
    await press(page, 'Confirm address')
    await shows(page, /^Your address is confirmed$/)
    expect((await started.api.post('/auth/login', { email, password: PASSWORD })).body.user.is_verified).toBe(true)
    await close(page)
  })

  it('sets a new password, and keeps what was typed when it is refused', async () => {
    const email = await started.newPerson()
    const asking = await openOld(at('/forgot-password'))
    await fill(asking, 'E-mail address', email)
    await asking.getByRole('button').click()
    const page = await openOld(await linkOf(email, /password/i))
    await fill(page, 'New password', 'password')
    await press(page, 'Set new password')
    await page.getByText('Many people use this password. Please choose another one.').waitFor()
    expect(await page.getByLabel('New password').inputValue()).toBe('password')
    await page.context().setOffline(true)
    await fill(page, 'New password', NEW_PASSWORD)
    await press(page, 'Set new password')
    await page.getByText('the service could not be reached').waitFor()
    expect(await page.getByLabel('New password').inputValue()).toBe(NEW_PASSWORD)
    await page.context().setOffline(false)
    await press(page, 'Set new password')
    await shows(page, /^Your new password is set$/)
    expect(await statusOf(email, NEW_PASSWORD)).toBe(200)
    for (const each of [asking, page]) await close(each)
  })

  it('confirms a new address after a sign-in on it, and undoes the change', async () => {
    const email = await started.newPerson()
    const { body } = await started.api.post('/auth/login', { email, password: PASSWORD })
    const changed = await fetch(`${started.service.origin}/api/v1/users/me/email`, {
      method: 'POST',
      headers: { authorization: `Bearer ${body.access_token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ new_email: `new-${email}` }),
    })
    expect(changed.status).toBe(202)
    const page = await openOld(await linkOf(`new-${email}`, /Confirm your new/))
    await fill(page, 'E-mail address', email)
    await fill(page, 'Password', 'wrong')
    await page.getByRole('button').last().click()
    await page.getByText('The e-mail address or password is wrong.').waitFor()
    expect(await page.getByLabel('E-mail address').inputValue()).toBe(email)
    await fill(page, 'Password', PASSWORD)
    await page.getByRole('button').last().click()
    await shows(page, /^Your new address is confirmed$/)
    expect(await statusOf(`new-${email}`, PASSWORD)).toBe(200)
    const undoing = await openOld(await linkOf(email, /address/))
    await undoing.getByRole('button').click()
    await shows(undoing, /^The change has been undone$/)
    expect(await statusOf(`new-${email}`, PASSWORD)).toBe(401)
    for (const each of [page, undoing]) await close(each)
  })

  it('gets a deleted account back', async () => {
    const email = await started.newPerson()
    const { body } = await started.api.post('/auth/login', { email, password: PASSWORD })
    await fetch(`${started.service.origin}/api/v1/users/me`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${body.access_token}` },
    })
    const page = await openOld(at('/restore'))
    await fill(page, 'E-mail address', email)
    await fill(page, 'Password', PASSWORD)
    await page.getByRole('button').click()
    await shows(page, /^Your account is restored$/)
    expect(await statusOf(email, PASSWORD)).toBe(200)
    await close(page)
  })
})

describe('V11 a page of this version that was open while another was deployed', () => {
  const FILES = /\.\/([\w-]+)-[a-z0-9]{8}\.js/g

  /** Opens a document of a version whose files for later are gone. The next document is of the new one. */
  async function openBefore(path: string): Promise<Page> {
    const context = await started.browser.newContext({ locale: 'en-GB', bypassCSP: true })
    const page = await context.newPage()
    const before = async (name: string) => {
      await page.route(
        `**/account/${name}-*.js`,
        async (route) => {
          const script = await (await route.fetch()).text()
          const body = script.replace(FILES, (file, part) => (part === 'pages' ? file : `./${part}-00000000.js`))
          await route.fulfill({ contentType: 'text/javascript', headers: { 'cache-control': 'no-store' }, body })
        },
        { times: 1 },
      )
    }
    await before('pages')
    await open(page, at(path))
    return page
  }

  /** How many documents a page opens from now on. */
  function countDocuments(page: Page): () => number {
    let count = 0
    page.on('request', (request) => {
      if (request.isNavigationRequest()) count++
    })
    return () => count
  }

  it('signs in, and goes on with the new version', async () => {
    const email = await started.newPerson()
    const page = await openBefore('/sign-in')
    const documents = countDocuments(page)
    await signInOn(page, email)
    await see(page, 'Your account')
    await page.getByText(email).first().waitFor()
    expect([documents(), page.url()]).toEqual([1, at('')])
    await close(page)
  })

  it('saves what was typed, without any file more', async () => {
    const email = await started.newPerson()
    const page = await visit(started.browser, at('/profile'))
    await signInOn(page, email)
    await see(page, 'Profile')
    await page.getByLabel('About you').fill('a long story')
    await page.route('**/account/*.js', (route) => route.fulfill({ status: 404 }))
    const documents = countDocuments(page)
    await press(page, 'Save')
    await page.getByText('Your profile is saved.').waitFor()
    expect(documents()).toBe(0)
    await close(page)
  })

  it('keeps the token of a mailed link', async () => {
    const email = await started.newPerson()
    await started.api.post('/auth/reset-password', { email })
    const [link = ''] = (await started.mails.take(email, /password/i)).links
    const page = await openBefore(link.slice(at('').length))
    const documents = countDocuments(page)
    await see(page, 'Choose a new password')
    await fill(page, 'New password', NEW_PASSWORD)
    await press(page, 'Set new password')
    await see(page, 'Your new password is set')
    expect([documents(), page.url()]).toEqual([1, at('/reset-password')])
    expect(await page.evaluate('JSON.stringify({ ...sessionStorage })')).toBe('{}')
    await close(page)
  })

  it('says so where loading the page again does not help, and loads it once only', async () => {
    const email = await started.newPerson()
    const page = await visit(started.browser, at('/sign-in'))
    await signInOn(page, email)
    await see(page, 'Your account')
    const documents = countDocuments(page)
    await page.route('**/account/sessions-*.js', (route) => route.fulfill({ status: 404 }))
    const menu = page.getByRole('navigation')
    await menu.getByRole('link', { name: 'Devices' }).click()
    await page.getByText('A part of this page could not be loaded').waitFor()
    await see(page, 'Devices')
    expect([documents(), page.url()]).toEqual([1, at('/sessions')])
    await expectAccessible(page)
    await menu.getByRole('link', { name: 'Profile' }).click()
    await see(page, 'Profile')
    await menu.getByRole('link', { name: 'Devices' }).click()
    await page.getByText('A part of this page could not be loaded').waitFor()
    expect(documents()).toBe(1)
    await page.unroute('**/account/sessions-*.js')
    await press(page, 'Load the page again')
    await page.getByText('This device', { exact: true }).waitFor()
    expect(documents()).toBe(2)
    await close(page)
  })

  it('says so where not even its script is there', async () => {
    const page = await (await started.browser.newContext({ locale: 'en-GB', bypassCSP: true })).newPage()
    await page.route('**/account/start-*.js', (route) => route.fulfill({ status: 404 }))
    await page.goto(at('/sign-in'))
    const text = page.getByText('This page takes longer than usual to start.')
    expect(await text.isVisible()).toBe(false)
    await text.waitFor()
    await expectAccessible(page)
    await page.unroute('**/account/start-*.js')
    await page.reload()
    await see(page, 'Sign in')
    await page.getByLabel('Password', { exact: true }).waitFor()
    expect(await text.count()).toBe(0)
    await close(page)
  })

  it('says that it is offline, and needs no other document afterwards', async () => {
    const email = await started.newPerson()
    const page = await visit(started.browser, at('/sign-in'))
    await signInOn(page, email)
    await see(page, 'Your account')
    const documents = countDocuments(page)
    await page.context().setOffline(true)
    await page.getByRole('navigation').getByRole('link', { name: 'Devices' }).click()
    await page.getByText('You seem to be offline.').waitFor()
    await page.context().setOffline(false)
    await press(page, 'Try again')
    await page.getByText('This device', { exact: true }).waitFor()
    expect(documents()).toBe(0)
    await close(page)
  })

  it('says in the middle of a sign-in that it begins again', async () => {
    const email = await started.newPerson()
    change(started.service, 'UPDATE users SET two_step_due_at = ? WHERE is_verified', Date.now() - 1000)
    const page = await openBefore('/sign-in')
    const documents = countDocuments(page)
    await signInOn(page, email)
    await page.getByText('A part of this page could not be loaded').waitFor()
    expect(documents()).toBe(0)
    await press(page, 'Load the page again')
    await signInOn(page, email)
    await page.getByRole('button', { name: 'Send code' }).waitFor()
    await close(page)
  })
})
