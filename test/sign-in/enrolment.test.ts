import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { TICKET_MINUTES } from '../../src/core/lifetimes.ts'
import { mailCodeOf } from '../../src/crypto/mail-code.ts'
import { openTicket, sealTicket, type TicketKind } from '../../src/crypto/ticket.ts'
import { type Answer, burst, type Call, get, newPerson, PASSWORD, type Person, post, statuses } from '../support/api.ts'
import { beforeBatch, failing } from '../support/intercept-stores.ts'
import { jobContext } from '../support/job-context.ts'
import { openMailbox, tokenIn } from '../support/mailbox.ts'
import {
  answerEnrolment,
  newDevice,
  newSecurityKey,
  passkeyOptions,
  signInByPasskey,
  storePasskey,
} from '../support/passkeys.ts'
import { appOfTestUsers } from '../support/passwords.ts'
import { routeNames } from '../support/requests.ts'
import { envWithKeys } from '../support/root-keys.ts'
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

/** The beginning of a body that adds a factor. */
interface Begun extends Record<string, unknown> {
  readonly enrolment_token: string
  readonly ticket: string
}

/** A factor that can be added without a session. */
interface Kind {
  readonly name: string
  readonly table: 'totp_factors' | 'passkeys'
  readonly path: string
  /** Takes the options. @returns the right body, but for the mailed code */
  readonly begin: (token: string) => Promise<Begun>
  readonly method: string
  readonly level: string
}

const kinds: readonly Kind[] = [
  {
    ...{ name: 'an app', table: 'totp_factors', path: '/auth/enrol/totp', method: 'otp', level: 'aal2' },
    async begin(token) {
      const { secret: _, ...body } = await offered(token)
      return { ...body }
    },
  },
  {
    ...{ name: 'a passkey', table: 'passkeys', path: '/auth/enrol/passkeys', method: 'pop', level: 'phr' },
    begin: (token) => answerEnrolment(token, newDevice()),
  },
]

const using: Call = { app: appOfTestUsers }
const login = ({ email }: Pick<Person, 'email'>) => post('/auth/login', { email, password: PASSWORD }, using)
const mail = (token: string, options: Call = {}) => post('/auth/enrol/mail', { enrolment_token: token }, options)
const offer = (token: string, options: Call = {}) =>
  post('/auth/enrol/totp/options', { enrolment_token: token }, options)
const idOf = async (token: string): Promise<string> =>
  (await openTicket((await jobContext()).ring, 'enrol', token, Date.now()))?.id ?? ''
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

const addPasskey = (body: Begun, more: Record<string, unknown> = {}, options: Call = {}) =>
  post('/auth/enrol/passkeys', { ...body, ...more }, { ...using, ...options })

const invalidToken = { status: 400, body: { code: 'invalid_token' } }
const openSessions = async () => Number((await row('SELECT count(*) AS n FROM sessions WHERE revoked_at IS NULL')).n)

