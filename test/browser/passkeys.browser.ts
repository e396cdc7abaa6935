import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { change } from './local-database.ts'
import { type MailedService, PASSWORD, startMailedService } from './mailed-service.ts'
import { expectAccessible, fill, type Look, open, press, see, visit } from './steps.ts'
import { addPhone, addSecurityKey } from './virtual-authenticator.ts'

let started: MailedService

beforeAll(async () => {
  started = await startMailedService()
})

afterAll(() => started?.[Symbol.asyncDispose]())

/** The page for signing in. Chromium fills in a passkey at once there, unless the test turns that off. */
async function signInPage(look?: Look): Promise<Page> {
  const page = await visit(started.browser, `${started.service.origin}/account/forgot-password`, look)
  await page.addInitScript(
    "if (sessionStorage.getItem('autofill') === null) PublicKeyCredential.isConditionalMediationAvailable = async () => false",
  )
  await page.goto(`${started.service.origin}/account/sign-in`)
  return page
}

async function signInWithPassword(page: Page, email: string): Promise<void> {
  await see(page, 'Sign in')
  await fill(page, 'E-mail address', email)
  await fill(page, 'Password', PASSWORD)
  await press(page, 'Sign in')
}

async function signOut(page: Page): Promise<void> {
  await press(page, 'Sign out')
  await page.getByRole('link', { name: 'Sign in again' }).click()
  await see(page, 'Sign in')
}

describe('W16 a passkey', () => {
  it('is added, signs in by button and by autofill, and is not made twice on one device', async () => {
    const email = await started.newPerson()
    const page = await signInPage()
    await signInWithPassword(page, email)
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
    await page.getByRole('link', { name: 'Sign in again' }).click()
    await page.waitForURL('**/account/security')
    await see(page, 'How you sign in')
    await page.context().close()
  })

  it('W7 that its owner removed is deleted on the device of its holder, and a cancelled request is no error', async () => {
    const email = await started.newPerson()
    const page = await signInPage()
    const phone = await addPhone(page)
    await signInWithPassword(page, email)
    await press(page, 'Add a passkey')
    await page.getByRole('status').getByText('Your new passkey is added.').waitFor()
    await signOut(page)
    // Without a user who is verified the browser answers as if the request was cancelled.
    await phone.verify(false)
    await press(page, 'Sign in with a passkey')
    await page.locator('form:not([aria-busy]) >> text=Sign in with a passkey').waitFor()
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
    await open(page, `${started.service.origin}/account/sign-in`)
    await signInWithPassword(page, await started.newPerson())
    await see(page, 'How you sign in')
    expect(await page.getByRole('button', { name: /passkey|security key/ }).count()).toBe(0)
    await page.context().close()
  })
})

describe('W16 a security key', () => {
  it('is added as a second step, with recovery codes', async () => {
    const email = await started.newPerson()
    const page = await signInPage()
    await signInWithPassword(page, email)
    await see(page, 'How you sign in')
    await addSecurityKey(page)
    await press(page, 'Add a security key')
    await see(page, 'Save your recovery codes')
    await press(page, 'I have saved them')
    await page.getByText('On: your password alone does not sign in.').waitFor()
    await page.context().close()
  })
})
