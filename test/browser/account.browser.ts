import { readFileSync } from 'node:fs'
import type { Page, Route } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runLatchkeyHere } from '../support/command-runs.ts'
import { change } from '../support/local-database.ts'
import { type OidcProvider, settingsFor, startOidcProvider } from '../support/oidc-provider.ts'
import type { ApiAnswer } from './api.ts'
import { type MailedService, PASSWORD, startMailedService } from './mailed-service.ts'
import { expectAccessible, expectFit, fill, type Look, press, signInOn, tabTo, visit } from './steps.ts'
import { turnBack } from './turn-back.ts'

let started: MailedService
let acme: OidcProvider

beforeAll(async () => {
  acme = await startOidcProvider()
  started = await startMailedService({ ...settingsFor(acme), LOG_PUBLISH_SECONDS: '1' })
  acme.serve([`${started.service.origin}/api/v1/auth/oauth/acme/callback`])
})

afterAll(async () => {
  await started?.[Symbol.asyncDispose]()
  await acme?.[Symbol.asyncDispose]()
})

const see = (page: Page, name: string) => page.getByRole('heading', { name, exact: true }).waitFor()
const at = (path: string): string => `${started.service.origin}/account${path}`

/** The tokens of another device of the person. */
async function otherDevice(email: string): Promise<{ accessToken: string }> {
  const { body } = await started.api.post('/auth/login', { email, password: PASSWORD })
  return { accessToken: body.access_token }
}

const call = (method: string, path: string, token: string, body?: unknown): Promise<ApiAnswer> =>
  started.api.call(method, path, body, token)

/** Archives and publishes the events of a person until the public log has this one. @returns its proof */
async function publish(id: string, accessToken: string): Promise<string> {
  const { origin } = started.service
  const ask = async () => {
    await fetch(`${origin}/cdn-cgi/local/scheduled?cron=*/5+*+*+*+*`)
    return fetch(`${origin}/api/v1/users/me/activity/${id}/proof`, {
      headers: { authorization: `Bearer ${accessToken}` },
    })
  }
  await expect.poll(async () => (await ask()).status, { timeout: 30_000 }).toBe(200)
  return (await ask()).text()
}

const headings: Readonly<Record<string, string>> = {
  '': 'Your account',
  '/profile': 'Profile',
  '/sessions': 'Devices',
  '/identities': 'Linked accounts',
  '/activity': 'Activity',
  '/consents': 'Consents',
  '/export': 'Your data',
  '/delete': 'Delete account',
}

/** Opens a screen as somebody who has to sign in first. @param isOld whether a change needs a step-up */
async function enter(path: string, email: string, { isOld = false, ...look }: Look & { isOld?: boolean } = {}) {
  const page = await visit(started.browser, at('/sign-in'), look)
  if (isOld) await turnBack(page, started.service, 'login')
  await page.goto(at(path))
  await signInOn(page, email)
  await see(page, headings[path] ?? '')
  return page
}

/** Proves by keyboard that the person is present. */
async function proveOn(page: Page): Promise<void> {
  await see(page, 'Is it still you?')
  await page.getByRole('dialog').getByLabel('Password', { exact: true }).waitFor()
  await tabTo(page, 'Password')
  await page.keyboard.type(PASSWORD)
  await page.keyboard.press('Enter')
}

const close = (page: Page) => page.context().close()
const textOf = (page: Page) => page.locator('main').innerText()
const refuse = (route: Route, status: number, code: string, headers: Record<string, string> = {}) =>
  route.fulfill({
    status,
    headers: { ...headers, 'content-type': 'application/problem+json' },
    body: JSON.stringify({ code, title: code, status }),
  })

