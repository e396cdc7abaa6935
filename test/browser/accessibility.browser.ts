import axe, { type AxeResults } from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { locales } from '../../src/core/mail.ts'
import { pages, pathOf } from '../../src/pages/actions.ts'
import { pageWords } from '../../src/pages/words/by-locale.ts'
import type { PageName } from '../../src/pages/words/words.ts'
import { type DevService, startDevService } from '../support/dev-service.ts'
import { startChromium } from './chromium.ts'

const names = Object.keys(pages) as PageName[]
const words = pageWords.en({ product: 'Latchkey', passwordMinLength: 8 })

let service: DevService
let browser: Browser

beforeAll(async () => {
  browser = await startChromium()
  service = await startDevService()
})

afterAll(async () => {
  await Promise.all([browser?.close(), service?.[Symbol.asyncDispose]()])
})

interface Look {
  readonly colorScheme?: 'light' | 'dark'
  readonly locale?: string
  readonly width?: number
}

/** @param path with or without a token */
async function open(path: string, { colorScheme = 'light', locale = 'en', width = 1280 }: Look = {}): Promise<Page> {
  // The policy of the pages would block axe, so it is bypassed.
  const viewport = { width, height: 800 }
  const context = await browser.newContext({ colorScheme, locale, viewport, bypassCSP: true })
  const page = await context.newPage()
  await page.goto(service.origin + path)
  return page
}

/** Shows one state of a page, as its script would after an answer. */
const show = (page: Page, view: string) =>
  page.evaluate(
    `for (const view of document.querySelectorAll('[data-view]')) view.hidden = view.dataset.view !== '${view}'`,
  )

async function findViolations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate<AxeResults>('axe.run()')
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
}

describe.each(['light', 'dark'] as const)('on a %s screen', (colorScheme) => {
  it.each(names)('axe finds no problem in any state of %s', async (name) => {
    const page = await open(pathOf(name), { colorScheme })
    for (const view of Object.keys(words.pages[name])) {
      await show(page, view)
      expect(await findViolations(page), view).toEqual([])
    }
    await page.context().close()
  })

  it('axe finds no problem in a rejected form', async () => {
    const page = await open(pathOf('restore'), { colorScheme })
    await page.route('**/api/v1/auth/login', (route) =>
      route.fulfill({ status: 401, json: { code: 'invalid_credentials' } }),
    )
    const button = page.getByRole('button')
    await button.click()
    expect(await page.getByText('Please fill in this field.').count()).toBe(2)
    expect(await findViolations(page)).toEqual([])
    await page.getByRole('textbox', { name: 'E-mail address' }).fill('ada@example.com')
    await page.getByLabel('Password', { exact: true }).fill('wrong')
    await button.click()
    await page.getByText('The e-mail address or password is wrong.').waitFor()
    expect(await findViolations(page)).toEqual([])
    await page.context().close()
  })
})

describe('every state', () => {
  it.each(locales)('fits a screen of 320 pixels without scrolling sideways (WCAG 1.4.10): %s', async (locale) => {
    for (const name of names) {
      const page = await open(pathOf(name), { locale, width: 320 })
      for (const view of Object.keys(words.pages[name])) {
        await show(page, view)
        expect(await page.evaluate('document.documentElement.scrollWidth'), `${name} ${view}`).toBe(320)
      }
      await page.context().close()
    }
  })
})

describe('a keyboard', () => {
  it('reaches every field and button of a form in reading order, with a visible focus', async () => {
    const page = await open(pathOf('restore'))
    const reached: string[] = []
    for (let press = 0; press < 5; press++) {
      await page.keyboard.press('Tab')
      reached.push(
        await page.evaluate<string>(
          'document.activeElement.name || document.activeElement.textContent || document.activeElement.labels[0].textContent',
        ),
      )
      expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid')
    }
    expect(reached).toEqual(['email', 'password', 'Show password', 'Restore account', 'Forgot password'])
  })

  it('sends a form once, however often the button is pressed', async () => {
    const page = await open(pathOf('forgot-password'))
    let sent = 0
    let answer = () => {}
    const answered = new Promise<void>((resolve) => {
      answer = resolve
    })
    await page.route('**/api/v1/auth/reset-password', async (route) => {
      sent++
      await answered
      await route.fulfill({ status: 202, json: {} })
    })
    await page.getByRole('textbox', { name: 'E-mail address' }).fill('ada@example.com')
    for (let press = 0; press < 5; press++) await page.keyboard.press('Enter')
    answer()
    await page.getByRole('heading', { name: 'Check your inbox' }).waitFor()
    expect(sent).toBe(1)
  })
})

it('a reason that the page has no words for is shown as the service gave it, in its language', async () => {
  const page = await open(`${pathOf('reset-password')}#token=x`, { locale: 'de' })
  const errors = [{ pointer: '/new_password', detail: 'must not be a palindrome' }]
  const headers = { 'content-type': 'application/problem+json' }
  await page.route('**/api/v1/auth/reset-password/confirm', (route) =>
    route.fulfill({ status: 422, headers, body: JSON.stringify({ code: 'validation_failed', errors }) }),
  )
  const field = page.getByLabel('Neues Passwort')
  await field.fill('amanaplanacanalpanama')
  await page.getByRole('button').click()
  await page.getByText('Bitte wählen Sie etwas anderes.').waitFor()
  expect(await page.locator('[lang=en]').textContent()).toBe(' must not be a palindrome.')
  expect(await field.getAttribute('aria-invalid')).toBe('true')
})

describe('too many attempts', () => {
  it.each([
    ['en', 'Too many attempts. Please try again in 40 seconds.', '40'],
    ['de', 'Zu viele Versuche. Bitte versuchen Sie es in 15 Minuten noch einmal.', '900'],
  ])('T5 show when to try again: %s', async (locale, message, retryAfter) => {
    const page = await open(`${pathOf('verify-email')}#token=x`, { locale })
    const headers = { 'content-type': 'application/problem+json', 'retry-after': retryAfter }
    await page.route('**/api/v1/auth/verify-email', (route) =>
      route.fulfill({ status: 429, headers, body: JSON.stringify({ code: 'rate_limited' }) }),
    )
    await page.getByRole('button').click()
    await page.getByRole('alert').getByText(message).waitFor()
    expect(await page.getByRole('button').isVisible()).toBe(true)
  })

  it('and a missing answer leave the form unchanged', async () => {
    const page = await open(pathOf('forgot-password'))
    await page.route('**/api/v1/auth/reset-password', (route) => route.abort())
    await page.getByRole('textbox', { name: 'E-mail address' }).fill('ada@example.com')
    await page.getByRole('button').click()
    await page.getByRole('alert').getByText('That did not work').waitFor()
    expect(await page.getByRole('textbox', { name: 'E-mail address' }).inputValue()).toBe('ada@example.com')
  })
})
