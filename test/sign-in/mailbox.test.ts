import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { burst, type Call, call, get, newPerson, PASSWORD, type Person, post, statuses } from '../support/api.ts'
import { beforeBatch } from '../support/intercept-stores.ts'
import { type Mailbox, openMailbox, tokenIn } from '../support/mailbox.ts'
import { codeOf, giveTotp, prove as proveSecond, turnTwoStepOn } from '../support/second-factors.ts'
import { SIZES } from '../support/sizes.ts'
import { actions, change, countOf, databaseText, events, prove, row, rows } from '../support/stores.ts'
import { recordWaits } from '../support/waits.ts'

beforeEach(() => {
  vi.setSystemTime(Date.now())
})

afterEach(() => {
  vi.useRealTimers()
})

const open = openMailbox
const later = (ms: number) => vi.setSystemTime(Date.now() + ms)

const ask = (email: string, box: Pick<Mailbox, 'env'>, extra: Record<string, unknown> = {}, options: Call = {}) =>
  post('/auth/email', { email, ...extra }, { env: box.env, ...options })

const confirm = (body: Record<string, unknown>, options: Call = {}) => post('/auth/email/confirm', body, options)

interface Asked {
  readonly request: string
  readonly code: string
  readonly token: string
}

/** Asks for a mail. @returns what the browser keeps, and what the mail contains */
async function asked({ email }: Pick<Person, 'email'>, box = open()): Promise<Asked> {
  const { body } = await ask(email, box)
  const mail = (await box.collect()).findLast(({ to }) => to === email)
  return { request: body.request, code: /\b\d{8}\b/.exec(mail?.text ?? '')?.[0] ?? '', token: tokenIn(mail) }
}

const newOwner = async (): Promise<Person> => {
  const ada = await newPerson({ full_name: 'Ada Lovelace' })
  await prove(ada)
  return ada
}

const invalid = { status: 400, body: { code: 'invalid_token' } }
const wrongFor = (code: string) => (code === '00000000' ? '11111111' : '00000000')

