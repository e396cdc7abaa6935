import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, it } from 'vitest'
import { addressOf, type ScreenName } from '../../src/pages/screens.ts'
import { type MailedService, PASSWORD, startMailedService } from './mailed-service.ts'

const FOLDER = 'docs/pictures'

const LOOKS = {
  light: { colorScheme: 'light', viewport: { width: 1120, height: 760 } },
  dark: { colorScheme: 'dark', viewport: { width: 1120, height: 760 } },
  phone: { colorScheme: 'light', viewport: { width: 390, height: 760 } },
} as const satisfies Record<string, BrowserContextOptions>

interface Picture {
  readonly name: string
  readonly screen: ScreenName
  readonly look: keyof typeof LOOKS
  readonly isSignedIn?: boolean
  /** What the person does before the picture. */
  readonly act?: (page: Page) => Promise<unknown>
}

const pictures: readonly Picture[] = [
  { name: 'sign-in-light', screen: 'sign-in', look: 'light' },
  { name: 'sign-in-dark', screen: 'sign-in', look: 'dark' },
  { name: 'sign-in-phone', screen: 'sign-in', look: 'phone' },
  { name: 'sign-up-light', screen: 'sign-up', look: 'light' },
  { name: 'home-light', screen: 'home', look: 'light', isSignedIn: true },
  { name: 'security-light', screen: 'security', look: 'light', isSignedIn: true },
  { name: 'security-dark', screen: 'security', look: 'dark', isSignedIn: true },
  { name: 'security-phone', screen: 'security', look: 'phone', isSignedIn: true },
  { name: 'activity-light', screen: 'activity', look: 'light', isSignedIn: true },
  { name: 'sessions-phone', screen: 'sessions', look: 'phone', isSignedIn: true },
  { name: 'export-dark', screen: 'export', look: 'dark', isSignedIn: true },
]

let all: MailedService
let email: string

beforeAll(async () => {
  mkdirSync(FOLDER, { recursive: true })
  all = await startMailedService({ PRODUCT_NAME: 'Acme', LIMIT_FACTOR: '100' })
  email = await all.newPerson()
})

afterAll(() => all?.[Symbol.asyncDispose]())

async function signIn(page: Page): Promise<void> {
  await page.goto(all.service.origin + addressOf('sign-in'))
  await page.locator('[name=email]').fill(email)
  await page.locator('[name=password]').fill(PASSWORD)
  await page.locator('main button[type=submit]').first().click()
  await page.locator('nav').waitFor()
}

it.each(pictures)('$name', async ({ name, screen, look, isSignedIn, act }) => {
  const context = await all.browser.newContext({ locale: 'en-GB', deviceScaleFactor: 1, ...LOOKS[look] })
  const page = await context.newPage()
  if (isSignedIn) await signIn(page)
  await page.goto(all.service.origin + addressOf(screen))
  await page.locator('h1').waitFor()
  await page.waitForLoadState('networkidle')
  await act?.(page)
  await page.screenshot({ path: join(FOLDER, `${name}.png`) })
  await context.close()
})
