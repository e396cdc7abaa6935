import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { routes } from '../../src/app/all-routes.ts'
import { type Answer, type Call, call, newPerson, PASSWORD, type Person, post } from '../support/api.ts'
import { runCronWithArchive, sealErasures } from '../support/erasures.ts'
import { beforeBatch } from '../support/intercept-stores.ts'
import { plainApp as app } from '../support/passwords.ts'
import { giveToken, type PreparedRequest, prepareRequest } from '../support/requests.ts'
import { giveTotp } from '../support/second-factors.ts'
import { change, rows } from '../support/stores.ts'

afterEach(() => {
  vi.useRealTimers()
})

const MINUTE_MS = 60_000
/** Every public route must be listed here, so that a reviewer notices a new one. */
const OPEN_TO_EVERYONE = [
  'POST /api/v1/auth/register',
  'POST /api/v1/auth/login',
  'POST /api/v1/auth/mfa',
  'POST /api/v1/auth/sign-up',
  'POST /api/v1/auth/sign-up/passkey/options',
  'POST /api/v1/auth/sign-up/passkey',
  'POST /api/v1/auth/email',
  'POST /api/v1/auth/email/confirm',
  'POST /api/v1/auth/enrol/mail',
  'POST /api/v1/auth/enrol/totp/options',
  'POST /api/v1/auth/enrol/totp',
  'POST /api/v1/auth/enrol/passkeys/options',
  'POST /api/v1/auth/enrol/passkeys',
  'POST /api/v1/auth/refresh',
  'POST /api/v1/auth/logout',
  'POST /api/v1/auth/restore',
  'POST /api/v1/auth/reset-password',
  'POST /api/v1/auth/reset-password/confirm',
  'POST /api/v1/auth/verify-email',
  'POST /api/v1/auth/verify-email/resend',
  'POST /api/v1/auth/undo-email',
  'POST /api/v1/auth/keep-factors',
  'POST /api/v1/auth/passkey/options',
  'POST /api/v1/auth/passkey',
  'POST /api/v1/auth/undo-passkey',
  'GET /api/v1/auth/oauth/:provider/start',
  'GET /api/v1/auth/oauth/:provider/callback',
  'POST /api/v1/auth/oauth/token',
  'GET /api/v1/auth/return',
  'GET /.well-known/jwks.json',
  'GET /.well-known/audit-checkpoint',
  'GET /.well-known/openid-configuration',
  'GET /.well-known/webauthn',
  'GET /.well-known/passkey-endpoints',
  'GET /.well-known/assetlinks.json',
  'GET /.well-known/apple-app-site-association',
  'GET /audit/log/checkpoint',
  'GET /audit/log/tile/*',
  'GET /readyz',
  'GET /openapi.json',
]

const named = routes.map((route) => ({ ...route, name: `${route.method} ${route.path}` }))
const guarded = named.filter(({ access }) => access !== 'public')
const guardedNames = guarded.map(({ name }) => name)

/** Answered from KV: a change that is only in the database takes effect within a minute (J4). */
const ANSWERED_AT_THE_EDGE = 'GET /api/v1/auth/session'

const TABLES = [
  ...['users', 'user_roles', 'credentials', 'user_profiles', 'sessions', 'one_time_tokens', 'consents', 'exports'],
  ...['erasures', 'mail_jobs', 'legal_holds', 'idempotency_keys', 'job_runs'],
]

/** Everything that a rejected request must not change. */
async function stateOf(): Promise<unknown[]> {
  const statements = TABLES.map((table) => env.DB.prepare(`SELECT * FROM ${table} ORDER BY 1, 2`))
  return (await env.DB.batch(statements)).map(({ results }) => results)
}

async function expectUnchanged(act: () => Promise<unknown>): Promise<void> {
  const before = await stateOf()
  await act()
  expect(await stateOf()).toEqual(before)
}

const send = ({ path, call: prepared }: PreparedRequest, options: Call = {}): Promise<Answer> =>
  call(path, { app, ...prepared, ...options })

