import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type DevService, startDevService } from '../support/dev-service.ts'
import { startChromium } from './chromium.ts'
import { PASSWORD } from './mailed-service.ts'
import { expectAccessible, fill, press, see } from './steps.ts'
import { addPhone, type VirtualAuthenticator } from './virtual-authenticator.ts'

const OLD = 'https://old.example'
const NEW = 'https://new.example'
const EMAIL = 'ada@example.com'

let service: DevService
let browser: Browser

const start = (settings: Readonly<Record<string, string>>, after?: DevService) =>
  startDevService({ scheme: 'https', settings: { MAIL_TRANSPORT: 'off', ...settings }, ...(after && { after }) })

/** Starts the service again, with the same people and other settings. */
async function restart(settings: Readonly<Record<string, string>>): Promise<void> {
  await service.stop()
  service = await start(settings, service)
}

beforeAll(async () => {
  service = await start({ ISSUER: OLD })
  const { port } = new URL(service.origin)
  const hosts = [OLD, NEW].map((origin) => `MAP ${new URL(origin).host}:443 127.0.0.1:${port}`)
  browser = await startChromium([`--host-resolver-rules=${hosts.join(', ')}`, '--ignore-certificate-errors'])
})

afterAll(async () => {
  await browser?.close()
  await service?.[Symbol.asyncDispose]()
})

/** A page that fills in no passkey by itself. */
async function newPage(): Promise<Page> {
  const context = await browser.newContext({ locale: 'en-GB', bypassCSP: true, ignoreHTTPSErrors: true })
  const page = await context.newPage()
  await page.addInitScript('PublicKeyCredential.isConditionalMediationAvailable = async () => false')
  return page
}

async function register(page: Page): Promise<void> {
  const body = JSON.stringify({ email: EMAIL, password: PASSWORD })
  const options = { method: 'POST', headers: { 'content-type': 'application/json' }, body }
  const sent = `fetch('/api/v1/auth/register', ${JSON.stringify(options)}).then(({ status }) => status)`
  expect(await page.evaluate(sent)).toBe(201)
}

async function signInWithPassword(page: Page): Promise<void> {
  await fill(page, 'E-mail address', EMAIL)
  await fill(page, 'Password', PASSWORD)
  await press(page, 'Sign in')
  await see(page, 'How you sign in')
}

describe('W16 a service that moved to another domain', () => {
  let page: Page
  let phone: VirtualAuthenticator

  it('has passkeys of the old one', async () => {
    page = await newPage()
    phone = await addPhone(page)
    await page.goto(`${OLD}/account/security`)
    await register(page)
    await signInWithPassword(page)
    await press(page, 'Add a passkey')
    await page.getByRole('status').getByText('Your new passkey is added.').waitFor()
  })

  it('marks them, and browsers do not offer them', async () => {
    await restart({ ISSUER: NEW })
    await page.goto(`${NEW}/account/security`)
    const asked = page.waitForResponse('**/auth/passkey/options')
    await press(page, 'Sign in with a passkey')
    await asked
    await page.locator('form[aria-busy=false]').waitFor()
    expect(await page.getByRole('alert').filter({ hasText: /./ }).count()).toBe(0)
    await signInWithPassword(page)
    await page.getByText('Made for another address of this service').waitFor()
    await expectAccessible(page)
    expect(await page.getByRole('button', { name: 'Turn on' }).count()).toBe(0)
    expect(await phone.credentialIds()).toHaveLength(1)
  })

  it('signs in with them where it keeps the old domain for passkeys, because its origins are related', async () => {
    await press(page, 'Sign out')
    await page.waitForURL('**/account/sign-in')
    await restart({ ISSUER: NEW, WEBAUTHN_RP_ID: new URL(OLD).host, WEBAUTHN_ORIGINS: `${OLD},${NEW}` })
    await page.goto(`${NEW}/account/security`)
    await press(page, 'Sign in with a passkey')
    await page.getByRole('listitem').getByText('Also on your other devices.').waitFor()
    const marks = page.getByText('Made for another address of this service')
    expect(await marks.filter({ visible: true }).count()).toBe(0)
  })
})
