import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { codeBlocks } from '../support/code-blocks.ts'
import { type DevService, startDevService } from '../support/dev-service.ts'
import { type OidcProvider, settingsFor, startOidcProvider } from '../support/oidc-provider.ts'
import { startChromium } from './chromium.ts'

const ADA = { sub: 'ada', email: 'ada@example.com', email_verified: true }

// The application of docs/social-sign-in.md, a real OpenID provider and the service, each on its own origin.
describe('a single-page application', () => {
  let home: OidcProvider
  let service: DevService
  let application: Server
  let browser: Browser
  let origin: string

  beforeAll(async () => {
    home = await startOidcProvider()
    application = createServer((_, response) => {
      response.setHeader('content-type', 'text/html; charset=utf-8')
      response.end(pageFor(origin, service.origin))
    })
    application.listen(0, '127.0.0.1')
    await once(application, 'listening')
    origin = `http://localhost:${(application.address() as AddressInfo).port}`
    const settings = { ...settingsFor(home), OAUTH_REDIRECT_URIS: `${origin}/`, CORS_ORIGINS: origin }
    service = await startDevService({ settings })
    home.serve([`${service.origin}/api/v1/auth/oauth/acme/callback`])
    browser = await startChromium()
  })

  afterAll(async () => {
    await browser?.close()
    application?.close()
    await service?.[Symbol.asyncDispose]()
    await home?.[Symbol.asyncDispose]()
  })

  async function signIn(): Promise<{ said: string | null; address: string }> {
    const page = await browser.newPage()
    await page.goto(origin)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.waitForFunction('document.querySelector("p")?.textContent !== ""')
    const said = await page.textContent('p')
    const address = page.url()
    await page.close()
    return { said, address }
  }

  it('signs in as documented, and no code stays in the address', async () => {
    home.setResident(ADA)
    expect(await signIn()).toEqual({ said: 'Signed in as ada@example.com', address: `${origin}/` })
    home.setResident({ ...ADA, email: 'countess@example.com' })
    expect((await signIn()).said).toBe('Signed in as ada@example.com')
  })

  it('gets an error if the user declines', async () => {
    home.setResident('denies')
    expect((await signIn()).said).toBe('Not signed in: access_denied')
  })
})

function pageFor(origin: string, service: string): string {
  const [page = ''] = codeBlocks('docs/social-sign-in.md', 'html')
  return page.replace('http://localhost:8787', service).replace('http://localhost:5173', origin)
}
