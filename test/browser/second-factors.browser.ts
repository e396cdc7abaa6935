import type { TOTP } from 'otpauth'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DevService } from '../support/dev-service.ts'
import { change } from '../support/local-database.ts'
import type { MailServer } from '../support/mail-server.ts'
import type { Api } from './api.ts'
import { appOf, codeOf } from './authenticator-app.ts'
import { type MailedService, PASSWORD, startMailedService } from './mailed-service.ts'
import { readQr } from './read-qr.ts'
import * as steps from './steps.ts'
import { expectAccessible, fill, press, see, signInOn, tabTo } from './steps.ts'
import { turnBack } from './turn-back.ts'

let started: MailedService
let mails: MailServer
let service: DevService
let browser: Browser
let api: Api

beforeAll(async () => {
  started = await startMailedService()
  ;({ mails, service, browser, api } = started)
})

afterAll(() => started?.[Symbol.asyncDispose]())

let counter = 0

interface Person {
  readonly id: string
  readonly email: string
}

/** A person with a verified address. */
async function newPerson(): Promise<Person> {
  const email = `factor${++counter}@example.com`
  const { body } = await api.post('/auth/register', { email, password: PASSWORD })
  const [link = ''] = (await mails.take(email, /Confirm/)).links
  const token = new URL(link).hash.slice('#token='.length)
  expect((await api.post('/auth/verify-email', { token })).status).toBe(204)
  return { id: body.id, email }
}

const visit = (path: string, look?: steps.Look): Promise<Page> => steps.visit(browser, service.origin + path, look)

/** Reads the QR code from the screen, into an authenticator application of another author. */
const scan = async (page: Page): Promise<TOTP> => appOf(await readQr(page.getByRole('img', { name: /^QR code/ })))

const codesOn = (page: Page): Promise<string[]> => page.getByRole('main').getByRole('listitem').allTextContents()

/** On a phone the menu is behind a button. */
async function openMenu(page: Page): Promise<void> {
  const menu = page.getByRole('button', { name: 'Menu', exact: true })
  if (await menu.isVisible()) await menu.click()
}

/** Signs out by the menu, and opens the screen again, which asks for a sign-in first. */
async function comeBack(page: Page): Promise<void> {
  await openMenu(page)
  await press(page, 'Sign out')
  await page.waitForURL('**/account/sign-in')
  await page.goto(`${service.origin}/account/security`)
}

/** Signs in, adds an application, and returns to the list of factors. */
async function withApp(person: Person): Promise<{ page: Page; app: TOTP; codes: string[] }> {
  const page = await visit('/account/security')
  await signInOn(page, person.email)
  await see(page, 'How you sign in')
  await press(page, 'Add app')
  const app = await scan(page)
  await fill(page, 'Code from your authenticator app', codeOf(app))
  await press(page, 'Confirm app')
  await see(page, 'Save your recovery codes')
  const codes = await codesOn(page)
  await press(page, 'I have saved them')
  await see(page, 'How you sign in')
  return { page, app, codes }
}

