import type { Browser, Page, Route } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type DevService, startDevService } from '../support/dev-service.ts'
import { startChromium } from './chromium.ts'

let service: DevService
let browser: Browser

beforeAll(async () => {
  browser = await startChromium()
  service = await startDevService()
})

afterAll(async () => {
  await Promise.all([browser?.close(), service?.[Symbol.asyncDispose]()])
})

/** @param path with or without a token */
async function open(path: string, locale = 'en'): Promise<Page> {
  const page = await (await browser.newContext({ locale })).newPage()
  await page.goto(service.origin + path)
  return page
}

const problem =
  (status: number, body: object, headers: Record<string, string> = {}) =>
  (route: Route) =>
    route.fulfill({ status, contentType: 'application/problem+json', headers, body: JSON.stringify(body) })

describe('a keyboard', () => {
  it('reaches every field and button of a form in reading order, with a visible focus', async () => {
    const page = await open('/account/sign-in')
    await page.locator('h1').waitFor()
    const reached: string[] = []
    for (let press = 0; press < 7; press++) {
      await page.keyboard.press('Tab')
      reached.push(
        await page.evaluate<string>(
          'document.activeElement.name || document.activeElement.textContent || document.activeElement.labels[0].textContent',
        ),
      )
      expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid')
    }
    expect(reached).toEqual([
      'email',
      'password',
      'Show password',
      'Sign in',
      'Forgot password',
      'Sign in with a passkey',
      'Create an account',
    ])
    await page.context().close()
  })

  it('sends a form once, however often the button is pressed, and hears that it takes long', async () => {
    const page = await open('/account/forgot-password')
    await page.clock.install()
    let sent = 0
    const answered = Promise.withResolvers<void>()
    await page.route('**/api/v1/auth/reset-password', async (route) => {
      sent++
      await answered.promise
      await route.fulfill({ status: 202, json: {} })
    })
    await page.getByRole('textbox', { name: 'E-mail address' }).fill('ada@example.com')
    for (let press = 0; press < 5; press++) await page.keyboard.press('Enter')
    await expect.poll(() => sent).toBe(1)
    await page.clock.fastForward(6000)
    await page.getByRole('status').getByText('This takes longer than usual').waitFor()
    answered.resolve()
    await page.getByRole('heading', { name: 'Check your inbox' }).waitFor()
    expect(sent).toBe(1)
    await page.context().close()
  })
})

it('a reason that the page has no words for is shown as the service gave it, in its language', async () => {
  const page = await open('/account/reset-password#token=x', 'de')
  const errors = [{ pointer: '/new_password', detail: 'must not be a palindrome' }]
  await page.route('**/api/v1/auth/reset-password/confirm', problem(422, { code: 'validation_failed', errors }))
  const field = page.getByLabel('Neues Passwort')
  await field.fill('amanaplanacanalpanama')
  await page.getByRole('button').click()
  await page.getByText('Bitte wählen Sie etwas anderes.').waitFor()
  expect(await page.locator('p [lang=en]').textContent()).toBe('must not be a palindrome.')
  expect(await field.getAttribute('aria-invalid')).toBe('true')
  await page.context().close()
})

describe('too many attempts', () => {
  it.each([
    ['en', 'Too many attempts. Please try again in 40 seconds.', '40'],
    ['de', 'Zu viele Versuche. Bitte versuchen Sie es in 15 Minuten noch einmal.', '900'],
  ])('T5 show when to try again: %s', async (locale, message, retryAfter) => {
    const page = await open('/account/verify-email#token=x', locale)
    await page.route(
      '**/api/v1/auth/verify-email',
      problem(429, { code: 'rate_limited' }, { 'retry-after': retryAfter }),
    )
    await page.getByRole('button').click()
    await page.getByRole('alert').getByText(message).waitFor()
    expect(await page.getByRole('button').isVisible()).toBe(true)
    await page.context().close()
  })

  it('and a missing answer leave the form unchanged', async () => {
    const page = await open('/account/forgot-password')
    await page.route('**/api/v1/auth/reset-password', (route) => route.abort())
    await page.getByRole('textbox', { name: 'E-mail address' }).fill('ada@example.com')
    await page.getByRole('button').click()
    await page.getByRole('alert').getByText('That did not work').waitFor()
    expect(await page.getByRole('textbox', { name: 'E-mail address' }).inputValue()).toBe('ada@example.com')
    await page.context().close()
  })
})
