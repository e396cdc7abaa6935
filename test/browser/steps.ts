import axe, { type AxeResults } from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { expect } from 'vitest'
import { PASSWORD } from './mailed-service.ts'

export interface Look {
  readonly colorScheme?: 'light' | 'dark'
  readonly width?: number
  readonly locale?: string
}

/** A page in a new browser profile. Errors of its script and requests to other origins fail the test. */
export async function visit(
  browser: Browser,
  address: string,
  { colorScheme = 'light', width = 1280, locale = 'en-GB' }: Look = {},
): Promise<Page> {
  // The policy of the pages would block axe, so it is bypassed. Another test looks at the policy.
  const viewport = { width, height: 900 }
  const context = await browser.newContext({ locale, bypassCSP: true, colorScheme, viewport })
  const page = await context.newPage()
  await open(page, address)
  return page
}

/** Opens an address in this page, as `visit` does. */
export async function open(page: Page, address: string): Promise<void> {
  const { origin } = new URL(address)
  page.on('pageerror', (error) => expect.unreachable(error.message))
  page.on('request', (request) => {
    if (request.url().startsWith('http')) expect(request.url()).toContain(origin)
  })
  await page.goto(address)
}

export const see = (page: Page, heading: string) => page.getByRole('heading', { name: heading }).waitFor()
export const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()
export const fill = (page: Page, label: string, value: string) =>
  page.getByLabel(label, { exact: true }).filter({ visible: true }).fill(value)

export async function expectAccessible(page: Page): Promise<void> {
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate<AxeResults>('axe.run()')
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([])
}

/** Signs in with the password, on the screen for it. */
export async function signInOn(page: Page, email: string, password = PASSWORD): Promise<void> {
  await see(page, 'Sign in')
  await fill(page, 'E-mail address', email)
  await fill(page, 'Password', password)
  await press(page, 'Sign in')
}

/** Presses the tab key until the element with this label or text has the focus. */
export async function tabTo(page: Page, text: string | RegExp): Promise<void> {
  for (let presses = 0; presses < 80; presses++) {
    await page.keyboard.press('Tab')
    const found = await page.evaluate<string>(
      'document.activeElement.labels?.[0]?.textContent || document.activeElement.textContent || ""',
    )
    if (typeof text === 'string' ? found.trim() === text : text.test(found)) return
  }
  expect.unreachable(`the keyboard does not reach ${text}`)
}

/**
 * Looks at the state that a page has now: axe in both schemes, and no scrolling sideways with 320 pixels or
 * with text of twice the size.
 */
export async function expectFit(page: Page): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await expectAccessible(page)
  }
  const size = page.viewportSize()
  const widthWith = (fontSize: string) =>
    page.evaluate(`document.documentElement.style.fontSize = '${fontSize}', document.documentElement.scrollWidth`)
  expect([await widthWith('200%'), await widthWith('')]).toEqual([size?.width, size?.width])
  await page.setViewportSize({ width: 320, height: 800 })
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320)
  await expectAccessible(page)
  if (size !== null) await page.setViewportSize(size)
  await page.emulateMedia({ colorScheme: 'light' })
}