describe('a sign-in by mail', () => {
  test('is not there unless an operator switches it on', async () => {
    const ada = await newOwner()
    const off = openMailbox({ EMAIL_SIGN_IN: 'off' })
    expect((await ask(ada.email, off)).status).toBe(404)
    expect(await countOf('mail_requests')).toBe(0)
  })

  test.each(['code', 'token'] as const)('L5 with the %s opens a session of level aal0', async (way) => {
    const [eve, ada] = [await newPerson(), await newOwner()]
    const mailed = await asked(ada)
    const { status, body } = await confirm({ request: mailed.request, [way]: mailed[way] })
    expect([status, body.user]).toMatchObject([200, { id: ada.id, email: ada.email, is_verified: true }])
    expect((await get('/auth/session', body.access_token)).body).toMatchObject({ acr: 'aal0', amr: ['email'] })
    const guarded = await post('/users/me/email', { new_email: 'x@example.com' }, { token: body.access_token })
    expect([guarded.status, guarded.body.code]).toEqual([401, 'step_up_required'])
    expect(await actions()).toEqual(expect.arrayContaining(['user.sign_in_code_requested', 'user.signed_in']))
    // Nobody has proven the address of the other account, and nothing of it is void.
    expect((await get('/users/me', eve.accessToken)).body.is_verified).toBe(false)
    expect(await events('user.credentials_voided')).toEqual([])
  })

  test('L1 answers alike for an unknown address, writes the same rows, and mails nothing', async () => {
    const [ada, box] = [await newOwner(), open()]
    const before = await countOf('mail_requests')
    const known = await ask(ada.email, box)
    const rowsOfKnown = (await countOf('mail_requests')) - before
    const unknown = await ask('nobody@example.com', box)
    const shape = ({ status, body }: typeof known) => [status, Object.keys(body), body.expires_in]
    expect(shape(unknown)).toEqual(shape(known))
    expect((await countOf('mail_requests')) - before).toBe(2 * rowsOfKnown)
    expect(Math.abs(unknown.body.request.length - known.body.request.length)).toBeLessThan(20)
    expect((await box.collect()).map(({ to }) => to)).toEqual([ada.email])
    const asking = await events('user.sign_in_code_requested')
    // Two events of one millisecond have no order.
    expect(new Set(asking.map(({ subject_id: subject }) => subject))).toEqual(new Set([ada.id, null]))
    expect(asking).toHaveLength(2)
  })

  test('L1 leaves nothing in a store with which somebody could sign in', async () => {
    const [ada, box] = [await newOwner(), open()]
    const { body } = await ask(ada.email, box)
    const messages = JSON.stringify(box.messages)
    const [mail] = await box.collect()
    const code = /\b\d{8}\b/.exec(mail?.text ?? '')?.[0] ?? ''
    const stored = `${await databaseText()}${messages}`
    expect(code).toMatch(/^\d{8}$/)
    for (const secret of [code, tokenIn(mail), body.request]) expect(stored).not.toContain(secret)
  })

  test('L2 works with the request of the browser that asked alone', async () => {
    const [ada, eve] = [await newOwner(), await newOwner()]
    const [ofAda, ofEve] = [await asked(ada), await asked(eve)]
    expect(await confirm({ request: ofEve.request, code: ofAda.code })).toMatchObject(invalid)
    expect(await confirm({ request: ofEve.request, token: ofAda.token })).toMatchObject(invalid)
    expect(await confirm({ request: `${ofAda.request.slice(0, -4)}AAAA`, code: ofAda.code })).toMatchObject(invalid)
    expect((await call(`/api/v1/auth/email/confirm?token=${ofAda.token}`)).status).toBe(405)
    expect((await confirm({ request: ofAda.request, token: ofAda.token })).status).toBe(200)
  })

  test('L3 compares five codes of a request; the link works all the same', async () => {
    const ada = await newOwner()
    const { request, code, token } = await asked(ada)
    const answers = await burst(50, (at) =>
      confirm({ request, code: wrongFor(code) }, { headers: { 'cf-connecting-ip': `203.0.113.${at}` } }),
    )
    expect(statuses(answers)).toEqual({ 400: 5, 429: 45 })
    // A right code that is not compared does not lift the lock either.
    for (let at = 0; at < 2; at++) expect((await confirm({ request, code })).status).toBe(429)
    expect((await confirm({ request, token })).status).toBe(200)
    const reasons = (await events('user.sign_in_failed')).map(({ detail }) => detail.reason)
    expect(reasons.filter((reason) => reason === 'wrong_code')).toHaveLength(5)
  })

  test('L3 compares 20 codes a day for an address, over all requests', async () => {
    const [ada, answers] = [await newOwner(), [] as number[]]
    for (let at = 0; at < 5; at++) {
      const { request, code } = await asked(ada)
      for (let guess = 0; guess < 5; guess++) answers.push((await confirm({ request, code: wrongFor(code) })).status)
    }
    expect(answers).toEqual([...Array(20).fill(400), ...Array(5).fill(429)])
    const { request, code, token } = await asked(ada)
    expect((await confirm({ request, code })).status).toBe(429)
    expect((await confirm({ request, token })).status).toBe(200)
  })

  test('L3 ends after ten minutes, and mails nothing later', async () => {
    const ada = await newOwner()
    const { request, code } = await asked(ada)
    later(10 * 60_000)
    expect(await confirm({ request, code })).toMatchObject(invalid)
    const box = open()
    await ask(ada.email, box)
    later(10 * 60_000)
    expect(await box.collect()).toEqual([])
  })

  test('L3 keeps older requests, except the one that the same browser replaces', async () => {
    const [ada, box] = [await newOwner(), open()]
    const first = await asked(ada, box)
    const other = await asked(ada, box)
    const { body } = await ask(ada.email, box, { previous: first.request })
    await box.collect()
    expect(await confirm({ request: first.request, code: first.code })).toMatchObject(invalid)
    expect((await confirm({ request: other.request, code: other.code })).status).toBe(200)
    expect(body.request).not.toBe(first.request)
  })

  test('L4 the link is dead once the code was used, and the other way round', async () => {
    const ada = await newOwner()
    const [one, two] = [await asked(ada), await asked(ada)]
    expect((await confirm({ request: one.request, code: one.code })).status).toBe(200)
    expect(await confirm({ request: one.request, token: one.token })).toMatchObject(invalid)
    expect((await confirm({ request: two.request, token: two.token })).status).toBe(200)
    expect(await confirm({ request: two.request, code: two.code })).toMatchObject(invalid)
  })

  test.each(SIZES)('L4 opens one session, sent %i times at once as code and link', async (size) => {
    const ada = await newOwner()
    const { request, code, token } = await asked(ada)
    const before = await countOf('sessions')
    const answers = await burst(size, (at) => confirm({ request, ...(at % 2 === 0 ? { code } : { token }) }))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(await countOf('sessions')).toBe(before + 1)
  })

  test('L5 asks for the second factor, and the request is used up', async () => {
    const ada = await newOwner()
    const secret = await giveTotp(ada)
    await turnTwoStepOn(ada)
    const { request, code, token } = await asked(ada)
    const first = await confirm({ request, code })
    expect(first.body).toMatchObject({ mfa_required: true, methods: ['totp'] })
    expect(await confirm({ request, token })).toMatchObject(invalid)
    const second = await proveSecond(first.body.mfa_token, { totp: codeOf(secret) })
    expect((await get('/auth/session', second.body.access_token)).body).toMatchObject({
      acr: 'aal2',
      amr: ['email', 'otp', 'mfa'],
    })
  })

  test('L5 voids everything that came before the first proof of the address', async () => {
    const eve = await newPerson({ full_name: 'Eve' })
    await giveTotp(eve)
    await turnTwoStepOn(eve)
    const { request, code } = await asked(eve)
    const { body } = await confirm({ request, code })
    expect(body.user).toMatchObject({ id: eve.id, is_verified: true })
    expect((await get('/users/me', eve.accessToken)).status).toBe(401)
    expect((await get('/users/me', body.access_token)).body.profile.full_name).toBeNull()
    expect((await post('/auth/login', { email: eve.email, password: PASSWORD })).status).toBe(401)
    expect(await countOf('totp_factors')).toBe(0)
    expect(await events('user.credentials_voided')).toMatchObject([{ subject_id: eve.id }])
    expect(await events('user.email_verified')).toMatchObject([{ subject_id: eve.id }])
  })

  test.each([
    ["status = 'suspended', suspended_at = 1", 403],
    ['security_epoch = security_epoch + 1', 400],
  ])('M11 opens nothing if the account changes between the two waits: %s', async (assignment, status) => {
    const ada = await newOwner()
    const { request, code } = await asked(ada)
    const before = await countOf('sessions')
    const between = beforeBatch(2, () => change(`UPDATE users SET ${assignment}`))
    const answer = await confirm({ request, code }, { env: between })
    expect([answer.status === status || answer.status === 400, await countOf('sessions')]).toEqual([true, before])
  })

  test('O7 its session ends when the owner moves to another mailbox, and others go on', async () => {
    const [ada, box] = [await newOwner(), open()]
    const { request, code } = await asked(ada)
    const { body: thief } = await confirm({ request, code })
    const using = { env: box.env, token: ada.accessToken }
    await post('/users/me/email', { new_email: `new-${ada.email}` }, using)
    expect((await post('/auth/verify-email', { token: tokenIn((await box.collect()).at(-1)) }, using)).status).toBe(204)
    expect((await get('/users/me', thief.access_token)).status).toBe(401)
    expect((await get('/users/me', ada.accessToken)).status).toBe(200)
  })

  test('offers a deleted account back by the mailed link, and opens nothing with the request', async () => {
    const [ada, box] = [await newOwner(), open()]
    await call('/api/v1/users/me', { method: 'DELETE', token: ada.accessToken })
    later(1)
    const { body } = await ask(ada.email, box)
    const [mail] = await box.collect().then((mails) => mails.slice(-1))
    expect(tokenIn(mail)).toMatch(/^lk_recover_/)
    expect(await confirm({ request: body.request, token: tokenIn(mail) })).toMatchObject(invalid)
    expect(await rows('SELECT template FROM mail_jobs WHERE template = ?', 'sign-in')).toEqual([])
  })

  test('is requested five times an hour for an address', async () => {
    const [ada, box] = [await newOwner(), open({ LIMIT_FACTOR: '1' })]
    const sent = []
    for (let at = 0; at < 7; at++)
      sent.push((await ask(ada.email, box, {}, { headers: { 'cf-connecting-ip': `203.0.113.${at}` } })).status)
    expect(sent).toEqual([202, 202, 202, 202, 202, 429, 429])
    expect(await box.collect()).toHaveLength(5)
  })

  test('L1 waits for storage once to ask, and twice to confirm', async () => {
    const recorder = recordWaits()
    const person = await newPerson({}, { env: recorder.env })
    await prove(person)
    await post('/auth/login', { email: 'nobody@example.com', password: PASSWORD }, { env: recorder.env })
    const measured = await recorder.measure('/api/v1/auth/email', { body: { email: person.email } })
    expect(measured.rounds).toEqual([['DB.batch', 'LIMITS.get', 'LIMITS.get']])
    const unknown = await recorder.measure('/api/v1/auth/email', { body: { email: 'nobody@example.com' } })
    expect([unknown.rounds, unknown.after.length]).toEqual([measured.rounds, measured.after.length])
    const { request, code } = await asked(person)
    const confirmed = await recorder.measure('/api/v1/auth/email/confirm', { body: { request, code } })
    expect(confirmed.answer.status).toBe(200)
    expect(confirmed.rounds).toEqual([
      ['DB.batch', 'LIMITS.get'],
      ['DB.batch', 'SESSIONS.put'],
    ])
    expect((await row('SELECT count(*) AS n FROM spent_tickets')).n).toBe(1)
  })
})

