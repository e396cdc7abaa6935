import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type DevService, startDevService } from '../support/dev-service.ts'
import { apiOf } from './api.ts'
import { type Application, startApplication } from './application.ts'
import { startPermissiveChromium } from './chromium.ts'

const CREDENTIALS = { email: 'ada@example.com', password: 'correct horse battery staple' }

let application: Application
let stranger: Application
let browser: Awaited<ReturnType<typeof startPermissiveChromium>>
let lax: DevService
let none: DevService

beforeAll(async () => {
  browser = await startPermissiveChromium()
  ;[application, stranger] = await Promise.all([startApplication(), startApplication()])
  const settings = { COOKIE_ORIGINS: `${application.origin},${application.foreignOrigin}` }
  ;[lax, none] = await Promise.all([
    startDevService({ settings }),
    startDevService({ settings: { ...settings, COOKIE_SAME_SITE: 'None' } }),
  ])
  for (const { origin } of [lax, none])
    expect((await apiOf(origin).post('/auth/register', CREDENTIALS)).status).toBe(201)
})

afterAll(async () => {
  await Promise.all([browser, application, stranger, lax, none].map((started) => started?.[Symbol.asyncDispose]()))
})

afterEach(async () => {
  await Promise.all(browser.context.pages().map((page) => page.close()))
  await browser.context.clearCookies()
})

async function open(origin: string): Promise<Page> {
  const page = await browser.context.newPage()
  await page.goto(origin)
  return page
}

interface Answer {
  /** 0 if the browser did not give the answer to the script. */
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

/** A POST with cookies, sent by the application's script. */
const send = (page: Page, { origin }: DevService, path: string, body: unknown = {}, type = 'application/json') =>
  page.evaluate<Answer>(`(async () => {
    try {
      const response = await fetch('${origin}/api/v1/auth/${path}', {
        method: 'POST', credentials: 'include', headers: { 'content-type': '${type}' }, body: '${JSON.stringify(body)}',
      })
      const text = await response.text()
      return { status: response.status, body: text === '' ? {} : JSON.parse(text) }
    } catch {
      return { status: 0, body: {} }
    }
  })()`)

const signIn = (page: Page, service: DevService) =>
  send(page, service, 'login', { ...CREDENTIALS, session_mode: 'cookie' })

const cookieOf = async ({ origin }: DevService) =>
  (await browser.context.cookies(origin)).find(({ name }) => name === '__Host-lk_rt')

describe('R7 an application on an allowed origin', () => {
  it('signs in, refreshes and signs out with a cookie that its script cannot read', async () => {
    const page = await open(application.origin)
    const { status, body } = await signIn(page, lax)
    expect([status, Object.keys(body)]).toEqual([200, expect.not.arrayContaining(['refresh_token'])])
    const first = await cookieOf(lax)
    expect(first).toMatchObject({ secure: true, httpOnly: true, sameSite: 'Lax', path: '/', domain: 'localhost' })
    expect(await page.evaluate('document.cookie')).toBe('')

    const refreshed = await send(page, lax, 'refresh')
    expect([refreshed.status, Object.keys(refreshed.body)]).toEqual([
      200,
      expect.not.arrayContaining(['refresh_token']),
    ])
    expect((await cookieOf(lax))?.value).not.toBe(first?.value)
    expect((await apiOf(lax.origin).get('/users/me', String(refreshed.body.access_token))).status).toBe(200)

    expect((await send(page, lax, 'logout')).status).toBe(204)
    expect(await cookieOf(lax)).toBeUndefined()
    expect((await send(page, lax, 'refresh')).status).toBe(401)
  })

  it('on another site gets no cookie, unless a setting says None', async () => {
    const page = await open(application.foreignOrigin)
    expect((await signIn(page, lax)).status).toBe(200)
    expect(await cookieOf(lax)).toBeUndefined()
    expect((await send(page, lax, 'refresh')).status).toBe(401)

    expect((await signIn(page, none)).status).toBe(200)
    expect(await cookieOf(none)).toMatchObject({ secure: true, httpOnly: true, sameSite: 'None' })
    expect((await send(page, none, 'refresh')).status).toBe(200)
    expect((await send(page, none, 'logout')).status).toBe(204)
  })
})

describe('R7 any other page', () => {
  it('cannot sign in, nor use or end the session that the browser has', async () => {
    await signIn(await open(application.origin), none)
    const before = await cookieOf(none)
    for (const origin of [stranger.origin, stranger.foreignOrigin]) {
      const page = await open(origin)
      for (const path of ['login', 'refresh', 'logout']) {
        for (const type of ['application/json', 'text/plain'])
          expect((await send(page, none, path, {}, type)).status).toBe(0)
      }
      await submitForm(page, `${none.origin}/api/v1/auth/logout`)
      expect(JSON.parse((await page.locator('body').textContent()) ?? '')).toMatchObject({ status: 415 })
    }
    expect(await cookieOf(none)).toEqual(before)
    expect((await send(await open(application.origin), none, 'refresh')).status).toBe(200)
  })
})

/** A form whose body resembles JSON: a page can send it without a preflight request. */
async function submitForm(page: Page, action: string): Promise<void> {
  await page.setContent(
    `<form method="post" enctype="text/plain" action="${action}"><input name='{"a":"' value='"}'><button></button></form>`,
  )
  await page.getByRole('button').click()
  await page.waitForURL(action)
}
