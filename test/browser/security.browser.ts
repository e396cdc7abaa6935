import type { TOTP } from 'otpauth'
import type { Page, Route } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { change } from '../support/local-database.ts'
import { appOf } from './authenticator-app.ts'
import { type MailedService, PASSWORD, startMailedService } from './mailed-service.ts'
import { expectAccessible, fill, type Look, press, see, visit } from './steps.ts'
import { turnBack } from './turn-back.ts'
import { addPhone } from './virtual-authenticator.ts'

const NEW_PASSWORD = 'an even longer battery staple'

let started: MailedService

beforeAll(async () => {
  started = await startMailedService()
})

afterAll(() => started?.[Symbol.asyncDispose]())

/** The screen of factors, after a sign-in. @param email of the person */
async function signedIn(email: string, { path = '/account/security', isOld = false, ...look }: Visit = {}) {
  const page = await visit(started.browser, started.service.origin + path, look)
  if (isOld) await turnBack(page, started.service, 'login')
  await fill(page, 'E-mail address', email)
  await fill(page, 'Password', PASSWORD)
  await press(page, 'Sign in')
  await see(page, 'How you sign in')
  await see(page, 'Two-step sign-in')
  return page
}

interface Visit extends Look {
  readonly path?: string
  /** Whether the sign-in is too long ago for changes. */
  readonly isOld?: boolean
}

/** Gives the account an authenticator app that it does not sign in with. */
async function giveApp(email: string): Promise<TOTP> {
  const { api } = started
  const { body: session } = await api.post('/auth/login', { email, password: PASSWORD })
  const { body: offer } = await api.post('/users/me/totp/options', undefined, session.access_token)
  const app = appOf(offer.uri)
  const body = { ticket: offer.ticket, code: app.generate(), two_step: false }
  expect((await api.post('/users/me/totp', body, session.access_token)).status).toBe(201)
  return app
}

/** The focus is in a dialog, or the browser itself has it. */
const IS_INSIDE = "document.activeElement === document.body || document.activeElement.closest('dialog') !== null"

const dialogOf = (page: Page) => page.getByRole('dialog', { name: 'Is it still you?' })

const refuse =
  (code: string, status: number, headers: Record<string, string> = {}) =>
  (route: Route) =>
    route.fulfill({
      status,
      headers: { 'content-type': 'application/problem+json', ...headers },
      body: JSON.stringify({ code }),
    })