describe('the first screen', () => {
  it('says who the person is and what needs attention, and leads everywhere', async () => {
    const email = 'unproven@example.com'
    const { body } = await started.api.post('/auth/register', { email, password: PASSWORD, full_name: 'Ada Lovelace' })
    await started.mails.take(email, /Confirm/)
    const soon = Date.now() + 7 * 86_400_000
    change(started.service, 'UPDATE users SET two_step_due_at = ? WHERE id = ?', soon, body.id)
    const page = await enter('', email)
    await page.getByText('Not confirmed', { exact: true }).waitFor()
    await page.getByText('Ada Lovelace').waitFor()
    await page.getByText(/^Your account needs two-step sign-in from \d+ \w+ \d{4}\./).waitFor()
    await expectFit(page)
    await tabTo(page, 'Send the link again')
    await page.keyboard.press('Enter')
    await page.getByText('A new link is on its way.').waitFor()
    await started.mails.take(email, /Confirm/)
    expect(await page.locator(':focus').textContent()).toContain('A new link is on its way.')

    for (const [path, heading] of Object.entries(headings)) {
      if (path === '') continue
      await page.getByRole('main').getByRole('link', { name: heading, exact: true }).click()
      await see(page, heading)
      expect(await page.locator(':focus').textContent()).toBe(heading)
      expect(page.url()).toBe(at(path))
      await page.getByRole('navigation').getByRole('link', { name: 'Your account' }).click()
      await see(page, 'Your account')
    }
    await close(page)
  })
})

describe('the profile', () => {
  it('is edited by keyboard alone, and refuses what the service refuses', async () => {
    const email = await started.newPerson()
    const { accessToken } = await otherDevice(email)
    await call('PATCH', '/users/me', accessToken, {
      preferences: { theme: 'dark', news: true, size: 14, panels: ['a'] },
    })
    const page = await enter('/profile', email)
    await tabTo(page, 'Name')
    await page.keyboard.type('Ada Lovelace')
    await tabTo(page, 'Phone number')
    await page.keyboard.type('0151 12345678')
    await tabTo(page, 'news')
    await page.keyboard.press('Space')
    await tabTo(page, 'size')
    await page.keyboard.press('Control+A')
    await page.keyboard.type('big')
    await page.keyboard.press('Enter')
    await page.getByText('Please enter a number.').waitFor()
    expect(await page.locator(':focus').inputValue()).toBe('big')
    await page.keyboard.press('Control+A')
    await page.keyboard.type('16')
    await page.keyboard.press('Enter')
    await page.getByText('Please enter the number with its country code').waitFor()
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Ada Lovelace')
    await expectFit(page)
    await page.getByLabel('Phone number').fill('+49 (151) 1234-5678')
    await page.context().setOffline(true)
    await press(page, 'Save')
    await page.getByText('You seem to be offline.').waitFor()
    await page.context().setOffline(false)
    // What no field shows does not stand in the way.
    await call('PATCH', '/users/me', accessToken, { avatar_url: 'https://example.com/ada.png' })
    await press(page, 'Save')
    await page.getByText('Your profile is saved.').waitFor()
    const { body } = await started.api.get('/users/me', accessToken)
    expect(body.profile).toMatchObject({ full_name: 'Ada Lovelace', phone_number: '+4915112345678' })
    expect(body.profile.preferences).toEqual({ theme: 'dark', news: false, size: 16, panels: ['a'] })
    await expectFit(page)
    await close(page)
  })

  it('that was changed elsewhere meanwhile keeps what was typed, and says what changed', async () => {
    const email = await started.newPerson()
    const { accessToken } = await otherDevice(email)
    await call('PATCH', '/users/me', accessToken, { full_name: 'Ada', bio: 'Computes.' })
    const page = await enter('/profile', email)
    await page.getByLabel('Phone number').fill('+491511')
    await page.getByLabel('Name', { exact: true }).fill('Ada King')
    await call('PATCH', '/users/me', accessToken, { full_name: 'Countess', bio: 'Computes more.' })
    await press(page, 'Save')
    await see(page, 'Your profile was changed elsewhere')
    await page.getByText('Name is now “Countess”.').waitFor()
    await page.getByText('About you is now “Computes more.”.').waitFor()
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Ada King')
    expect(await page.getByLabel('Phone number').inputValue()).toBe('+491511')
    expect(await page.getByLabel('About you').inputValue()).toBe('Computes more.')
    await expectFit(page)
    await press(page, 'Save')
    await page.getByText('Your profile is saved.').waitFor()
    const { body } = await started.api.get('/users/me', accessToken)
    expect(body.profile).toMatchObject({ full_name: 'Ada King', phone_number: '+491511', bio: 'Computes more.' })
    await close(page)
  })

  it('keeps what was typed when the session has ended, for the same person alone', async () => {
    const email = await started.newPerson()
    const page = await enter('/profile', email)
    await page.getByLabel('About you').fill('a long story')
    await call('DELETE', '/users/me/sessions', (await otherDevice(email)).accessToken)
    await press(page, 'Save')
    await signInOn(page, email)
    await see(page, 'Profile')
    expect(await page.getByLabel('About you').inputValue()).toBe('a long story')
    await page.getByLabel('About you').fill('a longer story')
    await call('DELETE', '/users/me/sessions', (await otherDevice(email)).accessToken)
    await press(page, 'Save')
    await signInOn(page, await started.newPerson())
    await see(page, 'Profile')
    expect(await page.getByLabel('About you').inputValue()).toBe('')
    await close(page)
  })

  it('V9 changes the address after a proof in place, without losing what was typed', async () => {
    const email = await started.newPerson()
    const page = await enter('/profile', email, { isOld: true })
    await page.getByLabel('About you').fill('not saved yet')
    await tabTo(page, 'New e-mail address')
    await page.keyboard.type(email)
    await page.keyboard.press('Enter')
    await see(page, 'Is it still you?')
    await page.keyboard.press('Escape')
    expect(await page.getByLabel('New e-mail address').inputValue()).toBe(email)
    await press(page, 'Change address')
    await proveOn(page)
    await page.getByText('Please enter an e-mail address other than the one you have').waitFor()
    await fill(page, 'New e-mail address', `new-${email}`)
    await press(page, 'Change address')
    await page.getByText(`If new-${email} can be used`).waitFor()
    await page.getByText('When a new address is confirmed').waitFor()
    expect(await page.getByLabel('About you').inputValue()).toBe('not saved yet')
    await expectFit(page)
    await started.mails.take(`new-${email}`, /Confirm your new/)
    await close(page)
  })
})