describe('a step-up by mail', () => {
  /** A person with a mailbox alone, signed in a while ago. */
  async function newMailboxOwner() {
    const ada = await newOwner()
    await change('UPDATE credentials SET password_hash = NULL WHERE user_id = ?', ada.id)
    const { request, code } = await asked(ada)
    const { body } = await confirm({ request, code })
    later(10 * 60_000)
    const renewed = await post('/auth/refresh', { refresh_token: body.refresh_token })
    return { ...ada, accessToken: String(renewed.body.access_token) }
  }

  const stepUp = ({ accessToken }: Pick<Person, 'accessToken'>, { request, code }: Pick<Asked, 'request' | 'code'>) =>
    post('/auth/step-up', { email_code: code, request }, { token: accessToken })

  const changeAddress = (token: string) => post('/users/me/email', { new_email: 'x@example.com' }, { token })

  test('M14 confirms an account that has its mailbox alone, once', async () => {
    const ada = await newMailboxOwner()
    expect((await changeAddress(ada.accessToken)).status).toBe(401)
    const mailed = await asked(ada)
    const { env } = open({ EMAIL_SIGN_IN: 'off' })
    const asks = { email_code: mailed.code, request: mailed.request }
    expect((await post('/auth/step-up', asks, { env, token: ada.accessToken })).status).toBe(404)
    const { status, body } = await stepUp(ada, mailed)
    expect(status).toBe(200)
    expect((await get('/auth/session', body.access_token)).body).toMatchObject({ acr: 'aal0', amr: ['email'] })
    expect((await changeAddress(body.access_token)).status).toBe(202)
    expect(await events('session.stepped_up')).toMatchObject([{ detail: { method: 'email' } }])
    expect((await stepUp(ada, mailed)).status).toBe(401)
    expect(await confirm({ request: mailed.request, code: mailed.code })).toMatchObject(invalid)
  })

  test.each<[string, (ada: Person) => Promise<unknown>]>([
    ['a password', ({ id }) => change("UPDATE credentials SET password_hash = 'x' WHERE user_id = ?", id)],
    ['two-step sign-in', async (ada) => void (await Promise.all([giveTotp(ada), turnTwoStepOn(ada)]))],
  ])('M10 changes nothing for an account with %s, and uses nothing up', async (_, give) => {
    const ada = await newMailboxOwner()
    const mailed = await asked(ada)
    await give(ada)
    const refused = await stepUp(ada, mailed)
    expect([refused.status, refused.body.code]).toEqual([403, 'second_factor_required'])
    expect(await rows('SELECT id FROM spent_tickets WHERE id IN (SELECT id FROM mail_jobs)')).toHaveLength(1)
  })

  test('takes no code of another address, and five wrong ones', async () => {
    const [ada, eve] = [await newMailboxOwner(), await newOwner()]
    const refused = { status: 401, body: { code: 'invalid_credentials' } }
    expect(await stepUp(ada, await asked(eve))).toMatchObject(refused)
    const mailed = await asked(ada)
    for (let at = 0; at < 5; at++)
      expect(await stepUp(ada, { ...mailed, code: wrongFor(mailed.code) })).toMatchObject(refused)
    expect((await stepUp(ada, mailed)).status).toBe(429)
    const reasons = (await events('user.reauthentication_failed')).map(({ detail }) => detail.reason)
    expect(reasons.sort()).toEqual(['locked', ...Array(6).fill('wrong_code')])
  })

  test('T2 compares codes of the owner while strangers have used up those of the address', async () => {
    const ada = await newMailboxOwner()
    for (let at = 0; at < 4; at++) {
      const { request, code } = await asked(ada)
      for (let guess = 0; guess < 5; guess++) await confirm({ request, code: wrongFor(code) })
    }
    const mailed = await asked(ada)
    expect((await confirm({ request: mailed.request, code: mailed.code })).status).toBe(429)
    expect((await stepUp(ada, mailed)).status).toBe(200)
  })

  test.each(SIZES)('M5 renews once, sent %i times at once', async (size) => {
    const ada = await newMailboxOwner()
    const mailed = await asked(ada)
    const answers = await burst(size, () => stepUp(ada, mailed))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(await events('session.stepped_up')).toHaveLength(1)
  })
})