describe('V9 a step-up in place', () => {
  it('is given up by keyboard without losing what was typed, and then goes on', async () => {
    const page = await signedIn(await started.newPerson(), { isOld: true })
    await press(page, 'Choose a new password')
    await fill(page, 'Current password', PASSWORD)
    await fill(page, 'New password', NEW_PASSWORD)
    await page.keyboard.press('Enter')
    await dialogOf(page).locator('[name=password]:focus').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('alert').getByText('Nothing was changed').waitFor()
    await expectAccessible(page)
    expect(await page.getByLabel('New password', { exact: true }).inputValue()).toBe(NEW_PASSWORD)
    expect(await page.evaluate('document.activeElement.name')).toBe('new_password')

    await page.keyboard.press('Enter')
    await dialogOf(page).getByRole('button', { name: 'Cancel' }).click()
    await dialogOf(page).waitFor({ state: 'hidden' })
    await page.locator('[name=new_password]:focus').waitFor()
    await page.keyboard.press('Enter')
    await dialogOf(page).locator('[name=password]:focus').waitFor()
    // The focus stays within the dialog.
    for (let presses = 0; presses < 5; presses++) {
      await page.keyboard.press('Tab')
      expect(await page.evaluate(IS_INSIDE)).toBe(true)
    }
    await dialogOf(page).locator('[name=password]').focus()
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press('Enter')
    await page.getByRole('status').getByText('Your new password is set.').waitFor()
    await page.context().close()
  })

  it('says that the browser is offline, that the service is slow, and how long to wait', async () => {
    const page = await signedIn(await started.newPerson(), { isOld: true, width: 320, colorScheme: 'dark' })
    let release = () => {}
    await page.route('**/users/me/factors', async (route) => {
      await new Promise<void>((resolve) => {
        release = resolve
      })
      await route.continue()
    })
    await press(page, 'Add app')
    await dialogOf(page).getByText('One moment').waitFor()
    await expectAccessible(page)
    release()
    await page.unroute('**/users/me/factors')
    await dialogOf(page).getByLabel('Password', { exact: true }).fill(PASSWORD)
    await page.context().setOffline(true)
    await press(page, 'Confirm')
    await dialogOf(page).getByRole('alert').getByText('You seem to be offline.').waitFor()
    await page.context().setOffline(false)
    await page.route('**/auth/step-up', refuse('rate_limited', 429, { 'retry-after': '40' }), { times: 1 })
    await press(page, 'Confirm')
    await dialogOf(page).getByRole('alert').getByText('Please try again in 40 seconds.').waitFor()
    await expectAccessible(page)
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320)
    await press(page, 'Confirm')
    await see(page, 'Set up an authenticator app')
    await page.context().close()
  })

  it('asks once for several changes', async () => {
    const email = await started.newPerson()
    await giveApp(email)
    const page = await signedIn(email, { isOld: true })
    const held: (() => void)[] = []
    const hold = async (route: Route) => {
      const answer = await route.fetch()
      await new Promise<void>((resolve) => {
        held.push(resolve)
      })
      await route.fulfill({ response: answer })
    }
    await addPhone(page)
    await page.route('**/users/me/passkeys/options', hold, { times: 1 })
    await page.route('**/users/me/totp/options', hold, { times: 1 })
    const proofs: string[] = []
    const retries: string[] = []
    page.on('request', (request) => request.url().endsWith('/auth/step-up') && proofs.push(request.url()))
    await press(page, 'Add a passkey')
    await press(page, 'Replace app')
    await expect.poll(() => held.length).toBe(2)
    page.on('response', (answer) => /\/options$/.test(answer.url()) && retries.push(answer.url()))
    for (const release of held) release()
    await dialogOf(page).getByLabel('Password', { exact: true }).fill(PASSWORD)
    expect(await page.getByRole('dialog').count()).toBe(1)
    await press(page, 'Confirm')
    await expect.poll(() => retries.length).toBe(4)
    expect(proofs).toHaveLength(1)
    expect(await page.getByRole('dialog').count()).toBe(0)
    await page.context().close()
  })

  it('goes on to the second factor when the account needs two by now', async () => {
    const email = await started.newPerson()
    const app = await giveApp(email)
    const page = await signedIn(email, { isOld: true })
    await press(page, 'Remove app')
    await press(page, 'Remove app')
    await press(page, 'Use my authenticator app')
    await dialogOf(page).locator('[name=totp]:focus').waitFor()
    await press(page, 'Use my password')
    await dialogOf(page).locator('[name=password]:focus').waitFor()
    change(started.service, 'UPDATE users SET two_step_at = ? WHERE two_step_at IS NULL', Date.now())
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press('Enter')
    await dialogOf(page).getByRole('status').getByText('Your account needs a second step by now').waitFor()
    await dialogOf(page).locator('[name=totp]:focus').waitFor()
    await expectAccessible(page)
    expect(await page.getByRole('button', { name: 'Use my password' }).count()).toBe(0)
    await page.keyboard.type('123456')
    await page.keyboard.press('Enter')
    await dialogOf(page).getByText('That code is wrong or was already used.').waitFor()
    await fill(page, 'Code from your authenticator app', app.generate({ timestamp: Date.now() + 30_000 }))
    await page.keyboard.press('Enter')
    // Two-step sign-in needs the app by now.
    await page.getByRole('alert').getByText('Two-step sign-in needs this.').waitFor()
    await page.context().close()
  })

  it('ends with the session', async () => {
    const email = await started.newPerson()
    const page = await signedIn(email, { isOld: true })
    await press(page, 'Add app')
    await dialogOf(page).getByLabel('Password', { exact: true }).fill(PASSWORD)
    change(started.service, 'UPDATE sessions SET revoked_at = ? WHERE revoked_at IS NULL', Date.now())
    await press(page, 'Confirm')
    await page.getByRole('heading', { name: 'Sign in', exact: true }).waitFor()
    expect(await page.getByRole('dialog').count()).toBe(0)
    expect(decodeURIComponent(page.url())).toContain('next=/account/security')
    await page.context().close()
  })

  it('says what to do where nothing of the account can confirm it', async () => {
    const email = await started.newPerson()
    const page = await signedIn(email, { isOld: true })
    change(started.service, 'UPDATE credentials SET password_hash = NULL')
    await press(page, 'Add app')
    await dialogOf(page).getByText('Please sign in again').waitFor()
    await expectAccessible(page)
    await press(page, 'Sign in again')
    await page.waitForURL('**/account/sign-in')
    await page.context().close()
  })
})