describe('adding the first second factor without a session', () => {
  test('M11 a sign-in that is due ends at level aal2 by way of mailbox and app', async () => {
    const [ada, box] = [await newDue(), openMailbox()]
    const first = await login(ada)
    expect(first.body).toMatchObject({ enrolment_required: true, methods: ['passkey', 'totp'] })
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
})

describe('a ticket', () => {
  async function proveNewAddress(): Promise<Answer> {
    const { request } = (await post('/auth/sign-up', { email: 'new@example.com' })).body
    const asked = await openTicket((await jobContext()).ring, 'mail-sign-in', request, Date.now())
    return post('/auth/email/confirm', { request, code: await codeFor(asked?.id ?? '') })
  }

  /** Requests whose answer is a ticket. That of an address stays in the database. */
  const askFor: Record<Exclude<TicketKind, 'mail-address'>, (ada: Person) => Promise<Answer>> = {
    enrol: login,
    'passkey-enrol': async (ada) =>
      post('/auth/enrol/passkeys/options', { enrolment_token: (await login(ada)).body.enrolment_token }),
    'passkey-sign-in': () => post('/auth/passkey/options', {}),
    'mail-sign-in': ({ email }) => post('/auth/email', { email }),
    'sign-up': proveNewAddress,
    'passkey-sign-up': async () =>
      post('/auth/sign-up/passkey/options', { sign_up_token: (await proveNewAddress()).body.sign_up_token }),
    'totp-add': async (ada) => {
      await change('UPDATE users SET two_step_due_at = NULL')
      return post('/users/me/totp/options', {}, { token: ada.accessToken })
    },
    'passkey-add': (ada) => passkeyOptions(ada),
    'passkey-step-up': async (ada) => {
      await storePasskey(ada)
      return post('/auth/step-up/options', {}, { token: ada.accessToken })
    },
    mfa: async (ada) => {
      await change('UPDATE users SET two_step_at = 1')
      return login(ada)
    },
  }

  test('lasts as long as its answer says, and so does the question of a browser', async () => {
    const [ada, { ring }] = [await newDue(), await jobContext()]
    for (const kind of Object.keys(askFor) as (keyof typeof askFor)[]) {
      const { body } = await askFor[kind](ada)
      const { ticket = body.mfa_token ?? body.enrolment_token ?? body.sign_up_token ?? body.request } = body
      const seconds = 60 * TICKET_MINUTES[kind]
      const opened = await openTicket(ring, kind, ticket, Date.now())
      expect([kind, body.expires_in, opened?.expiresAtMs]).toEqual([kind, seconds, Date.now() + 1000 * seconds])
      const { timeout = 1000 * seconds, authenticatorSelection: asked } = body.public_key ?? {}
      // Each is a passkey that signs in alone.
      expect([kind, timeout, asked?.userVerification ?? 'required']).toEqual([kind, 1000 * seconds, 'required'])
    }
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
      'POST /api/v1/auth/enrol/passkeys',
      'POST /api/v1/auth/enrol/passkeys/options',
      'POST /api/v1/auth/enrol/totp',
      'POST /api/v1/auth/enrol/totp/options',
    ])
  })

  test.each<[string, (ada: Person) => Promise<unknown>]>([
    ['the password was changed', () => change('UPDATE users SET security_epoch = security_epoch + 1')],
    ['the account was suspended', () => change("UPDATE users SET status = 'suspended'")],
    ['the account has an app now', (ada) => giveTotp(ada)],
    ['the account has recovery codes now', (ada) => giveRecoveryCodes(ada)],
    ['the account has a passkey now', (ada) => storePasskey(ada)],
    ['it has expired', async () => vi.setSystemTime(Date.now() + 15 * 60_000)],
  ])('M11 is worth nothing once %s', async (_, happen) => {
    const ada = await newDue()
    const { token, id } = await enrolmentOf(ada)
    const bodies = await Promise.all(kinds.map(async ({ begin, path }) => ({ path, body: await begin(token) })))
    await happen(ada)
    const state = () => Promise.all(['totp_factors', 'passkeys', 'sessions', 'spent_tickets'].map(countOf))
    const before = await state()
    expect(await mail(token)).toMatchObject(invalidToken)
    for (const { path, body } of bodies) {
      expect(await post(`${path}/options`, { enrolment_token: token })).toMatchObject(invalidToken)
      expect(await post(path, { ...body, mail_code: await codeFor(id) }, using)).toMatchObject(invalidToken)
    }
    expect(await state()).toEqual(before)
    expect(await events('user.enrolment_code_requested')).toEqual([])
  })

  test('H6 D4 brings no mail without its code while the key of its owner cannot be read', async () => {
    const { token } = await enrolmentOf(await newDue())
    const down = failing((name) => /^(KEY_CACHE|VAULT)\./.test(name))
    expect(await mail(token, { env: down })).toMatchObject({ status: 503, body: { code: 'unavailable' } })
    // The data key is under root key 1, and the token under the one that replaced it.
    const replaced = envWithKeys([2])
    const content = await openTicket((await jobContext()).ring, 'enrol', token, Date.now())
    if (content === undefined) throw new Error('the token does not open')
    const newer = await sealTicket((await jobContext(Date.now(), replaced)).ring, 'enrol', content)
    expect(await mail(newer, { env: replaced })).toMatchObject({ status: 503, body: { code: 'misconfigured' } })
    expect(await countOf("mail_jobs WHERE template = 'enrolment-code'")).toBe(0)
    expect(await events('user.enrolment_code_requested')).toEqual([])
  })

  test('M6 M11 compares five mailed codes in a quarter of an hour, for any factor, token and network', async () => {
    const ada = await newDue()
    const attempt = async (at: number, mailCode?: string) => {
      const [kind, { token, id }] = [kinds[at % 2] ?? kinds[0], await enrolmentOf(ada)]
      const headers = { 'cf-connecting-ip': `203.0.113.${at}` }
      const body = { ...(await kind?.begin(token)), mail_code: mailCode ?? (await codeFor(id)) }
      return post(kind?.path ?? '', body, { ...using, headers })
    }
    const answers = []
    for (let at = 0; at < 7; at++) answers.push(await attempt(at, '00000000'))
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401, 429, 429])
    expect(answers[5]?.headers.get('ratelimit-policy')).toContain('second-factor')
    expect([(await attempt(0)).status, (await attempt(1)).status]).toEqual([429, 429])
    expect([await countOf('totp_factors'), await countOf('passkeys')]).toEqual([0, 0])
    vi.setSystemTime(Date.now() + 15 * 60_000)
    expect((await attempt(1)).status).toBe(201)
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
})

