import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type DevService, startDevService } from '../support/dev-service.ts'
import { startChromium } from './chromium.ts'
import { fill, press, visit } from './steps.ts'

let service: DevService
let browser: Browser
let page: Page

beforeAll(async () => {
  browser = await startChromium()
  service = await startDevService()
})

afterAll(async () => {
  await Promise.all([browser?.close(), service?.[Symbol.asyncDispose]()])
})

/** Answers a request of the page in the place of the service. */
const answer = (path: string, status: number, json: object, headers: Record<string, string> = {}) =>
  page.route(`**/api/v1/${path}`, (route) =>
    route.fulfill({ status, headers, contentType: 'application/problem+json', body: JSON.stringify(json) }),
  )

const problem = (code: string, more: object = {}) => ({ type: 'about:blank', title: '', instance: '', code, ...more })

const emailField = () => page.getByRole('textbox', { name: 'E-mail address' })
const passwordField = () => page.getByLabel('Password', { exact: true })

async function fillIn(): Promise<void> {
  await fill(page, 'E-mail address', 'ada@example.com')
  await fill(page, 'Password', 'correct horse battery staple')
}

describe('a form', () => {
  beforeEach(async () => {
    page = await visit(browser, `${service.origin}/account/sign-in`)
    await emailField().waitFor()
    return () => page.context().close()
  })

  it('V3 has the fields that password managers know, on one page, and takes what is pasted', async () => {
    expect(await emailField().getAttribute('autocomplete')).toBe('username webauthn')
    expect(await passwordField().getAttribute('autocomplete')).toBe('current-password')
    expect(await page.locator('form:has([name=email]):has([name=password])').count()).toBe(1)
    const pasted = await page.evaluate<boolean>(
      "document.querySelector('[name=password]').dispatchEvent(new ClipboardEvent('paste', { cancelable: true, bubbles: true }))",
    )
    expect(pasted).toBe(true)
  })

  it('is sent once for five clicks before the page can draw itself anew', async () => {
    let sent = 0
    await page.route('**/api/v1/auth/login', async (route) => {
      sent += 1
      await new Promise((resolve) => setTimeout(resolve, 300))
      await route.continue()
    })
    await fillIn()
    await page.evaluate("for (let click = 0; click < 5; click++) document.querySelector('main [type=submit]').click()")
    await page.getByText('The e-mail address or password is wrong.').waitFor()
    expect(sent).toBe(1)
  })

  it('V4 moves the focus to the first wrong field, and names the problem beside it', async () => {
    await press(page, 'Sign in')
    await page.getByText('Please fill in this field.').first().waitFor()
    expect(await page.locator(':focus').getAttribute('name')).toBe('email')
    const described = (await emailField().getAttribute('aria-describedby')) ?? ''
    expect(await page.locator(`[id="${described}"]`).textContent()).toContain('Please fill in this field.')
    expect(await emailField().getAttribute('aria-invalid')).toBe('true')
  })

  it.each([
    ['wrong', 401, problem('invalid_credentials'), 'The e-mail address or password is wrong.'],
    ['suspended', 403, problem('account_suspended'), 'This account is suspended.'],
    ['limited', 429, problem('rate_limited'), 'in 5 minutes'],
    ['of a failed service', 503, problem('unavailable'), 'something went wrong'],
  ])('that is refused keeps what was typed: %s', async (_, status, json, text) => {
    await answer('auth/login', status, json, { 'retry-after': '300' })
    await fillIn()
    await press(page, 'Sign in')
    await page.getByRole('alert').getByText(text).waitFor()
    expect(await emailField().inputValue()).toBe('ada@example.com')
    expect(await passwordField().inputValue()).toBe('correct horse battery staple')
  })

  it('says that the browser is offline, and works again afterwards', async () => {
    await fillIn()
    await page.context().setOffline(true)
    await press(page, 'Sign in')
    await page.getByText('You seem to be offline.').waitFor()
    await page.context().setOffline(false)
    await press(page, 'Sign in')
    await page.getByText('The e-mail address or password is wrong.').waitFor()
  })

  it('is reached by keyboard in reading order, with a visible focus', async () => {
    const reached: string[] = []
    for (let count = 0; count < 7; count++) {
      await page.keyboard.press('Tab')
      reached.push(
        await page.evaluate<string>(
          'document.activeElement.name || document.activeElement.textContent || document.activeElement.labels[0].textContent',
        ),
      )
      expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid')
    }
    const fields = ['email', 'password', 'Show password', 'Sign in', 'Forgot password']
    expect(reached).toEqual([...fields, 'Sign in with a passkey', 'Create an account'])
  })

  it('says that the service takes long', async () => {
    await page.clock.install()
    const answered = Promise.withResolvers<void>()
    await page.route('**/api/v1/auth/login', async (route) => {
      await answered.promise
      await route.continue()
    })
    await fillIn()
    const sent = page.waitForRequest('**/api/v1/auth/login')
    await press(page, 'Sign in')
    await sent
    await page.clock.fastForward(6000)
    await page.getByRole('status').getByText('This takes longer than usual').waitFor()
    answered.resolve()
    await page.getByText('The e-mail address or password is wrong.').waitFor()
    expect(await page.getByText('This takes longer than usual').count()).toBe(0)
  })
})

describe('a form in German', () => {
  beforeEach(async () => {
    page = await visit(browser, `${service.origin}/account/reset-password#token=x`, { locale: 'de' })
    await page.getByLabel('Neues Passwort').fill('amanaplanacanalpanama')
    return () => page.context().close()
  })

  it('shows a reason that it has no words for as the service gave it, in its language', async () => {
    const errors = [{ pointer: '/new_password', detail: 'must not be a palindrome' }]
    await answer('auth/reset-password/confirm', 422, problem('validation_failed', { errors }))
    await page.locator('main [type=submit]').click()
    await page.getByText('Bitte wählen Sie etwas anderes.').waitFor()
    expect(await page.locator('p [lang=en]').textContent()).toBe('must not be a palindrome.')
    expect(await page.getByLabel('Neues Passwort').getAttribute('aria-invalid')).toBe('true')
  })

  it('T5 shows when to try again', async () => {
    await answer('auth/reset-password/confirm', 429, problem('rate_limited'), { 'retry-after': '900' })
    await page.locator('main [type=submit]').click()
    const text = 'Zu viele Versuche. Bitte versuchen Sie es in 15 Minuten noch einmal.'
    await page.getByRole('alert').getByText(text).waitFor()
  })
})