describe('the password', () => {
  it('is where password managers lead to, also through a sign-in, and is changed by keyboard alone', async () => {
    const email = await started.newPerson()
    const page = await signedIn(email, { path: '/.well-known/change-password', width: 360 })
    await page.locator('h2:focus', { hasText: 'Password and accounts' }).waitFor()
    expect(page.url()).toBe(`${started.service.origin}/account/security#password`)
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.locator('h1:focus', { hasText: 'Choose a new password' }).waitFor()
    await expectAccessible(page)
    await page.keyboard.press('Tab')
    await page.keyboard.type('not my password')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Tab')
    await page.keyboard.type(NEW_PASSWORD)
    await page.keyboard.press('Enter')
    await page.getByText('That password is wrong.').waitFor()
    await page.locator('[name=current_password]:focus').waitFor()
    await expectAccessible(page)
    expect(await page.getByLabel('New password', { exact: true }).inputValue()).toBe(NEW_PASSWORD)
    await fill(page, 'Current password', PASSWORD)
    await page.keyboard.press('Enter')
    await page.getByRole('status').getByText('Your new password is set.').waitFor()
    await started.mails.take(email, /password/i)
    await page.context().close()
  })

  it('is removed once passkey and recovery codes are left, and chosen again by a mailed link', async () => {
    const email = await started.newPerson()
    await giveApp(email)
    const page = await signedIn(email)
    await addPhone(page)
    await press(page, 'Add a passkey')
    await page.getByRole('status').getByText('Your new passkey is added.').waitFor()
    await page.getByText('You can remove your password once').waitFor()
    await press(page, 'Turn on')
    await see(page, 'Save your recovery codes')
    await press(page, 'I have saved them')
    await press(page, 'Remove password')
    await see(page, 'Remove your password?')
    await expectAccessible(page)
    await press(page, 'Remove password')
    await page.getByRole('status').getByText('Your password is removed.').waitFor()
    await page.getByText('Your account has no password.').waitFor()
    await expectAccessible(page)
    await press(page, 'E-mail me a link to choose a password')
    await page.getByRole('status').getByText(`is on its way to ${email}.`).waitFor()
    await started.mails.take(email, /Set a new password/)
    await page.context().close()
  })
})

describe('a factor', () => {
  it('is not added before the address is proven, and the screen says what to do', async () => {
    const email = 'unproven@example.com'
    await started.api.post('/auth/register', { email, password: PASSWORD })
    await started.mails.take(email, /Confirm/)
    const page = await signedIn(email, { width: 320 })
    await press(page, 'Add app')
    const said = page.getByRole('alert').filter({ hasText: 'Confirm your e-mail address first' })
    await said.waitFor()
    await expectAccessible(page)
    await press(page, 'Send a new link')
    await said.getByText(`A new link is on its way to ${email}.`).waitFor()
    const [link = ''] = (await started.mails.take(email, /Confirm/)).links
    const token = new URL(link).hash.slice('#token='.length)
    expect((await started.api.post('/auth/verify-email', { token })).status).toBe(204)
    await press(page, 'Add app')
    await see(page, 'Set up an authenticator app')
    await page.context().close()
  })

  it('V4 has a time limit, which is announced and begun again', async () => {
    const page = await signedIn(await started.newPerson())
    await page.route(
      '**/users/me/totp/options',
      async (route) => {
        const answer = await route.fetch()
        await route.fulfill({ response: answer, json: { ...(await answer.json()), expires_in: 1 } })
      },
      { times: 1 },
    )
    await press(page, 'Add app')
    await page.getByRole('status').getByText('The QR code works for 10 minutes.').waitFor()
    await page.getByRole('status').getByText('The time is over').waitFor()
    await expectAccessible(page)
    expect(await page.getByRole('img').count()).toBe(0)
    await press(page, 'Start again')
    await page.getByRole('img', { name: /^QR code/ }).waitFor()
    await page.getByLabel('Code from your authenticator app').waitFor()
    await page.context().close()
  })

  it('is left with the back button, which then leaves the screen', async () => {
    const page = await signedIn(await started.newPerson())
    await page.getByRole('link', { name: 'Devices' }).click()
    await page.getByRole('link', { name: 'How you sign in' }).click()
    await press(page, 'Add app')
    await see(page, 'Set up an authenticator app')
    await page.goBack()
    await page.locator('h1:focus', { hasText: 'How you sign in' }).waitFor()
    await press(page, 'Add app')
    await press(page, 'Cancel')
    await page.locator('h1:focus', { hasText: 'How you sign in' }).waitFor()
    await press(page, 'Add app')
    await see(page, 'Set up an authenticator app')
    await page.getByRole('link', { name: 'Profile' }).click()
    await page.getByRole('heading', { name: 'Profile', exact: true }).waitFor()
    await page.goBack()
    await press(page, 'Add app')
    await press(page, 'Cancel')
    await see(page, 'Two-step sign-in')
    expect(new URL(page.url()).pathname).toBe('/account/security')
    await page.context().close()
  })

  it('is managed in German too', async () => {
    const email = await started.newPerson()
    const page = await visit(started.browser, `${started.service.origin}/account/security`, {
      locale: 'de',
      width: 320,
    })
    await fill(page, 'E-Mail-Adresse', email)
    await fill(page, 'Passwort', PASSWORD)
    await press(page, 'Anmelden')
    await see(page, 'So melden Sie sich an')
    await press(page, 'App hinzufügen')
    await see(page, 'Eine Authenticator-App einrichten')
    await page.getByRole('img', { name: /^QR-Code/ }).waitFor()
    await expectAccessible(page)
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320)
    await page.context().close()
  })
})
