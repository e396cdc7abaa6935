import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { burst, type Call, get, newPerson, post, statuses } from '../support/api.ts'
import type { Variant } from '../support/authenticator.ts'
import { deliverMails, type Mailbox, openMailbox, tokenIn } from '../support/mailbox.ts'
import { addPasskey, newDevice, removePasskey, signInByPasskey } from '../support/passkeys.ts'
import { runCron } from '../support/service.ts'
import { SIZES } from '../support/sizes.ts'
import { actions, change, countOf, databaseText, events, keyOwners, prove, row, rows } from '../support/stores.ts'

beforeEach(() => {
  vi.setSystemTime(Date.now())
})

afterEach(() => {
  vi.useRealTimers()
})

const ask = (email: string, box: Pick<Mailbox, 'env'>, body: Record<string, unknown> = {}, options: Call = {}) =>
  post('/auth/sign-up', { email, ...body }, { env: box.env, ...options })

const confirm = (body: Record<string, unknown>) => post('/auth/email/confirm', body)

let counter = 0
const freshAddress = () => `new${++counter}@example.com`

/** Asks for a sign-up, and reads the mail. */
async function asked(email: string, box = openMailbox(), body: Record<string, unknown> = {}, options: Call = {}) {
  const { body: answer } = await ask(email, box, body, options)
  const mail = (await box.collect()).findLast(({ to }) => to === email)
  return { request: String(answer.request), code: /\b\d{8}\b/.exec(mail?.text ?? '')?.[0] ?? '', mail }
}

/** Proves an address without an account. @returns the token that creates one */
async function proven(email = freshAddress(), body: Record<string, unknown> = {}, options: Call = {}) {
  const { request, code } = await asked(email, undefined, body, options)
  const confirmed = await confirm({ request, code })
  return { email, token: String(confirmed.body.sign_up_token), answer: confirmed.body }
}

async function offered(token: string, device = newDevice(), variant: Variant = {}) {
  const { body } = await post('/auth/sign-up/passkey/options', { sign_up_token: token })
  return { device, ticket: String(body.ticket), credential: await device.create(body.public_key, variant) }
}

type Offered = Awaited<ReturnType<typeof offered>>

const finish = (token: string, { ticket, credential }: Pick<Offered, 'ticket' | 'credential'>, body = {}) =>
  post('/auth/sign-up/passkey', { sign_up_token: token, ticket, credential, ...body })

/** What a sign-up could leave behind. */
async function remains() {
  const tables = ['users', 'passkeys', 'mail_jobs', 'mail_requests', 'user_profiles', 'consents']
  return [...(await Promise.all(tables.map(countOf))), (await keyOwners()).length]
}

const invalid = { status: 400, body: { code: 'invalid_token' } }