describe('the devices', () => {
  it('are ended one by one or all at once, and this one stays', async () => {
    const email = await started.newPerson()
    const others = [await otherDevice(email), await otherDevice(email), await otherDevice(email)]
    const isAlive = async (token = '') => (await started.api.get('/auth/session', token)).status
    const page = await enter('/sessions', email)
    await page.getByText('This device', { exact: true }).waitFor()
    const rows = page.getByRole('main').getByRole('listitem')
    expect(await rows.count()).toBe(4)
    await expectFit(page)
    await page.getByRole('button', { name: 'Sign out there' }).first().click()
    await page.getByText(/^Signed out: /).waitFor()
    await rows.nth(3).waitFor({ state: 'detached' })
    await tabTo(page, 'Sign out there')
    await page.keyboard.press('Enter')
    await rows.nth(2).waitFor({ state: 'detached' })
    await tabTo(page, 'Sign out everywhere else')
    await page.keyboard.press('Enter')
    await page.getByText('You are signed in on this device alone.').waitFor()
    for (const { accessToken } of others) expect(await isAlive(accessToken)).toBe(401)
    await expectFit(page)
    await page.reload()
    await page.getByText('You are signed in on this device alone.').waitFor()
    await close(page)
  })
})

describe('linked accounts', () => {
  /** The provider is another origin, so this page does not watch its requests. */
  async function enterFreely(email: string): Promise<Page> {
    const context = await started.browser.newContext({ locale: 'en-GB', bypassCSP: true })
    const page = await context.newPage()
    await page.goto(at('/identities'))
    await signInOn(page, email)
    await see(page, 'Linked accounts')
    return page
  }

  it('are linked at the provider and unlinked, and every refusal is explained', async () => {
    const email = await started.newPerson()
    const page = await enterFreely(email)
    await page.getByText('No account is linked yet.').waitFor()
    acme.setResident('denies')
    await press(page, 'Link Acme')
    await page.getByText('Nothing was linked: the sign-in at the provider was cancelled.').waitFor()
    expect(page.url()).toBe(at('/identities'))
    await expectFit(page)

    acme.setResident({ sub: email, email: 'ada@acme.example', email_verified: true })
    await tabTo(page, 'Link Acme')
    await page.keyboard.press('Enter')
    await page.getByText('Acme is linked. You can sign in with it from now on.').waitFor()
    await page.getByText(/^Linked on \d/).waitFor()
    expect(page.url()).toBe(at('/identities'))
    await expectFit(page)

    const other = await enterFreely(await started.newPerson())
    await press(other, 'Link Acme')
    await other.getByText('Nothing was linked: that account is linked to this account or to another').waitFor()
    await close(other)

    await tabTo(page, 'Unlink')
    await page.keyboard.press('Enter')
    await page.getByText('Acme is unlinked.').waitFor()
    await page.getByText('No account is linked yet.').waitFor()
    await close(page)
  })

  it('keep the last way into the account', async () => {
    const email = await started.newPerson()
    acme.setResident({ sub: email, email: 'last@acme.example', email_verified: true })
    const page = await enterFreely(email)
    await press(page, 'Link Acme')
    await page.getByText('Acme is linked.').waitFor()
    const { body } = await started.api.post('/auth/login', { email, password: PASSWORD })
    change(started.service, 'UPDATE credentials SET password_hash = NULL WHERE user_id = ?', body.user.id)
    await press(page, 'Unlink')
    await page.getByText('This is your only way to sign in. Add another one first.').waitFor()
    await expectFit(page)
    await close(page)
  })
})

