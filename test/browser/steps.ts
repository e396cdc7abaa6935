import axe, { type AxeResults } from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { expect } from 'vitest'

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