describe('an authenticator app', () => {
  it('M5 M8 is added by a QR code, and asked for at the next sign-in', async () => {
    const person = await newPerson()
    const page = await visit('/account/security')
    await signInOn(page, person.email)
    await see(page, 'How you sign in')
    expect(page.url()).toBe(`${service.origin}/account/security`)
    await press(page, 'Add app')
    await see(page, 'Set up an authenticator app')
    const app = await scan(page)
    expect([app.issuer, app.label, app.digits, app.period]).toEqual(['Latchkey', person.email, 6, 30])
    const secret = page.getByText(/^[A-Z2-7]{4}( [A-Z2-7]{4}){7}$/).filter({ visible: true })
    const shown = await secret.textContent()
    expect(shown?.replaceAll(' ', '')).toBe(app.secret.base32)

    await fill(page, 'Code from your authenticator app', 'twelve')
    await press(page, 'Confirm app')
    await page.getByText('Please enter the six digits that the app shows now.').waitFor()
    const code = codeOf(app)
    await fill(page, 'Code from your authenticator app', `${code.slice(0, 3)} ${code.slice(3)}`)
    await press(page, 'Confirm app')
    await see(page, 'Save your recovery codes')
    expect(new Set(await codesOn(page)).size).toBe(10)
    await press(page, 'I have saved them')
    await page.getByText('On: your password alone is not enough to sign in.').waitFor()
    await page.getByText('Unused codes: 10.').waitFor()
    expect(await page.content()).not.toContain(app.secret.base32)
    await mails.take(person.email, /two|step/i)
    await comeBack(page)

    await signInOn(page, person.email)
    await see(page, 'Enter your code')
    await fill(page, 'Code from your authenticator app', code)
    await press(page, 'Continue')
    await page.getByRole('alert').getByText('That code is wrong or was already used.').waitFor()
    await fill(page, 'Code from your authenticator app', codeOf(app, 1))
    await press(page, 'Continue')
    await see(page, 'How you sign in')
    await page.context().close()
  })

  it('O9 is added only once the address is confirmed, and the page says so', async () => {
    const email = `unproven${++counter}@example.com`
    await api.post('/auth/register', { email, password: PASSWORD })
    const page = await visit('/account/sign-in')
    await signInOn(page, email)
    await page.getByText('Your e-mail address is not confirmed yet.').waitFor()
    await page.getByRole('navigation').getByRole('link', { name: 'How you sign in' }).click()
    await see(page, 'How you sign in')
    for (const [index, button] of ['Add app', 'Add a passkey', 'Add a security key'].entries()) {
      await press(page, button)
      await page.getByRole('alert').getByText('Confirm your e-mail address first').nth(index).waitFor()
    }
    await expectAccessible(page)
    await page.context().close()
  })

  it('is replaced and removed, once two-step sign-in is off', async () => {
    const { page, app } = await withApp(await newPerson())
    await press(page, 'Replace app')
    const other = await scan(page)
    expect(other.secret.base32).not.toBe(app.secret.base32)
    await fill(page, 'Code from your authenticator app', codeOf(other))
    await press(page, 'Confirm app')
    await see(page, 'How you sign in')
    await press(page, 'Turn off')
    await press(page, 'Turn off')
    await page.getByRole('status').getByText('Two-step sign-in is off.').waitFor()
    await press(page, 'Remove app')
    await press(page, 'Cancel')
    await press(page, 'Remove app')
    await press(page, 'Remove app')
    await page.getByRole('status').getByText('The authenticator app is removed.').waitFor()
    await page.getByText('None yet.', { exact: true }).waitFor()
    await page.context().close()
  })
})

describe('recovery codes', () => {
  it('M9 sign in once each, can be copied and downloaded, and are void after new ones', async () => {
    const person = await newPerson()
    const { page: first, codes } = await withApp(person)
    const page = await visit('/account/security')
    const useCode = async (code = '') => {
      await signInOn(page, person.email)
      await press(page, 'Use a recovery code')
      await fill(page, 'Recovery code', code.toLowerCase().replaceAll('-', ' '))
      await press(page, 'Use this code')
    }
    await useCode(codes[0])
    await see(page, 'How you sign in')
    await page.getByText('You signed in with a recovery code. Unused codes: 9.').waitFor()
    await expectAccessible(page)
    await mails.take(person.email, /recovery code/i)

    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await press(page, 'Make new codes')
    await press(page, 'Make new codes')
    await see(page, 'Save your recovery codes')
    const fresh = await codesOn(page)
    await press(page, 'Copy codes')
    await page.getByText('The codes are copied.').waitFor()
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(fresh.join('\n'))
    const download = page.waitForEvent('download')
    await press(page, 'Download codes')
    expect((await download).suggestedFilename()).toBe('recovery-codes.txt')
    const saved = await (await download).createReadStream()
    const text = Buffer.concat(await saved.toArray()).toString()
    expect(text.split('\r\n')).toEqual(expect.arrayContaining(fresh))
    await press(page, 'I have saved them')
    await page.getByText('Unused codes: 10.').waitFor()
    expect(await page.getByText('You signed in with a recovery code.').count()).toBe(0)
    await comeBack(page)

    await useCode(codes[1])
    await page.getByRole('alert').getByText('That code is wrong').waitFor()
    await press(page, 'Start again')
    await useCode(fresh[0])
    await page.getByText('Unused codes: 9.').first().waitFor()

    // Codes alone are no factor: the service would make no new ones.
    change(service, 'DELETE FROM totp_factors WHERE user_id = ?', person.id)
    await page.reload()
    await page.getByText('You get them when you add an authenticator app or a security key.').waitFor()
    expect(await page.getByRole('button', { name: 'Make new codes' }).count()).toBe(0)
    await Promise.all([first.context().close(), page.context().close()])
  })
})