describe('the activity', () => {
  it('V8 shows every event of the API, page by page, by keyboard alone', async () => {
    const email = await started.newPerson()
    const { accessToken } = await otherDevice(email)
    await started.api.post('/auth/login', { email, password: 'wrong' })
    for (let times = 0; times < 25; times++) await call('PATCH', '/users/me', accessToken, { bio: String(times) })
    const page = await enter('/activity', email)
    await page.getByRole('heading', { name: 'Profile changed' }).first().waitFor()
    await expectFit(page)
    await tabTo(page, 'Show older entries')
    await page.keyboard.press('Enter')
    await page.getByText('That is everything that was recorded.').waitFor()
    // The first of the older entries has the focus.
    expect(await page.evaluate('[...document.querySelectorAll("ol > li")].indexOf(document.activeElement)')).toBe(20)
    await page.getByRole('heading', { name: /^Sign-in failed/ }).waitFor()
    await page.getByText('The password was wrong.').waitFor()
    const shown = await page.evaluate<string[]>('[...document.querySelectorAll("ol h2")].map(({ id }) => id.slice(6))')
    const { body } = await started.api.get('/users/me/activity?limit=100', accessToken)
    expect(body.next_cursor).toBe(null)
    expect(shown).toEqual(body.events.map(({ id }: { id: string }) => id))
    await close(page)
  })

  it('says what is uncertain, names actions that it has no words for, and has a proof of each event', async () => {
    const email = await started.newPerson()
    const { accessToken } = await otherDevice(email)
    const page = await visit(started.browser, at('/sign-in'))
    await page.route('**/users/me/activity', async (route) => {
      const answer = await route.fetch()
      const { events, next_cursor } = await answer.json()
      const strange = { ...events[0], id: '01a20beb-e3d7-7000-8000-5d1c0f6c2b11', action: 'user.teleported' }
      const edited = { ...strange, by: 'operator', outcome: 'failure', uncertain: ['event', 'actor'] }
      await route.fulfill({ json: { events: [edited, ...events], next_cursor } })
    })
    await page.goto(at('/activity'))
    await signInOn(page, email)
    await page.getByRole('heading', { name: 'user.teleported Failed' }).waitFor()
    await page.getByText('An operator', { exact: true }).first().waitFor()
    // Only an event without a seal is marked. Parts that a statement decided are said among the details.
    expect(await page.getByText('The service cannot vouch for this entry.').count()).toBe(1)
    expect(await page.locator('ol .problem:not(:empty)').count()).toBe(1)

    // The event of the sign-in is not published yet.
    const signedIn = page
      .getByRole('listitem')
      .filter({ has: page.getByRole('heading', { name: /^Signed in/ }) })
      .first()
    await tabTo(page, 'Details')
    await tabTo(page, 'Details')
    await page.keyboard.press('Enter')
    await tabTo(page, 'Download proof')
    await page.keyboard.press('Enter')
    await signedIn.getByText(/^This entry is not in the public log yet. Please try again in 1 second\.$/).waitFor()
    await expectFit(page)
    const id = (await signedIn.getByRole('heading').getAttribute('id'))?.slice('event-'.length) ?? ''
    const proof = await publish(id, accessToken)
    const saving = page.waitForEvent('download')
    await signedIn.getByRole('button', { name: 'Download proof' }).click()
    const saved = await saving
    expect(saved.suggestedFilename()).toBe(`${id}.latchkey-proof`)
    expect(readFileSync(await saved.path(), 'utf8')).toBe(proof)
    // Without a policy, the own check of the project finds the file whole and cannot say whose log it is.
    const { status, stdout } = await runLatchkeyHere(['receipt', 'verify', await saved.path()])
    expect([status, stdout]).toEqual([3, expect.stringContaining('NOT ANCHORED')])
    await page.route('**/proof', (route) => refuse(route, 404, 'not_found'))
    await signedIn.getByRole('button', { name: 'Download proof' }).click()
    await signedIn.getByText('There is no proof of this entry.').waitFor()
    const confirmed = page.getByRole('listitem').filter({ hasText: 'E-mail address confirmed' })
    const parts = confirmed.getByText('Without a seal of the service: who did it, whom it is about.')
    expect(await parts.isVisible()).toBe(false)
    await confirmed.getByText('Details').click()
    await parts.waitFor()
    await close(page)
  })
})