describe('a sign-up without a password', () => {
  test('L6 creates the account with the first passkey, and signs in', async () => {
    const preferences = { locale: 'de' }
    const given = { full_name: 'Ada Lovelace', preferences }
    // An account of another address plays no part.
    await prove(await newPerson())
    const { email, token, answer } = await proven(freshAddress(), given, { headers: { 'sec-gpc': '1' } })
    expect(answer).toEqual({ passkey_required: true, sign_up_token: token, expires_in: 900 })
    const made = await offered(token)
    const { status, body } = await finish(token, made, { name: 'Phone' })
    expect([status, body.user]).toMatchObject([201, { email, is_verified: true }])
    expect((await get('/auth/session', body.access_token)).body).toMatchObject({ acr: 'phr', amr: ['pop', 'mfa'] })
    expect((await get('/users/me', body.access_token)).body).toMatchObject({
      email,
      profile: { full_name: 'Ada Lovelace', preferences },
    })
    expect((await get('/users/me/consents', body.access_token)).body.consents).toMatchObject([{ source: 'sec-gpc' }])
    expect(await actions()).toEqual(expect.arrayContaining(['user.registered', 'passkey.added', 'user.signed_in']))
    expect(await countOf("audit_events WHERE pii_enc IS NULL AND action <> 'user.sign_in_code_requested'")).toBe(0)
    const { body: offer } = await post('/auth/passkey/options', {})
    const again = { ticket: offer.ticket, credential: await made.device.get(offer.public_key) }
    expect((await post('/auth/passkey', again)).body.user).toMatchObject({ email })
  })

  test('D9 L6 keeps what the person agreed to with the account, and nothing where the address has one', async () => {
    const texts = { title: 'x'.repeat(100), url: 'https://a.example', required: true }
    const documents = Array.from({ length: 8 }, (_, n) => ({ document: `${n}`.repeat(64), version: `${n}`.repeat(64) }))
    const CONSENT_DOCUMENTS = JSON.stringify(
      Object.fromEntries(documents.map(({ document, version }) => [document, { ...texts, version }])),
    )
    const box = openMailbox({ CONSENT_DOCUMENTS })
    const ada = await newPerson()
    await prove(ada)
    const profile = { full_name: '\u{1f600}'.repeat(100), preferences: { a: '\u{1f600}'.repeat(2000) } }
    for (const [email, kept] of [
      [ada.email, 0],
      [freshAddress(), 8],
    ] as const) {
      expect((await ask(email, box, { consents: documents.slice(1) })).status).toBe(422)
      const { request, code } = await asked(email, box, { ...profile, consents: documents })
      const { status, body } = await confirm({ request, code })
      expect(status).toBe(200)
      if (kept > 0) expect((await finish(body.sign_up_token, await offered(body.sign_up_token))).status).toBe(201)
      expect(await countOf("consents WHERE decision = 'granted' AND source = 'user'")).toBe(kept)
    }
    expect(await rows('SELECT document, version FROM consents ORDER BY document')).toEqual(documents)
  })

  test('L6 gives nobody an address that they have not proven, and gives it once', async () => {
    const { request, code } = await asked(freshAddress())
    expect(await confirm({ request, code: code === '00000000' ? '11111111' : '00000000' })).toMatchObject(invalid)
    expect((await confirm({ request, code })).body.passkey_required).toBe(true)
    expect(await confirm({ request, code })).toMatchObject(invalid)
    const failed = await events('user.sign_in_failed')
    // Two events of one millisecond have no order.
    expect(failed.map(({ detail }) => detail.reason).sort()).toEqual(['used_code', 'wrong_code'])
  })

  test('L6 leaves nothing behind at any step, and the address stays free', async () => {
    const before = await remains()
    const [email, box] = [freshAddress(), openMailbox()]
    await ask(email, box)
    expect(await databaseText()).not.toContain(email)
    const { request, code } = await asked(email)
    expect(await remains()).not.toEqual(before)
    await box.collect()
    expect(await remains()).toEqual(before)
    const { body } = await confirm({ request, code })
    expect(await remains()).toEqual(before)
    await offered(body.sign_up_token)
    expect(await remains()).toEqual(before)
    expect((await post('/auth/register', { email, password: 'correct horse battery staple' })).status).toBe(201)
  })

  test('L6 goes no further once an operator has switched it off', async () => {
    const { token } = await proven()
    const [made, { request, code }] = [await offered(token), await asked(freshAddress())]
    const { env } = openMailbox({ EMAIL_SIGN_IN: 'off' })
    const late: [string, unknown][] = [
      ['/auth/email/confirm', { request, code }],
      ['/auth/sign-up/passkey/options', { sign_up_token: token }],
      ['/auth/sign-up/passkey', { sign_up_token: token, ticket: made.ticket, credential: made.credential }],
    ]
    const answers = await Promise.all(late.map(([path, body]) => post(path, body, { env })))
    expect(statuses(answers)).toEqual({ 404: 3 })
    expect(await countOf('users')).toBe(0)
    expect((await finish(token, made)).status).toBe(201)
  })

  test('L6 is deleted after ten minutes if no mail leaves', async () => {
    const [email, box] = [freshAddress(), openMailbox()]
    await ask(email, box)
    box.setDown(true)
    await box.collect()
    expect(await countOf('mail_requests')).toBe(1)
    vi.setSystemTime(Date.now() + 11 * 60_000)
    await runCron(undefined, '*/5 * * * *')
    expect(await countOf('mail_requests')).toBe(0)
    box.setDown(false)
    expect(await box.collect()).toEqual([])
  })

  test('L6 is mailed once more after a failure, and not twice', async () => {
    const [email, box] = [freshAddress(), openMailbox()]
    await ask(email, box)
    const messages = [...box.messages]
    box.setDown(true)
    await box.collect()
    box.setDown(false)
    vi.setSystemTime(Date.now() + 60_000)
    box.messages.push(...messages, ...messages)
    expect(await box.collect()).toHaveLength(1)
  })

  test.each(SIZES)('L6 is mailed once, delivered %i times at once', async (size) => {
    const box = openMailbox()
    await ask(freshAddress(), box)
    const messages = [...box.messages]
    await Promise.all(Array.from({ length: size }, () => deliverMails([...messages], box.env)))
    expect(box.mails).toHaveLength(1)
    expect(await countOf('mail_requests')).toBe(0)
  })

  test('K37 mails nothing to an address that was moved from another request', async () => {
    const box = openMailbox()
    for (const email of [freshAddress(), freshAddress()]) await ask(email, box)
    const [one, other] = await rows('SELECT id, address_enc FROM mail_requests ORDER BY id')
    await change('UPDATE mail_requests SET address_enc = ? WHERE id = ?', other?.address_enc, one?.id)
    await change('UPDATE mail_requests SET address_enc = ? WHERE id = ?', one?.address_enc, other?.id)
    expect(await box.collect()).toEqual([])
    expect(await countOf('mail_requests')).toBe(0)
  })

  test.each(['public', 'private'])('L6 answers and mails alike where the address has an account: %s', async (mode) => {
    const box = openMailbox({ REGISTRATION_MODE: mode })
    const ada = await newPerson()
    await prove(ada)
    const [known, unknown] = [await ask(ada.email, box), await ask(freshAddress(), box)]
    expect([known.status, Object.keys(known.body)]).toEqual([unknown.status, Object.keys(unknown.body)])
    const mails = await box.collect()
    const ofAda = mails.find(({ to }) => to === ada.email)
    expect([mails.length, ofAda?.subject]).toEqual([2, 'Sign in to Latchkey'])
    const { body } = await confirm({ request: known.body.request, token: tokenIn(ofAda) })
    expect(body.user).toMatchObject({ id: ada.id })
  })

  test('L6 tells of an account that came meanwhile, and keeps it', async () => {
    const { email, token } = await proven()
    const made = await offered(token)
    await post('/auth/register', { email, password: 'correct horse battery staple' })
    const owners = (await keyOwners()).length
    expect(await finish(token, made)).toMatchObject({ status: 409, body: { code: 'email_taken' } })
    expect([await countOf('passkeys'), (await keyOwners()).length]).toEqual([0, owners])
  })

  test('L6 takes no answer of another sign-up, of a foreign origin, or of a spent challenge', async () => {
    const [ada, eve] = [await proven(), await proven()]
    const [ofAda, ofEve] = [await offered(ada.token), await offered(eve.token)]
    expect(await finish(ada.token, ofEve)).toMatchObject(invalid)
    expect(await finish('v2.nonsense', ofAda)).toMatchObject(invalid)
    const offer = await post('/auth/sign-up/passkey/options', { sign_up_token: 'v2.nonsense' })
    expect(offer).toMatchObject(invalid)
    const foreign = await offered(ada.token, newDevice({ origin: 'https://evil.example' }))
    expect((await finish(ada.token, foreign)).status).toBe(422)
    expect(await finish(ada.token, foreign)).toMatchObject(invalid)
    for (const variant of [{ isUserPresent: false }, { isUserVerified: false }])
      expect((await finish(ada.token, await offered(ada.token, newDevice(), variant))).status).toBe(422)
    expect(await countOf('users')).toBe(0)
    expect((await finish(ada.token, ofAda)).status).toBe(201)
    expect(await finish(ada.token, await offered(ada.token))).toMatchObject(invalid)
  })

  test('W17 its session ends with the passkey, for example on a lost device', async () => {
    const { token } = await proven()
    const { body: lost } = await finish(token, await offered(token))
    const [{ id }, device] = [await row('SELECT id FROM passkeys'), newDevice()]
    expect((await addPasskey({ accessToken: lost.access_token }, device)).status).toBe(201)
    const { body } = await signInByPasskey(device)
    expect((await removePasskey({ accessToken: body.access_token }, String(id))).status).toBe(204)
    expect((await get('/users/me', lost.access_token)).status).toBe(401)
  })

  test('W8 refuses a passkey that another account has', async () => {
    const [ada, eve] = [await proven(), await proven()]
    const made = await offered(ada.token)
    await finish(ada.token, made)
    const other = await offered(eve.token)
    await change('UPDATE passkeys SET credential_id = ?', (other.credential as { id: string }).id)
    expect(await finish(eve.token, other)).toMatchObject({ status: 409, body: { code: 'passkey_known' } })
    expect(await countOf('users')).toBe(1)
    expect((await finish(eve.token, await offered(eve.token))).status).toBe(201)
  })

  test.each(SIZES)('L6 creates one account of %i finished at once with one token', async (size) => {
    const { token } = await proven()
    const made = await Promise.all(Array.from({ length: size }, () => offered(token)))
    const answers = await burst(size, (at) => finish(token, made[at] as Offered))
    expect(statuses(answers)[201]).toBe(1)
    expect([await countOf('users'), await countOf('passkeys')]).toEqual([1, 1])
    expect(await rows('SELECT user_id FROM passkeys')).toEqual([{ user_id: (await row('SELECT id FROM users')).id }])
  })
})