describe('lost factors', () => {
  /** A new operator, signed in with two factors. */
  async function operatorToken(): Promise<string> {
    const { id, email } = await newPerson()
    change(service, "INSERT INTO user_roles (user_id, role) VALUES (?, 'admin')", id)
    const { body: first } = await api.post('/auth/login', { email, password: PASSWORD })
    const { body: offer } = await api.post('/users/me/totp/options', undefined, first.access_token)
    const app = appOf(offer.uri)
    await api.post('/users/me/totp', { ticket: offer.ticket, code: codeOf(app) }, first.access_token)
    return (await api.post('/auth/refresh', { refresh_token: first.refresh_token })).body.access_token
  }

  const removalsOf = async ({ id }: Person, token: string) =>
    (await api.post(`/admin/users/${id}/reset-factors`, { reason: 'support_case' }, token)).status

  it('M13 are kept if the owner cancels a reset, on a page or by the link, and go otherwise', async () => {
    const person = await newPerson()
    const { page } = await withApp(person)
    const token = await operatorToken()
    expect(await removalsOf(person, token)).toBe(202)
    await mails.take(person.email, /will be reset/)
    await press(page, 'Make new codes')
    await press(page, 'Make new codes')
    await press(page, 'I have saved them')
    await see(page, 'Your second step will be removed')
    await expectAccessible(page)
    await press(page, 'Cancel the removal')
    await page.getByRole('status').getByText('Your second step stays as it is.').waitFor()
    expect(await page.getByRole('heading', { name: 'Your second step will be removed' }).count()).toBe(0)

    expect(await removalsOf(person, token)).toBe(202)
    const [link = ''] = (await mails.take(person.email, /will be reset/)).links
    const keeping = await visit(link.slice(service.origin.length))
    await press(keeping, 'Keep my second step')
    await see(keeping, 'Your second step stays')

    expect(await removalsOf(person, token)).toBe(202)
    change(service, 'UPDATE factor_resets SET due_at = ? WHERE user_id = ?', Date.now() - 1, person.id)
    await fetch(`${service.origin}/cdn-cgi/local/scheduled?cron=*/5+*+*+*+*`)
    await mails.take(person.email, /was reset/)
    const again = await visit('/account/security')
    await enrolOn(again, person)
    await Promise.all([page, keeping, again].map((each) => each.context().close()))
  })

  it('M11 are added at the sign-in once they are due, with a code from the mailbox', async () => {
    const person = await newPerson()
    const page = await visit('/account/security', { width: 360, colorScheme: 'dark' })
    await signInOn(page, person.email)
    await see(page, 'How you sign in')
    change(service, 'UPDATE users SET two_step_due_at = ? WHERE id = ?', Date.now() - 1, person.id)
    await press(page, 'Add app')
    await page.getByRole('alert').getByText('Your account needs a second step by now.').waitFor()
    await comeBack(page)
    const app = await enrolOn(page, person)
    await comeBack(page)
    await signInOn(page, person.email)
    await fill(page, 'Code from your authenticator app', codeOf(app, 1))
    await press(page, 'Continue')
    await page.getByText('On: your password alone is not enough to sign in.').waitFor()
    await page.context().close()
  })

  /** Signs in, and adds the application that is due. */
  async function enrolOn(page: Page, person: Person): Promise<TOTP> {
    await signInOn(page, person.email)
    await see(page, 'A second step is required')
    await expectAccessible(page)
    await press(page, 'Send code')
    await see(page, 'Set up your second step')
    await expectAccessible(page)
    const app = await scan(page)
    const { text } = await mails.take(person.email, /^Your code for/)
    const [mailCode = ''] = /\b\d{8}\b/.exec(text) ?? []
    await fill(page, 'Code from the e-mail', '00000000')
    await fill(page, 'Code from your authenticator app', codeOf(app))
    await press(page, 'Finish')
    await page.getByRole('alert').getByText('The code from the e-mail is wrong.').waitFor()
    await fill(page, 'Code from the e-mail', mailCode)
    await press(page, 'Finish')
    await see(page, 'Save your recovery codes')
    await press(page, 'I have saved them')
    await see(page, 'How you sign in')
    return app
  }
})

