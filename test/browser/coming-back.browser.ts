import { createHash, randomBytes } from 'node:crypto'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type OidcProvider, settingsFor, startOidcProvider } from '../support/oidc-provider.ts'
import { type Application, startApplication } from './application.ts'
import { type MailedService, PASSWORD, startMailedService } from './mailed-service.ts'
import { expectAccessible, fill, press, see } from './steps.ts'

let home: OidcProvider
let application: Application
let started: MailedService

beforeAll(async () => {
  home = await startOidcProvider()
  application = await startApplication()
  started = await startMailedService({
    ...settingsFor(home),
    EMAIL_SIGN_IN: 'on',
    RETURN_ADDRESSES: `${application.origin}/signed-in`,
  })
  home.serve([`${started.service.origin}/api/v1/auth/oauth/acme/callback`])
})

afterAll(async () => {
  await started?.[Symbol.asyncDispose]()
  await application?.[Symbol.asyncDispose]()
  await home?.[Symbol.asyncDispose]()
})

/** What an application keeps while a person signs in (RFC 7636). */
function newVisit() {
  const verifier = randomBytes(32).toString('base64url')
  // An application may begin its state as the pages begin theirs.
  const state = `tab-${randomBytes(8).toString('base64url')}`
  const query = new URLSearchParams({
    return_to: `${application.origin}/signed-in`,
    state,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  })
  return { verifier, state, path: `/account/sign-in?${query}` }
}

type Visit = ReturnType<typeof newVisit>

const profile = (width = 1280): Promise<BrowserContext> =>
  started.browser.newContext({ locale: 'en-GB', bypassCSP: true, viewport: { width, height: 900 } })

async function open(context: BrowserContext, { path }: Visit): Promise<Page> {
  const page = await context.newPage()
  page.on('pageerror', (error) => expect.unreachable(error.message))
  await page.goto(started.service.origin + path)
  return page
}

const host = () => new URL(application.origin).host

async function signIn(page: Page, email: string): Promise<void> {
  await see(page, `Sign in to continue to ${host()}`)
  await fill(page, 'E-mail address', email)
  await fill(page, 'Password', PASSWORD)
  await press(page, 'Sign in')
}

/** The application exchanges the code in its address. @returns the address of the account */
async function arrive(page: Page, { verifier, state }: Visit): Promise<string> {
  await page.waitForURL(`${application.origin}/signed-in?*`)
  const { searchParams } = new URL(page.url())
  expect([searchParams.get('state'), searchParams.get('iss')]).toEqual([state, started.service.origin])
  const { status, body } = await started.api.post('/auth/oauth/token', {
    code: searchParams.get('code'),
    code_verifier: verifier,
    redirect_uri: `${application.origin}/signed-in`,
  })
  expect(status).toBe(200)
  return body.user.email
}

describe('an application that sends a person here', () => {
  it('V10 gets them back with a code, after a look at the other screens', async () => {
    const email = await started.newPerson()
    const visit = newVisit()
    const page = await open(await profile(320), visit)
    await see(page, `Sign in to continue to ${host()}`)
    await expectAccessible(page)
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320)
    await page.getByRole('link', { name: 'Create an account' }).click()
    await see(page, 'Create an account')
    await page.getByRole('link', { name: 'Sign in' }).click()
    await page.getByRole('link', { name: 'Forgot password' }).click()
    await see(page, 'Forgot your password?')
    await page.getByRole('link', { name: 'Back to sign-in' }).click()
    await signIn(page, email)
    expect(await arrive(page, visit)).toBe(email)
    await page.context().close()
  })

  it('gets back somebody who is signed in already when they say so, and can be given another account', async () => {
    const [email, other] = [await started.newPerson(), await started.newPerson()]
    const context = await profile()
    const first = newVisit()
    const page = await open(context, first)
    await signIn(page, email)
    await arrive(page, first)

    const second = newVisit()
    await page.goto(started.service.origin + second.path)
    await see(page, `Continue to ${host()}`)
    await page.getByText(`You are signed in to Latchkey as ${email}.`).waitFor()
    await expectAccessible(page)
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    expect(await arrive(page, second)).toBe(email)

    const third = newVisit()
    await page.goto(started.service.origin + third.path)
    await press(page, 'Use another account')
    await signIn(page, other)
    expect(await arrive(page, third)).toBe(other)
    await context.close()
  })

  it('learns that the person gave up', async () => {
    const visit = newVisit()
    const page = await open(await profile(), visit)
    await page.getByRole('link', { name: 'Do not sign in, and go back' }).click()
    await page.waitForURL(`${application.origin}/signed-in?*`)
    const { searchParams } = new URL(page.url())
    expect([searchParams.get('error'), searchParams.get('state')]).toEqual(['access_denied', visit.state])
    await page.context().close()
  })

  it('gets a new person back, who signs up on the way', async () => {
    const visit = newVisit()
    const page = await open(await profile(), visit)
    await page.getByRole('link', { name: 'Create an account' }).click()
    await see(page, 'Create an account')
    await fill(page, 'E-mail address', 'new@example.com')
    await page.getByText('You then go back to the application.').waitFor()
    await fill(page, 'New password', PASSWORD)
    await press(page, 'Create account')
    await see(page, 'Check your inbox')
    await press(page, 'Continue')
    await see(page, `Continue to ${host()}`)
    await press(page, 'Continue')
    expect(await arrive(page, visit)).toBe('new@example.com')
    await page.context().close()
  })

  it('gets a person back from the tab of a mailed link', async () => {
    const email = await started.newPerson()
    const visit = newVisit()
    const page = await open(await profile(), visit)
    await fill(page, 'E-mail address', email)
    await press(page, 'E-mail me a code')
    await see(page, 'Check your inbox')
    const [link = ''] = (await started.mails.take(email, /Sign in/)).links
    const other = await page.context().newPage()
    await other.goto(link)
    await see(other, 'Continue with this link')
    await press(other, 'Continue')
    expect(await arrive(other, visit)).toBe(email)
    await page.context().close()
  })

  it('is remembered on the way to a provider and back', async () => {
    const visit = newVisit()
    const page = await open(await profile(), visit)
    home.setResident('denies')
    await press(page, 'Sign in with Acme')
    await page.getByRole('alert').getByText('That sign-in did not work.').waitFor()
    await see(page, `Sign in to continue to ${host()}`)
    await signIn(page, await started.newPerson())
    await arrive(page, visit)
    await page.context().close()
  })
})

describe('a link that is wrong', () => {
  it.each([
    ['leads elsewhere', (path: string) => path.replace('signed-in', 'elsewhere')],
    ['has no challenge', (path: string) => path.replace('code_challenge=', 'other=')],
    ['has another method', (path: string) => path.replace('S256', 'plain')],
    ['leads to a script', (path: string) => path.replace(/return_to=[^&]*/, 'return_to=javascript%3Aalert(1)')],
  ])('V10 is called wrong where it %s, and leads nowhere', async (_, spoil) => {
    const visit = newVisit()
    const page = await open(await profile(), { ...visit, path: spoil(visit.path) })
    await see(page, 'This link is wrong')
    expect(await page.getByRole('main').getByRole('link').count()).toBe(0)
    expect(await page.getByRole('main').getByRole('button').count()).toBe(0)
    await expectAccessible(page)
    await page.context().close()
  })
})