describe('the consents', () => {
  it('are withdrawn and given by keyboard alone, with their history', async () => {
    const email = await started.newPerson()
    const { accessToken } = await otherDevice(email)
    const empty = await enter('/consents', email)
    await empty.getByText('There is no decision of yours yet.').waitFor()
    await expectFit(empty)
    await close(empty)
    await call('PUT', '/users/me/consents/terms', accessToken, { version: '2026-01', decision: 'granted' })
    await call('PUT', '/users/me/consents/marketing', accessToken, { version: '3', decision: 'granted' })
    const page = await enter('/consents', email)
    await page.getByRole('heading', { name: 'Advertising by e-mail Agreed' }).waitFor()
    await tabTo(page, 'Withdraw')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Advertising by e-mail Not agreed' }).waitFor()
    await page.getByText('Your decision is saved.').waitFor()
    await expectFit(page)
    await tabTo(page, 'Agree')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Advertising by e-mail Agreed' }).waitFor()
    await page.locator('.entries li').nth(3).waitFor()
    const { body } = await started.api.get('/users/me/consents', accessToken)
    expect(body.history).toHaveLength(4)
    expect(body.consents).toMatchObject([{ decision: 'granted' }, { decision: 'granted' }])
    await close(page)
  })

  it('record the objection that a browser signals', async () => {
    const email = await started.newPerson()
    const page = await visit(started.browser, at('/sign-in'))
    await page.addInitScript('Object.defineProperty(navigator, "globalPrivacyControl", { value: true })')
    await page.goto(at('/consents'))
    await signInOn(page, email)
    await see(page, 'Your browser asks for privacy')
    await expectFit(page)
    await press(page, 'Record the objection')
    await page.getByRole('heading', { name: 'Selling or sharing your data Not agreed' }).waitFor()
    expect(await page.getByRole('button', { name: 'Record the objection' }).count()).toBe(0)
    await close(page)
  })
})