describe('other pages', () => {
  it('confirm a new address only after the second step', async () => {
    const person = await newPerson()
    const { page: first, codes } = await withApp(person)
    const { access_token: token } = await signInByApi(person, codes[0])
    const newEmail = `new-${person.email}`
    expect((await api.post('/users/me/email', { new_email: newEmail }, token)).status).toBe(202)
    const [link = ''] = (await mails.take(newEmail, /Confirm your new/)).links
    const page = await visit(link.slice(service.origin.length))
    await page.getByRole('main').getByRole('link').click()
    await signInOn(page, person.email)
    await see(page, 'Enter your code')
    await expectAccessible(page)
    await press(page, 'Use a recovery code')
    await fill(page, 'Recovery code', codes[1] ?? '')
    await press(page, 'Use this code')
    await press(page, 'Continue')
    await press(page, 'Confirm new address')
    await see(page, 'Your new address is confirmed')
    await Promise.all([first.context().close(), page.context().close()])
  })

  it('offer a deleted account back on the page for signing in, with the second step', async () => {
    const person = await newPerson()
    const { page, codes } = await withApp(person)
    const { access_token: token } = await signInByApi(person, codes[0])
    expect((await api.remove('/users/me', token)).status).toBe(202)
    await press(page, 'Make new codes')
    await press(page, 'Make new codes')
    await signInOn(page, person.email)
    await see(page, 'Your account is deleted')
    await expectAccessible(page)
    await press(page, 'Restore my account')
    await press(page, 'Use a recovery code')
    await fill(page, 'Recovery code', codes[1] ?? '')
    await press(page, 'Use this code')
    await see(page, 'How you sign in')
    await page.context().close()
  })

  async function signInByApi({ email }: Person, code = ''): Promise<{ access_token: string }> {
    const { body } = await api.post('/auth/login', { email, password: PASSWORD })
    const { status, body: session } = await api.post('/auth/mfa', { mfa_token: body.mfa_token, recovery_code: code })
    expect(status).toBe(200)
    return session
  }
})

