import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { mailCodeOf } from '../../src/crypto/mail-code.ts'
import { burst, type Call, get, newPerson, PASSWORD, type Person, post, statuses } from '../support/api.ts'
import { beforeBatch } from '../support/intercept-stores.ts'
import { jobContext } from '../support/job-context.ts'
import { openMailbox } from '../support/mailbox.ts'
import { appWithCachedHashes } from '../support/passwords.ts'
import { routeNames } from '../support/requests.ts'
import {
  codeOf,
  enrolmentOf,
  giveRecoveryCodes,
  giveTotp,
  mfaTokenOf,
  prove as proveSecond,
  wrongCodeOf,
} from '../support/second-factors.ts'
import { SIZES } from '../support/sizes.ts'
import { actions, change, countOf, databaseText, events, prove, row } from '../support/stores.ts'

beforeEach(() => {
  vi.setSystemTime(Math.floor(Date.now() / 30_000) * 30_000 + 1000)
})

afterEach(() => {
  vi.useRealTimers()
})

/** A person who needs two factors since yesterday, and has none. The address is proven. */
async function newDue(): Promise<Person> {
  const ada = await newPerson()
  await prove(ada)
  await change('UPDATE users SET two_step_due_at = ? WHERE id = ?', Date.now() - 86_400_000, ada.id)
  return ada
}

const using: Call = { app: appWithCachedHashes }
const login = ({ email }: Pick<Person, 'email'>) => post('/auth/login', { email, password: PASSWORD }, using)
const mail = (token: string, options: Call = {}) => post('/auth/enrol/mail', { enrolment_token: token }, options)
const offer = (token: string, options: Call = {}) =>
  post('/auth/enrol/totp/options', { enrolment_token: token }, options)
const codeFor = async (id: string) => mailCodeOf((await jobContext()).ring, id)

interface Offered {
  readonly enrolment_token: string
  readonly ticket: string
  readonly code: string
}

/** Asks for a secret. @returns the body that confirms it */
async function offered(token: string): Promise<Offered & { secret: string }> {
  const { body } = await offer(token)
  return { enrolment_token: token, ticket: body.ticket, code: codeOf(body.secret), secret: body.secret }
}

const add = ({ enrolment_token, ticket, code }: Offered, more: Record<string, unknown> = {}, options: Call = {}) =>
  post('/auth/enrol/totp', { enrolment_token, ticket, code, ...more }, { ...using, ...options })

const invalidToken = { status: 400, body: { code: 'invalid_token' } }
const openSessions = async () => Number((await row('SELECT count(*) AS n FROM sessions WHERE revoked_at IS NULL')).n)

