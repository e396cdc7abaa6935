import axe, { type AxeResults } from 'axe-core'
import type { BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { locales } from '../../src/core/mail.ts'
import { addressOf, ownScreens, type ScreenName, screenNames } from '../../src/pages/screens.ts'
import { type MailedService, PASSWORD, startMailedService } from './mailed-service.ts'

let all: MailedService
let email: string

beforeAll(async () => {
  all = await startMailedService({ EMAIL_SIGN_IN: 'on', LIMIT_FACTOR: '100' })
  email = await all.newPerson()
})

afterAll(() => all?.[Symbol.asyncDispose]())

/** Reports of the browser that the policy forbade something. */
interface Watched {
  readonly violations: string[]
}

/** A browser profile in which the person is signed in. */
async function signedIn(options: BrowserContextOptions): Promise<BrowserContext & Watched> {
  const context = Object.assign(await all.browser.newContext(options), { violations: [] as string[] })
  await context.exposeFunction('noteViolation', (text: string) => context.violations.push(text))
  await context.addInitScript(
    `addEventListener('securitypolicyviolation', (event) => noteViolation(event.violatedDirective + ' ' + event.blockedURI))`,
  )
  const page = await context.newPage()
  await page.goto(all.service.origin + addressOf('sign-in'))
  await page.locator('[name=email]').fill(email)
  await page.locator('[name=password]').fill(PASSWORD)
  await page.locator('main button[type=submit]').first().click()
  await page.locator('nav').waitFor()
  await page.close()
  return context
}

/** Opens a screen and waits until everything that it asked for is there. */
async function show(page: Page, screen: ScreenName): Promise<void> {
  await page.goto(all.service.origin + addressOf(screen))
  await page.locator('h1').waitFor()
  if (ownScreens.some((own) => own === screen)) await page.locator('nav').waitFor()
  await page.waitForLoadState('networkidle')
}

/** The pixels by which a page is wider than its window. */
const overflow = (page: Page) =>
  page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth')

/** Makes every text of the page 40 percent longer, as another language may be. */
const LENGTHEN = `{
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode())
    if (node.parentElement.closest('script, noscript, code') === null)
      node.textContent = node.textContent.replace(/\\p{L}+/gu, (word) => word + word.slice(0, Math.ceil(word.length * 0.4)))
}`

describe.each(['light', 'dark'] as const)('on a %s screen', (colorScheme) => {
  it('V4 axe finds no problem on any screen', async () => {
    // The policy of the pages would block axe.
    const context = await signedIn({ colorScheme, locale: 'en-GB', bypassCSP: true })
    const page = await context.newPage()
    for (const screen of screenNames) {
      await show(page, screen)
      await page.evaluate(axe.source)
      const { violations } = await page.evaluate<AxeResults>('axe.run()')
      expect(
        violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`),
        screen,
      ).toEqual([])
    }
    await context.close()
  })
})

it.each(locales)(
  'V4 V5 every screen fits 320 pixels, text of twice the size, and words that are longer: %s',
  async (locale) => {
    const context = await signedIn({ locale, viewport: { width: 320, height: 640 } })
    const page = await context.newPage()
    for (const screen of screenNames) {
      await show(page, screen)
      expect(await overflow(page), screen).toBeLessThanOrEqual(0)
      await page.evaluate(LENGTHEN)
      expect(await overflow(page), `${screen}, longer`).toBeLessThanOrEqual(0)
      await page.setViewportSize({ width: 1280, height: 800 })
      await page.evaluate("document.documentElement.style.fontSize = '200%'")
      expect(await overflow(page), `${screen}, twice as large`).toBeLessThanOrEqual(0)
      await page.setViewportSize({ width: 320, height: 640 })
    }
    expect(context.violations).toEqual([])
    await context.close()
  },
)

it('V1 V2 no screen breaks the policy, and none asks another origin for anything', async () => {
  const context = await signedIn({ locale: 'en-GB' })
  const requested: string[] = []
  context.on('request', (request) => requested.push(request.url()))
  const page = await context.newPage()
  page.on('pageerror', (error) => expect.unreachable(error.message))
  for (const screen of screenNames) await show(page, screen)
  expect(context.violations).toEqual([])
  expect(requested.filter((url) => !url.startsWith(`${all.service.origin}/`))).toEqual([])
  // The policy is there at all: it forbids what these screens never do.
  await page.evaluate("document.body.insertAdjacentElement('beforeend', document.createElement('img')).src = '/x.png'")
  await expect.poll(() => context.violations).toEqual([expect.stringContaining('img-src')])
  await context.close()
})

it('V2 a person can sign in after six requests', async () => {
  const context = await all.browser.newContext({ locale: 'en-GB' })
  const page = await context.newPage()
  const requested: string[] = []
  page.on('request', (request) => requested.push(new URL(request.url()).pathname.replace(/-\w+\./, '.')))
  await page.goto(all.service.origin + addressOf('sign-in'))
  await page.locator('[name=password]').waitFor()
  await page.waitForLoadState('networkidle')
  const files = ['pages.js', 'start-en.js', 'theme.css'].map((name) => `/account/${name}`)
  const asked = ['auth/passkey/options', 'auth/refresh'].map((path) => `/api/v1/${path}`)
  expect(requested.toSorted()).toEqual(['/account/sign-in', ...files, ...asked].toSorted())
  await context.close()
})

it('every screen has one heading of the first level, which is its title, and landmarks', async () => {
  const context = await signedIn({ locale: 'en-GB' })
  const page = await context.newPage()
  for (const screen of screenNames) {
    await show(page, screen)
    const heading = (await page.locator('h1').textContent())?.replaceAll('\u2011', '-')
    expect(await page.locator('h1').count(), screen).toBe(1)
    expect(await page.title(), screen).toBe(`${heading} · Latchkey`)
    expect(await page.getByRole('main').count(), screen).toBe(1)
  }
  await context.close()
})