describe('a change after a while', () => {
  it('V9 asks for the password in place, and then goes on', async () => {
    const person = await newPerson()
    const page = await visit('/account/security')
    await turnBack(page, service, 'login')
    await signInOn(page, person.email)
    await press(page, 'Add app')
    await see(page, 'Is it still you?')
    await expectAccessible(page)
    await page.locator('[name=password]:focus').waitFor()
    await fill(page, 'Password', 'not my password')
    await press(page, 'Confirm')
    await page.getByText('That password is wrong.').waitFor()
    await page.locator('[name=password]:focus').waitFor()
    await expectAccessible(page)
    await fill(page, 'Password', PASSWORD)
    await press(page, 'Confirm')
    await see(page, 'Set up an authenticator app')
    await page.context().close()
  })

  it('M10 asks for a code where two-step sign-in is on', async () => {
    const person = await newPerson()
    const { page: first, app, codes } = await withApp(person)
    const page = await visit('/account/security')
    await turnBack(page, service, 'mfa')
    await signInOn(page, person.email)
    await press(page, 'Use a recovery code')
    await fill(page, 'Recovery code', codes[0] ?? '')
    await press(page, 'Use this code')
    await press(page, 'Turn off')
    await press(page, 'Turn off')
    await see(page, 'Is it still you?')
    await expectAccessible(page)
    await fill(page, 'Code from your authenticator app', codeOf(app, 1))
    await press(page, 'Confirm')
    await page.getByRole('status').getByText('Two-step sign-in is off.').waitFor()
    await Promise.all([first.context().close(), page.context().close()])
  })
})

describe('the session of the page', () => {
  it('is in a cookie that scripts cannot read, and in no other store of the browser', async () => {
    const person = await newPerson()
    const page = await visit('/account/security')
    await signInOn(page, person.email)
    await see(page, 'How you sign in')
    await page.reload()
    await see(page, 'How you sign in')
    expect(await page.evaluate('document.cookie')).toBe('')
    expect(await page.evaluate('localStorage.length + sessionStorage.length')).toBe(0)
    await page.getByRole('link', { name: 'Devices' }).click()
    await see(page, 'Devices')
    await press(page, 'Sign out')
    await page.waitForURL('**/account/sign-in')
    await page.goBack()
    await page.getByLabel('Password', { exact: true }).waitFor()
    expect(await page.content()).not.toContain(person.email)
    await page.context().close()
  })
})

describe.each([
  ['light', 1280],
  ['dark', 360],
] as const)('on a %s screen of %i pixels', (colorScheme, width) => {
  it('the whole way works with a keyboard alone, and axe finds no problem on it', async () => {
    const person = await newPerson()
    const page = await visit('/account/security', { colorScheme, width })
    const type = (text: string) => page.keyboard.type(text)
    const arrive = async (heading: string) => {
      await page.locator(':focus', { hasText: heading }).waitFor()
      await expectAccessible(page)
      expect(await page.evaluate('document.documentElement.scrollWidth'), heading).toBe(width)
    }
    await see(page, 'Sign in')
    await tabTo(page, 'E-mail address')
    await type(person.email)
    await tabTo(page, 'Password')
    await type(PASSWORD)
    await page.keyboard.press('Enter')
    await arrive('How you sign in')
    await tabTo(page, 'Add app')
    await page.keyboard.press('Enter')
    await arrive('Set up an authenticator app')
    const app = await scan(page)
    await tabTo(page, 'Code from your authenticator app')
    await type(codeOf(app))
    await page.keyboard.press('Enter')
    await arrive('Save your recovery codes')
    await tabTo(page, 'I have saved them')
    await page.keyboard.press('Enter')
    await arrive('How you sign in')
    await tabTo(page, 'Turn off')
    await page.keyboard.press('Enter')
    await arrive('Turn two-step sign-in off?')
    await tabTo(page, 'Turn off')
    await page.keyboard.press('Enter')
    await arrive('How you sign in')
    await page.getByRole('status').getByText('Two-step sign-in is off.').waitFor()
    if (width < 1000) {
      await tabTo(page, 'Menu')
      await page.keyboard.press('Enter')
    }
    await tabTo(page, 'Sign out')
    await page.keyboard.press('Enter')
    await page.waitForURL('**/account/sign-in')
    await page.context().close()
  })
})