/** Sends a request that is valid except for its caller. */
async function expectRefused(request: PreparedRequest, options: Call = {}, code = 'invalid_access_token') {
  const answer = await send(request, options)
  const name = `${request.call.method} ${request.path}`
  expect(answer, name).toMatchObject({ status: 401, body: { code } })
  expect(answer.headers.get('www-authenticate'), name).toMatch(/^Bearer realm="latchkey", error="/)
}

/**
 * A valid request of one user for each of these routes. A rejected request changes nothing, so one user is
 * enough for all.
 */
async function prepareAll(names: readonly string[], person: Person): Promise<PreparedRequest[]> {
  const requests: PreparedRequest[] = []
  for (const name of names) requests.push(await prepareRequest(name, person))
  return requests
}

describe('the table of routes', () => {
  test('A1 declares for every route who may call it', () => {
    const known = ['public', 'bearer', 'step-up', 'admin', 'admin-step-up']
    expect(named.filter(({ access }) => !known.includes(access)).map(({ name }) => name)).toEqual([])
  })

  test('A1 makes only the listed routes public', () => {
    const open = named.filter(({ access }) => access === 'public').map(({ name }) => name)
    const isPage = (name: string) =>
      /^GET \/(|(account|docs)(\/.*)?)$/.test(name) || name === 'GET /.well-known/change-password'
    expect(open.filter((name) => !OPEN_TO_EVERYONE.includes(name) && !isPage(name))).toEqual([])
  })
})

describe('a caller without a valid token', () => {
  let person: Person

  beforeEach(async () => {
    person = await newPerson({}, { app })
  })

  test('J3 is rejected on every route without a token, and with a token that is not an access token', async () => {
    const requests = await prepareAll(guardedNames, person)
    const [header = '', payload = ''] = person.accessToken.split('.')
    const wrong = [
      person.refreshToken,
      await giveToken(person, 'reset'),
      await giveToken(person, 'restore'),
      `${header}.${payload}.`,
      `${person.accessToken}x`,
    ]
    const cookie = `__Host-lk_rt=${person.refreshToken}; access_token=${person.accessToken}`
    const schemes = [`Basic ${btoa(`${person.email}:x`)}`, `DPoP ${person.accessToken}`, 'Bearer']
    for (const request of requests)
      await expectUnchanged(async () => {
        const { token: _, ...anonymous } = request.call
        const unsigned = { ...request, call: anonymous }
        await expectRefused(unsigned)
        for (const token of wrong) await expectRefused(request, { token })
        for (const authorization of schemes) await expectRefused(unsigned, { headers: { authorization } })
        await expectRefused(unsigned, { headers: { cookie } })
      })
  })

  test('J3 is rejected on every route with an expired token', async () => {
    const requests = await prepareAll(guardedNames, person)
    vi.setSystemTime(Date.now() + 17 * MINUTE_MS)
    for (const request of requests) await expectUnchanged(() => expectRefused(request))
  })
})

describe('a caller who may no longer act', () => {
  /** How a session can end, and whether the end is recorded only in the database. */
  const ends: [string, (person: Person) => Promise<unknown>, 'told' | 'untold'][] = [
    ['signed out', ({ refreshToken }) => post('/auth/logout', { refresh_token: refreshToken }), 'told'],
    ['deleted', ({ accessToken }) => call('/api/v1/users/me', { method: 'DELETE', token: accessToken }), 'told'],
    ['suspended', ({ id }) => change("UPDATE users SET status = 'suspended' WHERE id = ?", id), 'untold'],
    ['of an older epoch', ({ id }) => change('UPDATE users SET security_epoch = 9 WHERE id = ?', id), 'untold'],
    [
      'idle for too long',
      ({ id }) => change('UPDATE sessions SET idle_expires_at = 1 WHERE user_id = ?', id),
      'untold',
    ],
  ]

  test.each(ends)('J4 is rejected on every route: %s', async (_, end, kind) => {
    const person = await newPerson({}, { app })
    const inTurn = [...guardedNames.filter((name) => name !== ANSWERED_AT_THE_EDGE), ANSWERED_AT_THE_EDGE]
    const requests = await prepareAll(inTurn, person)
    await end(person)
    for (const request of requests) {
      if (kind === 'untold' && request === requests.at(-1)) vi.setSystemTime(Date.now() + MINUTE_MS + 1000)
      await expectUnchanged(() => expectRefused(request))
    }
  })

  test('D6 J4 is rejected on every route after erasure', async () => {
    const requests: PreparedRequest[] = []
    for (const name of guardedNames) {
      const person = await newPerson({}, { app })
      requests.push(await prepareRequest(name, person))
      await call('/api/v1/users/me', { method: 'DELETE', token: person.accessToken })
    }
    await change('UPDATE erasures SET due_at = 1')
    await sealErasures()
    // A run erases 40 people.
    await runCronWithArchive()
    await runCronWithArchive()
    expect(await rows('SELECT user_id FROM erasures WHERE completed_at IS NULL')).toEqual([])
    await expectUnchanged(async () => {
      for (const request of requests) {
        const { status, body } = await send(request)
        // The code in the request was erased with the person, and a route may check the code before the
        // session.
        expect(['401 invalid_access_token', '400 invalid_token'], request.path).toContain(`${status} ${body.code}`)
      }
    })
  })

  const stepUps = guarded.filter(({ access }) => access.endsWith('step-up')).map(({ name }) => name)
  test('R6 is rejected where a recent sign-in is required, if the sign-in was more than five minutes ago', async () => {
    const requests = await prepareAll(stepUps, await newPerson({}, { app }))
    vi.setSystemTime(Date.now() + 5 * MINUTE_MS + 2000)
    for (const request of requests) await expectUnchanged(() => expectRefused(request, {}, 'step_up_required'))
  })
})

describe('a caller whose account needs two factors', () => {
  const stepUps = guarded.filter(({ access }) => access === 'step-up').map(({ name }) => name)

  test('M10 is rejected where a recent sign-in is required, if it proved one factor', async () => {
    const person = await newPerson({}, { app })
    const requests = await prepareAll(stepUps, person)
    await giveTotp(person)
    await change('UPDATE users SET two_step_at = 1')
    for (const request of requests)
      await expectUnchanged(async () => {
        await expectRefused(request, {}, 'step_up_required')
        const challenge = (await send(request)).headers.get('www-authenticate')
        expect(challenge, request.path).toContain('acr_values="aal2"')
      })
  })

  test('M11 is told to set up a second factor, without a challenge, once the date has passed and there is none', async () => {
    const person = await newPerson({}, { app })
    const requests = await prepareAll(stepUps, person)
    await change('DELETE FROM passkeys')
    await change('UPDATE users SET two_step_due_at = ?', Date.now() - 1)
    for (const request of requests)
      await expectUnchanged(async () => {
        const { status, body, headers } = await send(request)
        expect([status, body.code, headers.get('www-authenticate')], request.path).toEqual([
          ...[403, 'factor_enrolment_required', null],
        ])
      })
  })

  test.each([
    ['POST /api/v1/users/me/email', 'step_up_required'],
    ['POST /api/v1/users/me/password', 'invalid_credentials'],
    ['POST /api/v1/auth/step-up', 'invalid_access_token'],
  ])('M10 is rejected by the last batch if that is decided while the request runs: %s', async (name, code) => {
    const person = await newPerson({}, { app })
    await giveTotp(person)
    const request = await prepareRequest(name, person)
    const using = beforeBatch(2, () => change('UPDATE users SET two_step_at = 1'))
    await change('UPDATE users SET two_step_at = 2')
    const before = await stateOf()
    await change('UPDATE users SET two_step_at = NULL')
    const refused = await send(request, { env: using })
    expect([refused.status, refused.body.code]).toEqual([401, code])
    await change('UPDATE users SET two_step_at = 2')
    expect(await stateOf()).toEqual(before)
  })

  test('M10 is not rejected if it proved two', async () => {
    const person = await newPerson({}, { app })
    await giveTotp(person)
    await change(`UPDATE users SET two_step_at = 1`)
    await change(`UPDATE sessions SET amr = '["mfa","otp","pwd"]'`)
    const { body } = await post('/auth/refresh', { refresh_token: person.refreshToken })
    const owner = { ...person, accessToken: body.access_token }
    for (const name of stepUps) {
      if (name.startsWith('DELETE /api/v1/users/me')) continue
      const answer = await send(await prepareRequest(name, owner))
      expect([200, 201, 202, 204, 404], name).toContain(answer.status)
    }
  })

  test('M10 does not compare a password for a step-up, which would prove one factor', async () => {
    const person = await newPerson({}, { app })
    await giveTotp(person)
    await change('UPDATE users SET two_step_at = 1')
    for (const password of [PASSWORD, 'a guess'])
      await expectUnchanged(async () => {
        const { status, body } = await post('/auth/step-up', { password }, { token: person.accessToken, app })
        expect([status, body.code]).toEqual([403, 'second_factor_required'])
      })
  })

  test('M10 needs at least one factor, if the account has a password and the session a mailbox', async () => {
    const person = await newPerson({}, { app })
    await change(`UPDATE sessions SET amr = '["email"]'`)
    const { body } = await post('/auth/refresh', { refresh_token: person.refreshToken })
    const mailbox = { token: body.access_token }
    for (const name of stepUps) {
      const request = await prepareRequest(name, person)
      const refused = await send(request, mailbox)
      expect([refused.status, refused.body.code], name).toEqual([401, 'step_up_required'])
      expect(refused.headers.get('www-authenticate'), name).toContain('acr_values="aal1"')
    }
  })
})

test('M10 a mailbox alone is enough for an account that has nothing else', async () => {
  const person = await newPerson({}, { app })
  await change(`UPDATE sessions SET amr = '["email"]'`)
  await change('UPDATE credentials SET password_hash = NULL')
  const { body } = await post('/auth/refresh', { refresh_token: person.refreshToken })
  const exported = { method: 'POST', token: body.access_token, app } as const
  expect((await call('/api/v1/users/me/export', exported)).status).toBe(202)
})

describe('a caller who is another user', () => {
  const withId = guarded.filter(({ path, access }) => /:(id|user_id)\b/.test(path) && !access.startsWith('admin'))

  test.each(withId.map(({ name }) => name))('A1 R4 finds nothing of another user: %s', async (name) => {
    const [owner, stranger] = [await newPerson({}, { app }), await newPerson({}, { app })]
    const request = await prepareRequest(name, owner)
    const before = await stateOf()
    const answer = await send(request, { token: stranger.accessToken })
    expect(answer).toMatchObject({ status: 404, body: { code: 'not_found' } })
    expect(await stateOf()).toEqual(before)
    const missing = await send(
      { ...request, path: request.path.replace(/[0-9a-f-]{36}/, crypto.randomUUID()) },
      { token: stranger.accessToken },
    )
    const { request_id: _, instance: __, ...shown } = answer.body
    expect(missing.body).toMatchObject(shown)
  })

  const ofOneself = guarded.filter(({ access }) => !access.startsWith('admin')).map(({ name }) => name)
  test.each(ofOneself)('A1 is the user of the token, whatever else the request contains: %s', async (name) => {
    const [owner, victim] = [await newPerson({}, { app }), await newPerson({}, { app })]
    const request = await prepareRequest(name, owner)
    const ofVictim = async () => JSON.stringify(await stateOf()).split(victim.id).length
    const before = await ofVictim()
    const headers = {
      'x-user-id': victim.id,
      'x-latchkey-user': victim.id,
      'x-forwarded-user': victim.id,
      cookie: `__Host-lk_rt=${victim.refreshToken}; user_id=${victim.id}`,
    }
    const path = `${request.path}?user_id=${victim.id}&id=${victim.id}&sub=${victim.id}`
    const answer = await send({ ...request, path }, { headers })
    expect(JSON.stringify(answer.body)).not.toContain(victim.id)
    expect(JSON.stringify(answer.body)).not.toContain(victim.email)
    expect(await ofVictim()).toBe(before)
    expect((await call('/api/v1/users/me', { token: victim.accessToken })).body.email).toBe(victim.email)
  })
})

describe('a member that the user may not set', () => {
  const withBody = named.filter(({ body, access }) => body !== undefined && !access.startsWith('admin'))

  test.each(withBody.map(({ name }) => name))('A2 is rejected: %s', async (name) => {
    const person = await newPerson({}, { app })
    const request = await prepareRequest(name, person)
    const body = { ...(request.call.body as object) }
    const before = await stateOf()
    for (const member of ['role', 'roles', 'status', 'is_verified', 'id', 'user_id', 'sub', 'security_epoch']) {
      const answer = await send(request, { body: { ...body, [member]: 'admin' } })
      expect(answer, member).toMatchObject({ status: 422, body: { code: 'validation_failed' } })
      expect(answer.body.errors).toContainEqual({ pointer: `/${member}`, detail: 'unknown member' })
    }
    expect(await stateOf()).toEqual(before)
  })
})