describe.each(kinds)('M11 $name as the first second factor', ({ table, path, begin, method, level }) => {
  const add = (body: Begun, more: Record<string, unknown> = {}, options: Call = {}) =>
    post(path, { ...body, ...more }, { ...using, ...options })
  const offer = (token: string) => post(`${path}/options`, { enrolment_token: token })

  test('opens the session that the sign-in waited for, with both factors', async () => {
    const ada = await newDue()
    const { body: first } = await login(ada)
    const body = await begin(first.enrolment_token)
    const added = await add(body, { mail_code: await codeFor(await idOf(first.enrolment_token)) })
    expect(added.status).toBe(201)
    expect(new Set(added.body.recovery_codes).size).toBe(10)
    expect(added.body).toMatchObject({ refresh_token: expect.any(String), user: { id: ada.id, is_verified: true } })
    expect((await get('/auth/session', added.body.access_token)).body).toMatchObject({
      acr: level,
      amr: ['pwd', method, 'mfa'],
    })
    expect(await row('SELECT two_step_at IS NOT NULL AS is_on FROM users')).toEqual({ is_on: 1 })
    expect((await login(ada)).body).toMatchObject({ mfa_required: true })
  })

  test.each(['command', 'operator'] as const)('with a token of a %s needs no mailbox, opens no session', async (by) => {
    const ada = await newPerson()
    const { token } = await enrolmentOf(ada, { by, amr: [], authTimeMs: 0 })
    const [body, before] = [await begin(token), await countOf('sessions')]
    expect(await mail(token)).toMatchObject(invalidToken)
    const added = await add(body)
    expect([added.status, added.body.recovery_codes.length, added.body.access_token]).toEqual([201, 10, undefined])
    expect(await countOf('sessions')).toBe(before)
    expect((await login(ada)).body).toMatchObject({ mfa_required: true })
    expect(await add(body)).toMatchObject(invalidToken)
  })

  test('ends the sessions that proved one factor', async () => {
    const ada = await newPerson()
    const { token } = await enrolmentOf(ada, { by: 'operator' })
    expect((await add(await begin(token))).status).toBe(201)
    expect((await get('/users/me', ada.accessToken)).status).toBe(401)
  })

  test('gives recovery codes where two-step sign-in was on before', async () => {
    const ada = await newPerson()
    await change('UPDATE users SET two_step_at = 1')
    const { token } = await enrolmentOf(ada, { by: 'command' })
    expect((await add(await begin(token))).body.recovery_codes).toHaveLength(10)
    expect(await actions()).not.toContain('two_step.enabled')
  })

  test('sets the session cookie on request', async () => {
    const { token, id } = await enrolmentOf(await newDue())
    const more = { mail_code: await codeFor(id), session_mode: 'cookie' }
    const added = await add(await begin(token), more, { headers: { origin: 'https://latchkey.test' } })
    expect([added.status, added.body.refresh_token]).toEqual([201, undefined])
    expect(added.headers.get('set-cookie')).toContain('__Host-lk_rt=')
  })

  test('needs the mailbox, and a proven address', async () => {
    const ada = await newDue()
    const { token, id } = await enrolmentOf(ada)
    const body = await begin(token)
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
    // A mistyped code leaves the factor that the device has made usable.
    expect((await add(body, { mail_code: right })).status).toBe(201)
  })

  test.each(SIZES)('is added once, sent %i times at once with two tokens', async (size) => {
    const ada = await newDue()
    const tokens = [await enrolmentOf(ada), await enrolmentOf(ada)]
    const bodies = await Promise.all(
      tokens.map(async ({ token, id }) => ({ ...(await begin(token)), mail_code: await codeFor(id) })),
    )
    const before = (await events('user.signed_in')).length
    // The lockout counts every attempt before it is compared, and only a right one clears it.
    const answers = await burst(size, (at) => add(bodies[at % 2] as Begun))
    expect(statuses(answers)[201]).toBe(1)
    expect([await countOf(table), await openSessions()]).toEqual([1, 1])
    expect(await events('user.signed_in')).toHaveLength(before + 1)
    expect(await row('SELECT count(*) AS n FROM recovery_codes')).toEqual({ n: 10 })
  })

  test("M17 is not added with an operator's token if the account changes between the two waits", async () => {
    const ada = await newPerson()
    const { token } = await enrolmentOf(ada, { by: 'operator', amr: [], authTimeMs: 0 })
    const body = await begin(token)
    const between = beforeBatch(2, () => change('UPDATE users SET security_epoch = security_epoch + 1'))
    expect(await add(body, {}, { env: between })).toMatchObject(invalidToken)
    expect([await countOf(table), await countOf('spent_tickets')]).toEqual([0, 0])
  })

  test.each(["status = 'suspended'", 'security_epoch = security_epoch + 1', 'is_verified = 0'])(
    'is not added if the account changes between the two waits: %s',
    async (assignment) => {
      const { token, id } = await enrolmentOf(await newDue())
      const body = await begin(token)
      const between = { env: beforeBatch(2, () => change(`UPDATE users SET ${assignment}`)) }
      const added = await add(body, { mail_code: await codeFor(id) }, between)
      expect([added.status, added.body.code]).toEqual([400, 'invalid_token'])
      expect([await countOf(table), await countOf('spent_tickets')]).toEqual([0, 0])
    },
  )
})

