import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import axe, { type AxeResults } from 'axe-core'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findFreePort } from '../../src/cli/dev/free-port.ts'
import { type DevService, startDevService } from '../support/dev-service.ts'
import { startChromium } from './chromium.ts'

const password = 'correct horse battery staple'

let service: DevService
let browser: Browser
let appPort: number

beforeAll(async () => {
  appPort = await findFreePort(5173)
  browser = await startChromium()
  service = await startDevService({ settings: { COOKIE_ORIGINS: `http://localhost:${appPort}` } })
})

afterAll(async () => {
  await Promise.all([browser?.close(), service?.[Symbol.asyncDispose]()])
})

describe.each(['light', 'dark'] as const)('/docs in %s', (colorScheme) => {
  it('shows the API, keeps to its policy, fetches nothing from elsewhere, and tries a request', async () => {
    const context = await browser.newContext({ colorScheme })
    const page = await context.newPage()
    const complaints: string[] = []
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text())
    })
    page.on('request', (request) => {
      if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(service.origin))
        complaints.push(request.url())
    })
    await page.goto(`${service.origin}/docs`)
    const operation = page.locator('#operations-Sign-in-register')
    await operation.locator('.opblock-summary-control').click()
    await operation.locator('textarea').fill(JSON.stringify({ email: `${colorScheme}@example.com`, password }))
    await operation.locator('.execute').click()
    const status = operation.locator('.live-responses-table .response .response-col_status')
    await status.waitFor()
    expect(await status.textContent()).toContain('201')
    expect(complaints).toEqual([])
    const background = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor')
    expect(background).toBe(colorScheme === 'dark' ? 'rgb(28, 32, 34)' : 'rgb(255, 255, 255)')
    await context.close()
  })

  it('is readable: axe finds no text with too little contrast, except the colours of examples', async () => {
    // The policy of the page would block axe, so it is bypassed.
    const context = await browser.newContext({ colorScheme, bypassCSP: true })
    const page = await context.newPage()
    await page.goto(`${service.origin}/docs`)
    const operation = page.locator('#operations-Sign-in-register')
    await operation.locator('.opblock-summary-control').click()
    await operation.getByRole('tab', { name: 'Schema' }).first().click()
    await operation.locator('.json-schema-2020-12__constraint').first().waitFor()
    await page.evaluate(axe.source)
    const { violations } = await page.evaluate<AxeResults>(
      "axe.run({ exclude: ['.microlight'] }, { runOnly: ['color-contrast'] })",
    )
    expect(violations.flatMap(({ nodes }) => nodes.map(({ html }) => html))).toEqual([])
    await context.close()
  })
})

describe('the example of a browser application', () => {
  it('signs in with the cookie from another origin, survives a reload, and signs out', async () => {
    await using server = createServer((_, response) => {
      response.setHeader('content-type', 'text/html; charset=utf-8')
      response.end(readFileSync('docs/examples/browser-app.html'))
    })
    server.listen(appPort, '127.0.0.1')
    await once(server, 'listening')
    const email = 'ada@example.com'
    await fetch(`${service.origin}/api/v1/auth/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email, password }),
    })
    const page = await browser.newPage()
    const shows = (text: string) => page.locator('#state', { hasText: text }).waitFor()
    await page.goto(`http://localhost:${appPort}/?api=${service.origin}`)
    await shows('Signed out')
    await page.fill('[name=email]', email)
    await page.fill('[name=password]', 'a wrong one')
    await page.click('[type=submit]')
    await shows('is wrong')
    await page.fill('[name=password]', password)
    await page.click('[type=submit]')
    await shows(`Signed in as ${email}`)
    await page.reload()
    await shows(`Signed in as ${email}`)
    expect(await page.evaluate('document.cookie')).toBe('')
    await page.evaluate(axe.source)
    const { violations } = await page.evaluate<AxeResults>('axe.run()')
    expect(violations.filter(({ impact }) => impact === 'critical').map(({ id }) => id)).toEqual([])
    await page.click('#sign-out')
    await shows('Signed out')
    await page.reload()
    await shows('Signed out')
    await page.close()
    server.closeAllConnections()
  })
})
