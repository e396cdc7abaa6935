import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { change } from '../support/local-database.ts'
import { type MailedService, startMailedService } from './mailed-service.ts'
import { expectAccessible, fill, type Look, open, press, see, signInOn, tabTo, visit } from './steps.ts'
import { turnBack } from './turn-back.ts'
import { addPhone, addSecurityKey } from './virtual-authenticator.ts'

let started: MailedService

beforeAll(async () => {
  started = await startMailedService()
})

afterAll(() => started?.[Symbol.asyncDispose]())

/**
 * The screen of factors, which asks for a sign-in first. Chromium fills in a passkey at once there, unless
 * the test turns that off.
 */
async function signInPage(look?: Look): Promise<Page> {
  const page = await visit(started.browser, `${started.service.origin}/account/forgot-password`, look)
  await page.addInitScript(
    "if (sessionStorage.getItem('autofill') === null) PublicKeyCredential.isConditionalMediationAvailable = async () => false",
  )
  await page.goto(`${started.service.origin}/account/security`)
  return page
}

/** Signs out by the menu, and opens the screen again. */
async function signOut(page: Page): Promise<void> {
  await press(page, 'Sign out')
  await page.waitForURL('**/account/sign-in')
  await page.goto(`${started.service.origin}/account/security`)
}

describe('W16 a passkey', () => {
  it('is added, signs in by button and by autofill, and is not made twice on one device', async () => {
    const email = await started.newPerson()
    const page = await signInPage()
    await signInOn(page, email)
    await see(page, 'How you sign in')
    const phone = await addPhone(page)
    await press(page, 'Add a passkey')
    await page.getByRole('status').getByText('Your new passkey is added.').waitFor()
    expect(await phone.credentialIds()).toHaveLength(1)
    await expectAccessible(page)
    await press(page, 'Add a passkey')
    await page.getByRole('alert').getByText('This device already has a passkey of your account.').waitFor()

    await signOut(page)
    await press(page, 'Sign in with a passkey')
    await see(page, 'How you sign in')

    await page.evaluate("sessionStorage.setItem('autofill', 'on')")
    await press(page, 'Sign out')
    await see(page, 'Your account')
    await page.context().close()
  })

  it('W7 that its owner removed is deleted on the device of its holder, and a cancelled request is no error', async () => {
    const email = await started.newPerson()
    const page = await signInPage()
    const phone = await addPhone(page)
    await signInOn(page, email)
    await press(page, 'Add a passkey')
    await page.getByRole('status').getByText('Your new passkey is added.').waitFor()
    await signOut(page)
    // Without a user who is verified the browser answers as if the request was cancelled.
    await phone.verify(false)
    await press(page, 'Sign in with a passkey')
    await page.locator('form[aria-busy=false] >> text=Sign in with a passkey').waitFor()
    expect(await page.getByRole('alert').filter({ hasText: /./ }).count()).toBe(0)
    await see(page, 'Sign in')

    await phone.verify(true)
    change(started.service, 'UPDATE passkeys SET removed_at = ? WHERE removed_at IS NULL', Date.now())
    await press(page, 'Sign in with a passkey')
    await page.getByRole('alert').getByText('This passkey was removed from the account').waitFor()
    await expect.poll(() => phone.credentialIds()).toEqual([])
    await expectAccessible(page)
    await page.context().close()
  })

  it('is not offered by a browser that has none', async () => {
    const page = await (await started.browser.newContext({ locale: 'en-GB' })).newPage()
    await page.addInitScript('delete window.PublicKeyCredential')
    await open(page, `${started.service.origin}/account/security`)
    await signInOn(page, await started.newPerson())
    await see(page, 'How you sign in')
    expect(await page.getByRole('button', { name: /passkey|security key/ }).count()).toBe(0)
    await page.context().close()
  })
})

/** Adds a passkey, right after a sign-in with the password. */
async function withPasskey(page: Page, email: string) {
  await signInOn(page, email)
  await see(page, 'How you sign in')
  const phone = await addPhone(page)
  await press(page, 'Add a passkey')
  await page.getByRole('status').getByText('Your new passkey is added.').waitFor()
  return phone
}

describe('W16 the list of passkeys', () => {
  it('names, renames and removes them, and removes them from the device', async () => {
    const page = await signInPage()
    const phone = await withPasskey(page, await started.newPerson())
    const row = page.getByRole('main').getByRole('listitem')
    await row.getByText('Also on your other devices.').waitFor()
    expect(await row.getByText('Not used yet.').isVisible()).toBe(true)
    await press(page, 'Rename: Passkey')
    await see(page, 'Choose a name')
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Passkey')
    await expectAccessible(page)
    await fill(page, 'Name', 'My phone')
    await press(page, 'Save name')
    await row.getByRole('heading', { name: 'My phone' }).waitFor()
    await press(page, 'Remove: My phone')
    await page.getByText('My phone', { exact: true }).filter({ visible: true }).waitFor()
    await press(page, 'Cancel')
    await press(page, 'Remove: My phone')
    await press(page, 'Remove')
    await page.getByText('You have none yet.').waitFor()
    await expect.poll(() => phone.credentialIds()).toEqual([])
    await page.context().close()
  })

  it('steps up with one where a recent sign-in is needed, by keyboard alone', async () => {
    const email = await started.newPerson()
    const page = await signInPage()
    await withPasskey(page, email)
    await signOut(page)
    await turnBack(page, started.service, 'login')
    await signInOn(page, email)
    await press(page, 'Remove: Passkey')
    await press(page, 'Remove')
    await see(page, 'Is it still you?')
    await expectAccessible(page)
    await tabTo(page, 'Use a passkey or security key')
    await page.keyboard.press('Enter')
    await page.getByText('You have none yet.').waitFor()
    expect(await page.getByRole('dialog').count()).toBe(0)
    await page.context().close()
  })
})

describe('W16 a security key', () => {
  it('is a second step, with recovery codes beside it, and steps up', async () => {
    const email = await started.newPerson()
    const page = await signInPage()
    await signInOn(page, email)
    await see(page, 'How you sign in')
    await addSecurityKey(page)
    await press(page, 'Add a security key')
    await see(page, 'Save your recovery codes')
    await press(page, 'I have saved them')
    await page.getByText('On: your password alone is not enough to sign in.').waitFor()
    await page.getByRole('heading', { name: 'Security key', exact: true }).waitFor()
    await signOut(page)

    await signInOn(page, email)
    await see(page, 'Use your passkey or security key')
    await expectAccessible(page)
    await press(page, 'Use a recovery code')
    await press(page, 'Use a passkey or security key')
    await turnBack(page, started.service, 'mfa')
    await press(page, 'Confirm')
    await see(page, 'How you sign in')

    await press(page, 'Make new codes')
    await press(page, 'Make new codes')
    await see(page, 'Is it still you?')
    await press(page, 'Confirm')
    await see(page, 'Save your recovery codes')
    await page.context().close()
  })
})

describe('W14 a passkey that somebody else added', () => {
  it('is removed by the link of the mail, and the session of the page ends', async () => {
    const email = await started.newPerson()
    const page = await signInPage()
    await withPasskey(page, email)
    const [link = ''] = (await started.mails.take(email, /passkey/i)).links
    const owner = await visit(started.browser, link)
    await expectAccessible(owner)
    await owner.getByRole('button').click()
    await owner.getByRole('heading', { name: /removed/ }).waitFor()
    await press(page, 'Remove: Passkey')
    await press(page, 'Remove')
    await page.getByRole('heading', { name: 'Sign in', exact: true }).waitFor()
    await Promise.all([page.context().close(), owner.context().close()])
  })
})