describe('adding the first second factor without a session', () => {
  test('M11 a sign-in that is due ends at level aal2 by way of mailbox and app', async () => {
    const [ada, box] = [await newDue(), openMailbox()]
    const first = await login(ada)
    expect(first.body).toMatchObject({ enrolment_required: true, methods: ['totp'] })
    const token: string = first.body.enrolment_token

    expect((await mail(token, { env: box.env })).status).toBe(202)
    const [sent] = await box.collect()
    expect(sent?.to).toBe(ada.email)
    const [mailCode] = /\b\d{8}\b/.exec(sent?.text ?? '') ?? []
    expect(await databaseText()).not.toContain(mailCode)

    const { secret, ...body } = await offered(token)
    expect([await countOf('totp_factors'), await countOf('spent_tickets')]).toEqual([0, 0])
    const added = await add(body, { mail_code: mailCode })
    expect(added.status).toBe(201)
    expect(new Set(added.body.recovery_codes).size).toBe(10)
    expect(added.body).toMatchObject({ refresh_token: expect.any(String), user: { id: ada.id, is_verified: true } })
    // The first step has typed the address, so this device gets attempts of its own.
    expect(added.body.device_token).toMatch(/^lk_dev_/)
    expect((await get('/auth/session', added.body.access_token)).body).toMatchObject({
      acr: 'aal2',
      amr: ['pwd', 'otp', 'mfa'],
    })
    expect((await get('/users/me/factors', added.body.access_token)).body).toMatchObject({
      two_step: { enabled: true },
      recovery_codes: { left: 10 },
    })

    const second = await proveSecond(await mfaTokenOf(ada), { totp: codeOf(secret, 1) })
    expect(second.status).toBe(200)
    expect(await actions()).toEqual(
      expect.arrayContaining([
        'user.enrolment_asked',
        'user.enrolment_code_requested',
        'totp.added',
        'two_step.enabled',
        'recovery_codes.made',
        'user.signed_in',
      ]),
    )
  })

  test.each(['command', 'operator'] as const)(
    'M17 a token of a %s needs no mailbox and opens no session',
    async (by) => {
      const ada = await newPerson()
      const { token } = await enrolmentOf(ada, { by, amr: [], authTimeMs: 0 })
      const [{ secret, ...body }, before] = [await offered(token), await countOf('sessions')]
      expect(await mail(token)).toMatchObject(invalidToken)
      const added = await add(body)
      expect([added.status, Object.keys(added.body)]).toEqual([201, ['recovery_codes']])
      expect(await countOf('sessions')).toBe(before)
      expect(await row('SELECT two_step_at IS NOT NULL AS is_on FROM users')).toEqual({ is_on: 1 })
      expect((await proveSecond(await mfaTokenOf(ada), { totp: codeOf(secret, 1) })).status).toBe(200)
      expect(await add(body)).toMatchObject(invalidToken)
    },
  )

  test('M11 ends the sessions that proved one factor', async () => {
    const ada = await newPerson()
    const { token } = await enrolmentOf(ada, { by: 'operator' })
    const { secret: _, ...body } = await offered(token)
    expect((await add(body)).status).toBe(201)
    expect((await get('/users/me', ada.accessToken)).status).toBe(401)
  })

  test('M11 gives recovery codes where two-step sign-in was on before', async () => {
    const ada = await newPerson()
    await change('UPDATE users SET two_step_at = 1')
    const { token } = await enrolmentOf(ada, { by: 'command' })
    const { secret: _, ...body } = await offered(token)
    expect((await add(body)).body.recovery_codes).toHaveLength(10)
    expect(await actions()).not.toContain('two_step.enabled')
  })

  test('M11 the session cookie is set on request', async () => {
    const ada = await newDue()
    const { token, id } = await enrolmentOf(ada)
    const { secret: _, ...body } = await offered(token)
    const more = { mail_code: await codeFor(id), session_mode: 'cookie' }
    const added = await add(body, more, { headers: { origin: 'https://latchkey.test' } })
    expect([added.status, added.body.refresh_token]).toEqual([201, undefined])
    expect(added.headers.get('set-cookie')).toContain('__Host-lk_rt=')
  })
})

