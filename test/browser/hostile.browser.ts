import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Application, startApplication } from './application.ts'
import { type MailedService, PASSWORD, startMailedService } from './mailed-service.ts'
import { expectAccessible, fill, press, see } from './steps.ts'

let started: MailedService
/** A page of somebody else. */
let evil: Application

beforeAll(async () => {
  evil = await startApplication()
  started = await startMailedService({ ACCOUNT_PAGES: 'links' })
})

afterAll(async () => {
  await started?.[Symbol.asyncDispose]()
  await evil?.[Symbol.asyncDispose]()
})

const at = (path: string): string => `${started.service.origin}/account${path}`
const newContext = (): Promise<BrowserContext> => started.browser.newContext({ locale: 'en-GB', bypassCSP: true })

async function signInAt(page: Page, address: string, email: string): Promise<void> {
  await page.goto(address)
  await see(page, 'Sign in')
  await fill(page, 'E-mail address', email)
  await fill(page, 'Password', PASSWORD)
  await press(page, 'Sign in')
  await see(page, 'How you sign in')
}

describe('a browser that others use too', () => {
  it('V7 is told that it is still signed in, when the service does not answer the sign-out', async () => {
    const context = await newContext()
    const [page, tab] = [await context.newPage(), await context.newPage()]
    await signInAt(page, at('/sign-in'), await started.newPerson())
    await tab.goto(at('/security'))
    await see(tab, 'How you sign in')
    const stillHere = page.getByRole('alert').getByText('You are still signed in here')
    await page.route('**/auth/logout', (route) => route.fulfill({ status: 503 }))
    await press(page, 'Sign out')
    await stillHere.waitFor()
    await expectAccessible(page)
    await page.unroute('**/auth/logout')
    await context.setOffline(true)
    await press(page, 'Sign out')
    await stillHere.waitFor()
    await context.setOffline(false)
    expect(await tab.getByRole('button', { name: 'Sign out' }).count()).toBe(1)
    await press(page, 'Sign out')
    await see(page, 'Sign in')
    await see(tab, 'Sign in')
    // The document is replaced, so that nothing is left to go back to.
    await page.waitForURL(at('/sign-in'))
    await page.goto(at('/security'))
    await see(page, 'Sign in')
    await context.close()
  })
})

describe('a mailed link of another account', () => {
  it('restores that account, and neither signs the browser in to it nor out of its own', async () => {
    const [owner, sender] = [await started.newPerson(), await started.newPerson()]
    const { body } = await started.api.post('/auth/login', { email: sender, password: PASSWORD })
    const headers = { authorization: `Bearer ${body.access_token}` }
    await fetch(`${started.service.origin}/api/v1/users/me`, { method: 'DELETE', headers })
    await started.mails.take(sender, /delete/)
    await started.api.post('/auth/reset-password', { email: sender })
    const [link = ''] = (await started.mails.take(sender, /./)).links

    const context = await newContext()
    const page = await context.newPage()
    await signInAt(page, at('/sign-in'), owner)
    const before = await context.cookies()
    await page.route('**/auth/logout', (route) => route.abort())
    await page.goto(link)
    await press(page, 'Restore account')
    await see(page, 'Your account is restored')
    expect(await context.cookies()).toEqual(before)
    await context.close()
  })
})

describe('a page in a window that another page opened', () => {
  it('cannot be replaced by that page', async () => {
    const context = await newContext()
    const page = await context.newPage()
    await page.goto(evil.origin)
    const [opened] = await Promise.all([
      context.waitForEvent('page'),
      page.evaluate(`globalThis.opened = window.open('${at('/sign-in')}'), undefined`),
    ])
    await see(opened, 'Sign in')
    expect(await opened.evaluate('window.opener')).toBeNull()
    expect(await page.evaluate('opened.closed')).toBe(true)
    await context.close()
  })
})

describe('an address', () => {
  it('of a screen that the service has not leads to none, and no link leads there', async () => {
    const context = await newContext()
    const page = await context.newPage()
    await page.goto(at('/sign-in'))
    await see(page, 'Sign in')
    expect(await page.getByRole('link', { name: 'Create an account' }).count()).toBe(0)
    await signInAt(page, at('/sign-in?next=/account/profile'), await started.newPerson())
    expect(page.url()).toBe(at('/security'))
    await context.close()
  })

  it('keeps no code of a sign-in that was not begun here', async () => {
    const context = await newContext()
    const page = await context.newPage()
    await page.goto(at('/sign-in?code=lk_code_foreign&state=x'))
    await see(page, 'Sign in')
    expect(page.url()).toBe(at('/sign-in?state=x'))
    await context.close()
  })

  it('of another host leads to the service’s own, with the link’s token', async () => {
    const elsewhere = (path: string) => at(path).replace('localhost', '127.0.0.1')
    const context = await newContext()
    const page = await context.newPage()
    await signInAt(page, elsewhere('/sign-in?next=/account/security'), await started.newPerson())
    expect(page.url()).toBe(at('/security'))
    const sent = page.waitForRequest('**/auth/verify-email')
    await page.goto(elsewhere('/verify-email#token=lk_verify_of-the-mail'))
    await page.waitForURL(at('/verify-email'))
    await press(page, 'Confirm address')
    expect((await sent).postDataJSON()).toEqual({ token: 'lk_verify_of-the-mail' })
    await context.close()
  })
})
