import { TOTP } from 'otpauth'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { change } from '../support/local-database.ts'
import { type OidcProvider, type Resident, settingsFor, startOidcProvider } from '../support/oidc-provider.ts'
import { appOf, codeOf } from './authenticator-app.ts'
import { type MailedService, PASSWORD, startMailedService } from './mailed-service.ts'
import { readQr } from './read-qr.ts'
import { expectAccessible, fill, type Look, press, see, signInOn, tabTo, visit } from './steps.ts'
import { turnBack } from './turn-back.ts'
import { addPhone } from './virtual-authenticator.ts'

let home: OidcProvider
let started: MailedService

beforeAll(async () => {
  home = await startOidcProvider()
  started = await startMailedService(settingsFor(home))
  home.serve([`${started.service.origin}/api/v1/auth/oauth/acme/callback`])
})

afterAll(async () => {
  await started?.[Symbol.asyncDispose]()
  await home?.[Symbol.asyncDispose]()
})

const signInPage = (look?: Look, query = ''): Promise<Page> =>
  visit(started.browser, `${started.service.origin}/account/sign-in${query}`, look)

const TO_PROFILE = '?next=%2Faccount%2Fprofile'

const alertOf = (page: Page, text: string) => page.getByRole('alert').getByText(text).waitFor()

const signInByApi = async (email: string) => (await started.api.post('/auth/login', { email, password: PASSWORD })).body

/** A person with an authenticator app and recovery codes. */
async function withApp(): Promise<{ email: string; app: TOTP; codes: string[]; token: string }> {
  const email = await started.newPerson()
  const { access_token: token, refresh_token } = await signInByApi(email)
  const { body: offer } = await started.api.post('/users/me/totp/options', undefined, token)
  const app = appOf(offer.uri)
  const { body } = await started.api.post('/users/me/totp', { ticket: offer.ticket, code: app.generate() }, token)
  const renewed = await started.api.post('/auth/refresh', { refresh_token })
  return { email, app, codes: body.recovery_codes, token: renewed.body.access_token }
}

describe.each([
  { colorScheme: 'light', width: 1280 },
  { colorScheme: 'dark', width: 320 },
] as const)('on a $colorScheme screen of $width pixels', (look) => {
  it('a person signs up, confirms and signs in with a keyboard alone, and axe finds no problem', async () => {
    const email = `keyboard${look.width}@example.com`
    const page = await signInPage(look, TO_PROFILE)
    const arrive = async (heading: string) => {
      await page.locator(':focus', { hasText: heading }).waitFor()
      await expectAccessible(page)
      expect(await page.evaluate('document.documentElement.scrollWidth'), heading).toBe(look.width)
    }
    await see(page, 'Sign in')
    await tabTo(page, 'Create an account')
    await page.keyboard.press('Enter')
    await arrive('Create an account')
    await tabTo(page, 'E-mail address')
    await page.keyboard.type(email)
    await tabTo(page, 'Name')
    await page.keyboard.type('Ada Lovelace')
    await page.keyboard.press('Enter')
    await page.getByText('Please fill in this field.').waitFor()
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press('Enter')
    await arrive('Check your inbox')
    await tabTo(page, 'Continue')
    await page.keyboard.press('Enter')
    await page.waitForURL('**/account/profile')
    expect(await page.evaluate('localStorage.length + sessionStorage.length')).toBe(0)
    await page.context().close()
  })
})