describe('the own data', () => {
  it('V9 are prepared after a proof in place, and downloaded after another', async () => {
    const email = await started.newPerson()
    const page = await enter('/export', email, { isOld: true })
    await tabTo(page, 'Prepare my data')
    await page.keyboard.press('Enter')
    await proveOn(page)
    await page.getByText(/^Your file is ready\. You can download it until/).waitFor()
    await expectFit(page)
    await page.reload()
    await page.getByText(/^Your file is ready\./).waitFor()
    const saving = page.waitForEvent('download')
    await press(page, 'Download')
    const saved = await (await saving).createReadStream()
    const bundle = JSON.parse(Buffer.concat(await saved.toArray()).toString())
    expect(bundle.manifest.format).toBe('latchkey-export/1')
    expect(JSON.stringify(bundle)).toContain(email)
    await page.getByText('The file is downloaded.').waitFor()
    await close(page)
  })

  it('are asked for less and less often, and not while the page is hidden', async () => {
    const email = await started.newPerson()
    const page = await enter('/export', email)
    const asked: number[] = []
    const answer = { status: 'pending' }
    await page.clock.install()
    await page.route(/\/users\/me\/export\/[^/]+$/, async (route) => {
      asked.push(await page.evaluate('Date.now()'))
      const found = await (await route.fetch()).json()
      if (answer.status === 'gone') return refuse(route, 404, 'not_found')
      await route.fulfill({ json: { ...found, ...answer } })
    })
    await press(page, 'Prepare my data')
    await page.getByText('Your file is being prepared.').waitFor()
    expect(await page.locator(':focus').textContent()).toContain('Your file is being prepared.')
    await page.getByRole('progressbar').waitFor()
    await expectFit(page)
    const pass = async (seconds: number) => {
      for (let second = 0; second < seconds; second++) {
        await page.clock.runFor(1000)
        await page.evaluate('new Promise((resolve) => { fetch("/livez").then(resolve) })')
      }
    }
    await pass(20)
    const first = asked.length
    expect(first).toBeGreaterThan(2)
    expect(first).toBeLessThan(7)
    await page.evaluate(`
      Object.defineProperty(document, 'hidden', { value: true, configurable: true })
      document.dispatchEvent(new Event('visibilitychange'))`)
    await pass(40)
    expect(asked.length).toBe(first)
    answer.status = 'failed'
    await page.evaluate(`
      Object.defineProperty(document, 'hidden', { value: false })
      document.dispatchEvent(new Event('visibilitychange'))`)
    await page.getByText('Your data could not be prepared').waitFor()
    await expectFit(page)
    answer.status = 'gone'
    await page.reload()
    await page.getByText('The file has expired.').waitFor()
    await expectFit(page)
    await page.unrouteAll({ behavior: 'ignoreErrors' })
    await close(page)
  })
})

describe('deleting the account', () => {
  it('V7 takes the address and a proof, signs out every tab, and leaves the way to restore it', async () => {
    const email = await started.newPerson()
    const { accessToken } = await otherDevice(email)
    const page = await enter('/delete', email, { isOld: true })
    const tab = await page.context().newPage()
    await tab.goto(at('/profile'))
    await see(tab, 'Profile')
    await page.getByText(/^After \d+ \w+ \d{4}$/).waitFor()
    await expectFit(page)
    await tabTo(page, /^To confirm, type your e-mail address/)
    await page.keyboard.type('someone@example.com')
    await page.keyboard.press('Enter')
    await page.getByText('This is not the e-mail address of the account.').waitFor()
    await expectFit(page)
    await page.keyboard.press('Control+A')
    await page.keyboard.type(email.toUpperCase())
    await page.keyboard.press('Enter')
    await proveOn(page)
    await see(page, 'Your account is deleted')
    await page.getByText(/^You are signed out everywhere. Until \d+ \w+ \d{4}/).waitFor()
    expect(await page.locator(':focus').textContent()).toBe('Your account is deleted')
    expect(await page.getByRole('navigation').count()).toBe(0)
    await expectFit(page)
    expect((await started.api.get('/auth/session', accessToken)).status).toBe(401)
    await see(tab, 'Sign in')
    await started.mails.take(email, /was deleted/)
    await page.getByRole('link', { name: 'Restore my account' }).click()
    await see(page, 'Restore your account')
    await close(page)
  })
})

describe('what is left', () => {
  const stored = `(async () => JSON.stringify([
    { ...localStorage }, { ...sessionStorage }, await caches.keys(), await indexedDB.databases(), document.cookie,
  ]))()`

  it('V7 is nothing in the browser, nothing behind the back button, and no session in another tab', async () => {
    const email = await started.newPerson()
    const page = await enter('/profile', email)
    await page.getByLabel('Name', { exact: true }).fill('Ada Lovelace')
    await press(page, 'Save')
    await page.getByText('Your profile is saved.').waitFor()
    for (const path of Object.keys(headings)) {
      const answer = await page.goto(at(path))
      expect(answer?.headers()['cache-control']).toBe('no-store')
      await see(page, headings[path] ?? '')
      await page.getByText('One moment …').waitFor({ state: 'detached' })
      expect(await page.evaluate(stored)).toBe('[{},{},[],[],""]')
    }
    const tab = await page.context().newPage()
    await tab.goto(at('/activity'))
    await tab.getByRole('heading', { name: 'Profile changed' }).waitFor()
    await press(page, 'Sign out')
    await see(page, 'Sign in')
    await see(tab, 'Sign in')
    await tab.getByText('Profile changed').waitFor({ state: 'detached' })
    for (let back = 0; back < 3; back++) {
      await page.goBack()
      await see(page, 'Sign in')
      expect(await textOf(page)).not.toMatch(/Ada|example\.com/)
    }
    await close(page)
  })
})