describe('M11 a passkey that is added without a session', () => {
  test('signs in alone afterwards, and its owner can undo it', async () => {
    const [ada, box, device] = [await newDue(), openMailbox(), newDevice()]
    const { token, id } = await enrolmentOf(ada)
    const body = await answerEnrolment(token, device)
    const more = { mail_code: await codeFor(id), name: 'Phone' }
    const added = await addPasskey(body, more, { env: box.env })
    expect(added.status).toBe(201)
    const factors = (await get('/users/me/factors', added.body.access_token)).body
    expect(factors).toMatchObject({ two_step: { enabled: true }, recovery_codes: { left: 10 } })
    expect(factors.passkeys).toMatchObject([{ name: 'Phone', second_factor_only: false }])
    expect(
      await row(
        'SELECT passkey_id = (SELECT id FROM passkeys) AS is_of_session FROM sessions WHERE revoked_at IS NULL',
      ),
    ).toEqual({ is_of_session: 1 })
    expect((await signInByPasskey(device)).status).toBe(200)

    const mails = await box.collect()
    const undo = tokenIn(mails.find(({ text }) => text.includes('lk_unkey_')))
    expect((await post('/auth/undo-passkey', { token: undo })).status).toBe(204)
    expect((await get('/users/me', added.body.access_token)).status).toBe(401)
  })

  test('may be a security key, which is a second factor alone', async () => {
    const { token, id } = await enrolmentOf(await newDue())
    const device = newSecurityKey()
    const body = await answerEnrolment(token, device, 'security_key')
    const added = await addPasskey(body, { mail_code: await codeFor(id) })
    expect((await get('/auth/session', added.body.access_token)).body).toMatchObject({ acr: 'phr' })
    const { passkeys } = (await get('/users/me/factors', added.body.access_token)).body
    expect(passkeys).toMatchObject([{ second_factor_only: true }])
  })

  test('is held to the challenge, the kind and the token of its options', async () => {
    const ada = await newDue()
    const [one, other] = [await enrolmentOf(ada), await enrolmentOf(ada)]
    const refused = { status: 422, body: { errors: [{ pointer: '/credential', detail: 'is not accepted' }] } }
    const mailCodes = [{ mail_code: await codeFor(one.id) }, { mail_code: await codeFor(other.id) }] as const
    const body = await answerEnrolment(one.token, newDevice())
    expect(await addPasskey({ ...body, enrolment_token: other.token }, mailCodes[1])).toMatchObject(refused)
    const foreign = await answerEnrolment(one.token, newDevice({ origin: 'https://evil.test' }))
    expect(await addPasskey(foreign, mailCodes[0])).toMatchObject(refused)
    const unverified = await answerEnrolment(one.token, newDevice({ isUserVerified: false }))
    expect(await addPasskey(unverified, mailCodes[0])).toMatchObject(refused)
    await change('UPDATE users SET two_step_due_at = NULL')
    const { body: ofSession } = await passkeyOptions(ada)
    const credential = await newDevice().create(ofSession.public_key)
    const ticket = String(ofSession.ticket)
    expect(await addPasskey({ enrolment_token: one.token, ticket, credential }, mailCodes[0])).toMatchObject(refused)
    expect([await countOf('passkeys'), await countOf('sessions')]).toEqual([0, 1])
  })

  test('W3 uses its challenge up when it is not accepted, and only then', async () => {
    const { token, id } = await enrolmentOf(await newDue())
    const more = { mail_code: await codeFor(id) }
    const options = await post('/auth/enrol/passkeys/options', { enrolment_token: token })
    const answered = async (variant: { challenge?: string } = {}) => ({
      ...{ enrolment_token: token, ticket: String(options.body.ticket) },
      credential: await newDevice().create(options.body.public_key, variant),
    })
    expect((await addPasskey(await answered({ challenge: 'AAAA' }), more)).status).toBe(422)
    expect((await addPasskey(await answered(), more)).status).toBe(422)
    expect(await countOf('passkeys')).toBe(0)
    const again = await answerEnrolment(token, newDevice())
    const challenge = (await openTicket((await jobContext()).ring, 'passkey-enrol', again.ticket, Date.now()))
      ?.challenge
    const between = beforeBatch(2, () => change('INSERT INTO spent_tickets SELECT ?, 1', challenge))
    expect(await addPasskey(again, more, { env: between })).toMatchObject(invalidToken)
    expect((await addPasskey(await answerEnrolment(token, newDevice()), more)).status).toBe(201)
  })

  test('is not added twice, for whatever account', async () => {
    const [ada, grace] = [await newDue(), await newPerson()]
    const { token, id } = await enrolmentOf(ada)
    const body = await answerEnrolment(token, newDevice())
    await storePasskey(grace)
    await change('UPDATE passkeys SET credential_id = ?', (body.credential as { id: string }).id)
    const more = { mail_code: await codeFor(id) }
    expect(await addPasskey(body, more)).toMatchObject({ status: 409, body: { code: 'passkey_known' } })
    expect([await countOf('passkeys'), await countOf('spent_tickets')]).toEqual([1, 0])
  })

  test('is not offered where the service has no passkeys', async () => {
    const ada = await newDue()
    const without = { env: { ...env, WEBAUTHN_RP_ID: 'other.test' } as Env }
    const { body } = await post('/auth/login', { email: ada.email, password: PASSWORD }, { ...using, ...without })
    expect(body.methods).toEqual(['totp'])
    const asked = await post('/auth/enrol/passkeys/options', { enrolment_token: body.enrolment_token }, without)
    expect(asked).toMatchObject({ status: 503, body: { code: 'misconfigured' } })
  })
})