describe('a new account', () => {
  it('waits for its address where that is required, has the link sent again, and then goes on', async () => {
    const page = await signInPage({}, TO_PROFILE)
    await page.getByRole('link', { name: 'Create an account' }).click()
    await see(page, 'Create an account')
    await fill(page, 'E-mail address', 'waits@example.com')
    await fill(page, 'New password', PASSWORD)
    await page.route('**/auth/login', (route) =>
      route.fulfill({ status: 403, contentType: 'application/problem+json', body: '{"code":"email_unverified"}' }),
    )
    await press(page, 'Create account')
    await see(page, 'Check your inbox')
    await started.mails.take('waits@example.com', /Confirm/)
    await press(page, 'Continue')
    await alertOf(page, 'The address is not confirmed yet.')
    await press(page, 'Send the link again')
    await page.getByRole('status').getByText('Another e-mail is on its way.').waitFor()
    const [link = ''] = (await started.mails.take('waits@example.com', /Confirm/)).links
    await page.unroute('**/auth/login')
    const other = await page.context().newPage()
    await other.goto(link)
    await press(other, 'Confirm address')
    await see(other, 'Your address is confirmed')
    await press(page, 'Continue')
    await page.waitForURL('**/account/profile')
    await page.context().close()
  })

  it('is not made twice for an address', async () => {
    const email = await started.newPerson()
    const page = await visit(started.browser, `${started.service.origin}/account/sign-up`)
    await fill(page, 'E-mail address', email)
    await fill(page, 'New password', PASSWORD)
    await press(page, 'Create account')
    await alertOf(page, 'There is an account with this address already.')
    expect(await page.getByLabel('E-mail address').inputValue()).toBe(email)
    await page.context().close()
  })
})

describe('a sign-in that does not work', () => {
  it('says why, keeps the address, and puts the focus where it helps', async () => {
    const email = await started.newPerson()
    const page = await signInPage()
    await press(page, 'Sign in')
    expect(await page.getByText('Please fill in this field.').count()).toBe(2)
    expect(await page.locator(':focus').getAttribute('name')).toBe('email')
    await expectAccessible(page)
    await signInOn(page, email, 'not my password')
    await alertOf(page, 'The e-mail address or password is wrong.')
    expect(await page.getByLabel('E-mail address').inputValue()).toBe(email)
    await expectAccessible(page)

    const problem = (status: number, code: string, headers: Record<string, string> = {}) =>
      page.route(
        '**/auth/login',
        (route) =>
          route.fulfill({ status, contentType: 'application/problem+json', headers, body: JSON.stringify({ code }) }),
        { times: 1 },
      )
    await problem(429, 'rate_limited', { 'retry-after': '900' })
    await press(page, 'Sign in')
    await alertOf(page, 'Too many attempts. Please try again in 15 minutes.')
    await problem(403, 'account_suspended')
    await press(page, 'Sign in')
    await alertOf(page, 'This account is suspended.')
    await page.context().setOffline(true)
    await press(page, 'Sign in')
    await alertOf(page, 'You seem to be offline.')
    await page.context().setOffline(false)
    await fill(page, 'Password', PASSWORD)
    await press(page, 'Sign in')
    await page.waitForURL('**/account')
    await page.context().close()
  })
})

it('offers passkeys in the field for the address, and again before the challenge is too old', async () => {
  const page = await visit(started.browser, `${started.service.origin}/account/forgot-password`)
  await page.clock.install()
  await page.addInitScript(`{
    const get = navigator.credentials.get.bind(navigator.credentials)
    globalThis.offers = 0
    navigator.credentials.get = (options) => {
      globalThis.offers++
      return get(options)
    }
  }`)
  const isOffered = (times: number) => page.waitForFunction(`offers === ${times}`)
  await page.goto(`${started.service.origin}/account/sign-in?next=%2Faccount%2Fsign-in`)
  await isOffered(1)
  expect(await page.getByLabel('E-mail address').getAttribute('autocomplete')).toBe('username webauthn')
  await page.clock.fastForward(4.5 * 60_000 + 1000)
  await isOffered(2)
  await signInOn(page, await started.newPerson())
  await page.waitForURL('**/account')
  await page.context().close()
})