describe('an enrolment token', () => {
  test('M11 is taken by no other route, and opens nothing', async () => {
    const { token } = await enrolmentOf(await newDue())
    expect((await get('/users/me', token)).status).toBe(401)
    expect((await post('/users/me/totp/options', {}, { token })).status).toBe(401)
    expect((await post('/auth/refresh', { refresh_token: token })).status).toBe(401)
    expect((await post('/auth/restore', { token })).status).toBe(400)
    expect((await proveSecond(token, { totp: '123456' })).status).toBe(401)
    expect(routeNames.filter((name) => name.includes('/auth/enrol/')).sort()).toEqual([
      'POST /api/v1/auth/enrol/mail',
      'POST /api/v1/auth/enrol/totp',
      'POST /api/v1/auth/enrol/totp/options',
    ])
  })

  test.each<[string, (ada: Person) => Promise<unknown>]>([
    ['the password was changed', () => change('UPDATE users SET security_epoch = security_epoch + 1')],
    ['the account was suspended', () => change("UPDATE users SET status = 'suspended'")],
    ['the account has an app now', (ada) => giveTotp(ada)],
    ['the account has recovery codes now', (ada) => giveRecoveryCodes(ada)],
    ['it has expired', async () => vi.setSystemTime(Date.now() + 15 * 60_000)],
  ])('M11 is worth nothing once %s', async (_, happen) => {
    const ada = await newDue()
    const { token, id } = await enrolmentOf(ada)
    const { secret, ...body } = await offered(token)
    await happen(ada)
    const before = [await countOf('totp_factors'), await countOf('sessions'), await countOf('spent_tickets')]
    const fresh = { ...body, code: codeOf(secret) }
    for (const answer of [await mail(token), await offer(token), await add(fresh, { mail_code: await codeFor(id) })])
      expect(answer).toMatchObject(invalidToken)
    expect([await countOf('totp_factors'), await countOf('sessions'), await countOf('spent_tickets')]).toEqual(before)
    expect(await events('user.enrolment_code_requested')).toEqual([])
  })

  test('M11 needs the mailbox, and a proven address', async () => {
    const ada = await newDue()
    const { token, id } = await enrolmentOf(ada)
    const { secret: _, ...body } = await offered(token)
    const right = await codeFor(id)
    const wrong = right === '00000000' ? '11111111' : '00000000'
    const refused = { status: 401, body: { code: 'invalid_mail_code' } }
    expect(await add(body)).toMatchObject(refused)
    expect(await add(body, { mail_code: wrong })).toMatchObject(refused)
    expect(await add(body, { mail_code: await codeFor(crypto.randomUUID()) })).toMatchObject(refused)
    expect((await events('user.second_factor_failed')).map(({ detail }) => detail)).toEqual(
      Array(2).fill({ method: 'mail_code', reason: 'wrong_code' }),
    )
    await change('UPDATE users SET is_verified = 0')
    const unproven = { status: 403, body: { code: 'email_unverified' } }
    expect(await mail(token)).toMatchObject(unproven)
    expect(await offer(token)).toMatchObject(unproven)
    expect(await add(body, { mail_code: right })).toMatchObject(unproven)
    await prove(ada)
    expect((await add(body, { mail_code: right })).status).toBe(201)
  })

  test('M11 does not take the secret of another token, or of a session', async () => {
    const ada = await newDue()
    const [one, other] = [await enrolmentOf(ada), await enrolmentOf(ada)]
    const { secret: _, ...body } = await offered(one.token)
    const swapped = { ...body, enrolment_token: other.token }
    const refused = { status: 401, body: { code: 'invalid_second_factor' } }
    expect(await add(swapped, { mail_code: await codeFor(other.id) })).toMatchObject(refused)
    await change('UPDATE users SET two_step_due_at = NULL')
    const { body: own } = await post('/users/me/totp/options', {}, { token: ada.accessToken })
    const ofSession = { enrolment_token: other.token, ticket: own.ticket, code: codeOf(own.secret) }
    expect(await add(ofSession, { mail_code: await codeFor(other.id) })).toMatchObject(refused)
    const code = wrongCodeOf(own.secret)
    expect(await add({ ...body, code }, { mail_code: await codeFor(one.id) })).toMatchObject(refused)
    expect(await countOf('totp_factors')).toBe(0)
  })

  test('M6 M11 compares five mailed codes in a quarter of an hour, from any token and network', async () => {
    const ada = await newDue()
    const answers = []
    for (let at = 0; at < 7; at++) {
      const { token } = await enrolmentOf(ada)
      const { secret: _, ...body } = await offered(token)
      answers.push(await add(body, { mail_code: '00000000' }, { headers: { 'cf-connecting-ip': `203.0.113.${at}` } }))
    }
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401, 429, 429])
    expect(answers[5]?.headers.get('ratelimit-policy')).toContain('second-factor')
    const { token, id } = await enrolmentOf(ada)
    const { secret: _, ...body } = await offered(token)
    expect((await add(body, { mail_code: await codeFor(id) })).status).toBe(429)
    expect(await countOf('totp_factors')).toBe(0)
    vi.setSystemTime(Date.now() + 15 * 60_000)
    const later = await enrolmentOf(ada)
    const { secret: __, ...again } = await offered(later.token)
    expect((await add(again, { mail_code: await codeFor(later.id) })).status).toBe(201)
  })

  test('M6 counts no mailed code that comes with a void token', async () => {
    const ada = await newDue()
    const { token } = await enrolmentOf(ada)
    const { secret: _, ...body } = await offered(token)
    await change('UPDATE users SET security_epoch = security_epoch + 1')
    for (let at = 0; at < 6; at++) expect(await add(body, { mail_code: '00000000' })).toMatchObject(invalidToken)
    const again = await enrolmentOf(ada)
    const { secret: __, ...right } = await offered(again.token)
    expect((await add(right, { mail_code: await codeFor(again.id) })).status).toBe(201)
  })

  test('mails three codes an hour', async () => {
    const [ada, box] = [await newDue(), openMailbox({ LIMIT_FACTOR: '1' })]
    const sent = []
    for (let at = 0; at < 5; at++) {
      const { token } = await enrolmentOf(ada)
      sent.push(await mail(token, { env: box.env, headers: { 'cf-connecting-ip': `203.0.113.${at}` } }))
    }
    expect(sent.map(({ status }) => status)).toEqual([202, 202, 202, 429, 429])
    expect(await box.collect()).toHaveLength(3)
  })

  test.each(SIZES)('M11 adds one app, sent %i times at once with two tokens', async (size) => {
    const ada = await newDue()
    const tokens = [await enrolmentOf(ada), await enrolmentOf(ada)]
    const bodies = await Promise.all(
      tokens.map(async ({ token, id }) => {
        const { secret: _, ...body } = await offered(token)
        return { ...body, mail_code: await codeFor(id) }
      }),
    )
    const before = (await events('user.signed_in')).length
    // The lockout counts every attempt before it is compared, and only a right one clears it.
    const answers = await burst(size, (at) => {
      const { mail_code, ...body } = bodies[at % 2] as Offered & { mail_code: string }
      return add(body, { mail_code })
    })
    expect(statuses(answers)[201]).toBe(1)
    expect([await countOf('totp_factors'), await openSessions()]).toEqual([1, 1])
    expect(await events('user.signed_in')).toHaveLength(before + 1)
  })

  test("M17 adds nothing with an operator's token if the account changes between the two waits", async () => {
    const ada = await newPerson()
    const { token } = await enrolmentOf(ada, { by: 'operator', amr: [], authTimeMs: 0 })
    const { secret: _, ...body } = await offered(token)
    const between = beforeBatch(2, () => change('UPDATE users SET security_epoch = security_epoch + 1'))
    expect(await add(body, {}, { env: between })).toMatchObject(invalidToken)
    expect([await countOf('totp_factors'), await countOf('spent_tickets')]).toEqual([0, 0])
  })

  test.each(["status = 'suspended'", 'security_epoch = security_epoch + 1', 'is_verified = 0'])(
    'M11 adds nothing if the account changes between the two waits: %s',
    async (assignment) => {
      const ada = await newDue()
      const { token, id } = await enrolmentOf(ada)
      const { secret: _, ...body } = await offered(token)
      const between = { env: beforeBatch(2, () => change(`UPDATE users SET ${assignment}`)) }
      const added = await add(body, { mail_code: await codeFor(id) }, between)
      expect([added.status, added.body.code]).toEqual([400, 'invalid_token'])
      expect([await countOf('totp_factors'), await countOf('spent_tickets')]).toEqual([0, 0])
    },
  )
})