describe('the policy of the pages', () => {
  it('V1 V2 is kept by every screen, by its changes and by its files', async () => {
    const email = await started.newPerson()
    const { accessToken } = await otherDevice(email)
    await call('PUT', '/users/me/consents/terms', accessToken, { version: '1', decision: 'granted' })
    await call('PATCH', '/users/me', accessToken, { preferences: { news: true, panels: [] } })
    const context = await started.browser.newContext({ locale: 'en-GB' })
    const page = await context.newPage()
    const problems: string[] = []
    page.on('console', (message) => /polic|trusted/i.test(message.text()) && problems.push(message.text()))
    page.on('request', (request) => {
      const { origin } = new URL(request.url().replace(/^blob:/, ''))
      if (origin !== started.service.origin) problems.push(request.url())
    })
    await page.goto(at('/sign-in'))
    await signInOn(page, email)
    await see(page, 'Your account')
    for (const [path, heading] of Object.entries(headings)) {
      await page.goto(at(path))
      await see(page, heading)
      await page.getByText('One moment …').first().waitFor({ state: 'detached' })
      if (path === '/activity') {
        const newest = await page.locator('ol h2').first().getAttribute('id')
        await publish(newest?.slice('event-'.length) ?? '', accessToken)
        await page.getByText('Details').first().click()
        await Promise.all([page.waitForEvent('download'), page.getByText('Download proof').first().click()])
      }
      if (path === '/export') {
        await press(page, 'Prepare my data')
        await Promise.all([page.waitForEvent('download'), press(page, 'Download')])
      }
    }
    await page.getByLabel(/^To confirm/).fill(email)
    await press(page, 'Delete my account')
    await see(page, 'Your account is deleted')
    expect(problems).toEqual([])
    await context.close()
  })
})

describe('every screen', () => {
  let email: string
  let page: Page

  beforeAll(async () => {
    email = await started.newPerson()
    page = await enter('', email)
    await page.clock.install()
  })

  afterAll(() => close(page))

  it.each(Object.entries(headings))(
    'says that it is slow, refused, offline or signed out: %s',
    async (path, heading) => {
      const reads = /\/api\/v1\/users\/me(\/(sessions|identities|activity|consents|factors))?(\?.*)?$/
      const again = page.getByRole('button', { name: 'Try again' })

      let go = () => {}
      const held = new Promise<void>((resolve) => {
        go = resolve
      })
      await page.route(reads, async (route) => {
        await held
        await route.continue()
      })
      await page.goto(at(path))
      await see(page, heading)
      await page.getByText('One moment …').first().waitFor()
      await page.clock.fastForward(6000)
      await page.getByText('This takes longer than usual …').first().waitFor()
      await expectAccessible(page)
      go()
      await page.getByText('This takes longer than usual …').first().waitFor({ state: 'detached' })
      await page.unroute(reads)

      await page.route(reads, (route) => refuse(route, 429, 'rate_limited', { 'retry-after': '40' }))
      await page.reload()
      await page.getByText('Too many attempts. Please try again in 40 seconds.').first().waitFor()
      await expectFit(page)
      await page.unroute(reads)
      await page.context().setOffline(true)
      await again.first().click()
      await page.getByText('You seem to be offline.').first().waitFor()
      await page.context().setOffline(false)
      for (const button of await again.all()) await button.click()
      await again.first().waitFor({ state: 'detached' })

      await page.context().clearCookies()
      await page.goto(at(path))
      await signInOn(page, email)
      await see(page, heading)
      expect(page.url()).toBe(at(path))
    },
  )
})