describe('a browser that makes passkeys without asking', () => {
  // Chromium does so only for a password that its own manager has just filled in.
  const MAKES_PASSKEYS = `{
    PublicKeyCredential.getClientCapabilities = async () => ({ conditionalCreate: true })
    PublicKeyCredential.isConditionalMediationAvailable = async () => false
    const create = navigator.credentials.create.bind(navigator.credentials)
    navigator.credentials.create = ({ publicKey, mediation }) => create({ publicKey: { ...publicKey,
      challenge: mediation === 'conditional' ? publicKey.challenge : new Uint8Array(16) } })
  }`

  it('adds one after a password, and takes it back where it could not be added', async () => {
    const email = await started.newPerson()
    const page = await visit(started.browser, `${started.service.origin}/account/forgot-password`)
    await page.addInitScript(MAKES_PASSKEYS)
    const phone = await addPhone(page)
    await page.route('**/users/me/passkeys', (route) => route.abort(), { times: 1 })
    await page.goto(`${started.service.origin}/account/sign-in`)
    const made = page.waitForRequest('**/users/me/passkeys')
    await signInOn(page, email)
    await made
    await expect.poll(() => phone.credentialIds()).toEqual([])
    await press(page, 'Sign out')
    const added = page.waitForResponse('**/users/me/passkeys')
    await signInOn(page, email)
    expect((await added).status()).toBe(201)
    expect(await phone.credentialIds()).toHaveLength(1)
    expect(await page.getByRole('alert').filter({ hasText: /./ }).count()).toBe(0)
    await press(page, 'Sign out')
    await press(page, 'Sign in with a passkey')
    await see(page, 'Your account')
    await page.context().close()
  })
})

describe('the second step', () => {
  it('takes a code, once, and begins again with the address when its time is over', async () => {
    const { email, app } = await withApp()
    const page = await signInPage({}, TO_PROFILE)
    await page.clock.install()
    await signInOn(page, email)
    await see(page, 'Enter your code')
    await expectAccessible(page)
    await fill(page, 'Code from your authenticator app', 'twelve')
    await press(page, 'Continue')
    await page.getByText('Please enter the six digits that your app shows.').waitFor()
    await fill(page, 'Code from your authenticator app', app.generate({ timestamp: Date.now() - 300_000 }))
    await press(page, 'Continue')
    await alertOf(page, 'That code is wrong or was already used.')
    await page.clock.fastForward(4 * 60_000 + 5000)
    await page.getByRole('status').getByText('Less than a minute is left').waitFor()
    await page.clock.fastForward(60_000)
    await see(page, 'Sign in')
    await alertOf(page, 'That took too long.')
    expect(await page.getByLabel('E-mail address').inputValue()).toBe(email)
    await signInOn(page, email)
    await fill(page, 'Code from your authenticator app', codeOf(app, 1))
    await press(page, 'Continue')
    await page.waitForURL('**/account/profile')
    await page.context().close()
  })

  it('takes a recovery code, and says how many are left', async () => {
    const { email, codes } = await withApp()
    const page = await signInPage({ width: 320, colorScheme: 'dark' }, TO_PROFILE)
    await signInOn(page, email)
    await press(page, 'Use a recovery code')
    await see(page, 'Enter a recovery code')
    await expectAccessible(page)
    await fill(page, 'Recovery code', (codes[0] ?? '').toLowerCase().replaceAll('-', ' '))
    await press(page, 'Use this code')
    await see(page, 'You used a recovery code')
    await page.getByText('Unused codes: 9.').waitFor()
    await expectAccessible(page)
    await press(page, 'Continue')
    await page.waitForURL('**/account/profile')
    await page.context().close()
  })

  it('gives a deleted account back', async () => {
    const { email, codes, token } = await withApp()
    expect((await started.api.remove('/users/me', token)).status).toBe(202)
    const page = await signInPage()
    await signInOn(page, email)
    await see(page, 'Your account is deleted')
    await page.getByText(/will be erased on \d+ \w+ \d{4}/).waitFor()
    await expectAccessible(page)
    await press(page, 'Restore my account')
    await press(page, 'Use a recovery code')
    await fill(page, 'Recovery code', codes[0] ?? '')
    await press(page, 'Use this code')
    await press(page, 'Continue')
    await see(page, 'Your account')
    await page.context().close()
  })
})

describe('a second factor that is due', () => {
  async function due(): Promise<string> {
    const email = await started.newPerson()
    change(started.service, 'UPDATE users SET two_step_due_at = ? WHERE two_step_at IS NULL', Date.now() - 1)
    return email
  }

  const mailedCode = async (email: string) =>
    /\b\d{8}\b/.exec((await started.mails.take(email, /^Your code for/)).text)?.[0] ?? ''

  it('M11 is an app, with a code from the mailbox, and recovery codes are shown before going on', async () => {
    const email = await due()
    const page = await signInPage({}, TO_PROFILE)
    await signInOn(page, email)
    await see(page, 'A second step is required')
    await expectAccessible(page)
    await press(page, 'Send code')
    await see(page, 'Set up your second step')
    const app = appOf(await readQr(page.getByRole('img', { name: /^QR code/ })))
    await page.getByText(/^[A-Z2-7]{4}( [A-Z2-7]{4}){7}$/).waitFor()
    await expectAccessible(page)
    const code = await mailedCode(email)
    await fill(page, 'Code from the e-mail', code === '00000000' ? '11111111' : '00000000')
    await fill(page, 'Code from your authenticator app', app.generate())
    await press(page, 'Finish')
    await alertOf(page, 'The code from the e-mail is wrong.')
    await press(page, 'Send the code again')
    await page.getByRole('status').getByText('Another e-mail with the code').waitFor()
    await fill(page, 'Code from the e-mail', code)
    await press(page, 'Finish')
    await see(page, 'Save your recovery codes')
    await expectAccessible(page)
    await press(page, 'I have saved them')
    await page.waitForURL('**/account/profile')
    await page.context().close()
  })

  it('M11 W16 is a passkey, which a wrong code from the mail does not make twice', async () => {
    const email = await due()
    const page = await signInPage({}, TO_PROFILE)
    await signInOn(page, email)
    const phone = await addPhone(page)
    await press(page, 'Use a passkey instead')
    await see(page, 'Set up your second step')
    await expectAccessible(page)
    const code = await mailedCode(email)
    await fill(page, 'Code from the e-mail', code === '00000000' ? '11111111' : '00000000')
    await press(page, 'Finish')
    await alertOf(page, 'The code from the e-mail is wrong.')
    await fill(page, 'Code from the e-mail', code)
    await press(page, 'Finish')
    await see(page, 'Save your recovery codes')
    expect(await phone.credentialIds()).toHaveLength(1)
    await press(page, 'I have saved them')
    await page.waitForURL('**/account/profile')
    await page.context().close()
  })

  // The service makes such tokens only where no mail leaves, so it is played here.
  it('can be added with the link of an operator, once', async () => {
    const link = `${started.service.origin}/account/sign-in#token=v2.made.up`
    const page = await visit(started.browser, `${started.service.origin}/account/forgot-password`)
    const uri = new TOTP({ issuer: 'Latchkey', label: 'ada@example.com' }).toString()
    const sent: unknown[] = []
    await page.route('**/auth/enrol/**', (route) => {
      sent.push(route.request().postDataJSON())
      const offer = { ticket: 't', secret: 'JBSWY3DPEHPK3PXP', uri, expires_in: 600 }
      return route.fulfill({ status: 201, json: sent.length === 1 ? offer : { recovery_codes: ['AAAA-BBBB'] } })
    })
    await page.goto(link)
    await see(page, 'Set up a second step')
    expect(page.url()).toBe(`${started.service.origin}/account/sign-in`)
    await expectAccessible(page)
    await press(page, 'Begin')
    const app = appOf(await readQr(page.getByRole('img', { name: /^QR code/ })))
    await fill(page, 'Code from your authenticator app', app.generate())
    await press(page, 'Finish')
    await press(page, 'I have saved them')
    await see(page, 'Sign in')
    expect(sent).toMatchObject([{ enrolment_token: 'v2.made.up' }, { enrolment_token: 'v2.made.up', ticket: 't' }])
    const again = await visit(started.browser, link)
    await press(again, 'Begin')
    await see(again, 'This link does not work any more')
    await expectAccessible(again)
    await press(again, 'Go to sign-in')
    await see(again, 'Sign in')
    await Promise.all([page.context().close(), again.context().close()])
  })
})

describe('a provider', () => {
  it('signs a new person up, and in later, and goes on to where they wanted to go', async () => {
    const page = await pageForProvider(TO_PROFILE)
    home.setResident({ sub: 'grace', email: 'grace@example.com', email_verified: true })
    await page.getByRole('link', { name: 'Create an account' }).click()
    await press(page, 'Sign up with Acme')
    await page.waitForURL('**/account/profile')
    await press(page, 'Sign out')
    await press(page, 'Sign in with Acme')
    await see(page, 'Your account')
    await page.getByText('grace@example.com').first().waitFor()
    await page.context().close()
  })

  /** Another origin takes part, so this page may go there. */
  async function pageForProvider(query = '', bypassCSP = false): Promise<Page> {
    const page = await (await started.browser.newContext({ locale: 'en-GB', bypassCSP })).newPage()
    await page.goto(`${started.service.origin}/account/sign-in${query}`)
    return page
  }

  it('V9 confirms a change in another tab, by keyboard alone, and keeps what was typed', async () => {
    const page = await pageForProvider(TO_PROFILE, true)
    await turnBack(page, started.service, 'oauth/token')
    const grace = { sub: 'grace', email: 'grace@example.com', email_verified: true }
    home.setResident(grace)
    await press(page, 'Sign in with Acme')
    await page.waitForURL('**/account/profile')
    await fill(page, 'New e-mail address', 'hopper@example.com')
    await page.keyboard.press('Enter')
    await see(page, 'Is it still you?')
    await page.getByText('nothing is lost here').waitFor()
    await expectAccessible(page)
    const signInThereAs = async (person: Resident) => {
      home.setResident(person)
      await page.context().clearCookies({ domain: new URL(home.issuer).hostname })
    }
    await signInThereAs({ ...grace, sub: 'somebody else' })
    await pressInTab(page)
    await alertOf(page, 'Please sign in there with the account that is linked here.')
    await signInThereAs(grace)
    await pressInTab(page)
    await page.getByText('hopper@example.com').first().waitFor()
    expect(await page.getByRole('dialog').isVisible()).toBe(false)
    expect(await page.evaluate('sessionStorage.length + localStorage.length')).toBe(0)
    await page.context().close()
  })

  /** Presses the button that has the focus. @returns when the tab that it opens has come back */
  async function pressInTab(page: Page): Promise<void> {
    await page.getByRole('button', { name: 'Sign in again with Acme' }).and(page.locator(':focus')).waitFor()
    const [tab] = await Promise.all([page.waitForEvent('popup'), page.keyboard.press('Enter')])
    // The browser decides whether a script may close it.
    await Promise.race([tab.waitForEvent('close'), see(tab, 'You can close this tab')])
    if (!tab.isClosed()) expect(tab.url()).toBe(`${started.service.origin}/account/sign-in`)
  }

  it('says that nobody is linked, that it was declined, and keeps where the person wants to go', async () => {
    const page = await pageForProvider(TO_PROFILE)
    home.setResident({ sub: 'stranger', email: 'stranger@example.com', email_verified: true })
    await press(page, 'Sign in with Acme')
    await alertOf(page, 'is not linked to an account')
    expect(page.url()).toBe(`${started.service.origin}/account/sign-in${TO_PROFILE}`)
    expect(await page.evaluate('sessionStorage.length')).toBe(0)
    home.setResident('denies')
    const other = await pageForProvider()
    await press(other, 'Sign in with Acme')
    await alertOf(other, 'That sign-in did not work.')
    await Promise.all([page.context().close(), other.context().close()])
  })
})
