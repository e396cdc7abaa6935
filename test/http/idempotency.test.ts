import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { routes } from '../../src/app/all-routes.ts'
import { type Answer, burst, type Call, call, newPerson, PASSWORD, post, statuses } from '../support/api.ts'
import { type Fault, type FaultPlan, faultyEnv, killedAt } from '../support/faulty-env.ts'
import { failingAt } from '../support/intercept-stores.ts'
import { plainApp as app } from '../support/passwords.ts'
import { SIZES } from '../support/sizes.ts'
import { change, countOf, countsOf, keyOwners, prove, row, rows } from '../support/stores.ts'

afterEach(() => {
  vi.useRealTimers()
})

const LEASE_MS = 60_000
const DAY_MS = 86_400_000

const withKey = (key: string, options: Call = {}): Call => ({ app, headers: { 'idempotency-key': key }, ...options })

const registration = (email: string) => ({ email, password: PASSWORD, full_name: 'Ada Lovelace' })
const register = (key: string, email = 'ada@example.com', options: Call = {}) =>
  post('/auth/register', registration(email), withKey(key, options))

/** What a client sees of an answer, without the request id. */
const visible = ({ status, headers, body }: Answer) => ({ status, body, location: headers.get('location') })

/** Everything that would differ if a request had acted twice. */
const stateOf = async () => {
  const tables = ['users', 'credentials', 'mail_jobs', 'one_time_tokens', 'exports', 'erasures', 'audit_events']
  return countsOf(tables)
}

describe('the routes that act once', () => {
  test('are those of the contract', () => {
    const once = routes.filter(({ isIdempotent }) => isIdempotent).map(({ method, path }) => `${method} ${path}`)
    const ofContract = [
      'POST /api/v1/auth/register',
      'DELETE /api/v1/users/me',
      'POST /api/v1/users/me/export',
      'POST /api/v1/admin/erasures/run',
    ]
    expect(ofContract).toEqual(expect.arrayContaining(once))
    expect(once).toEqual(expect.arrayContaining(ofContract.slice(0, 3)))
  })

  const kinds: [string, () => Promise<(key: string) => Promise<Answer>>][] = [
    ['POST register', async () => (key) => register(key)],
    ['POST export', async () => send('POST', '/api/v1/users/me/export')],
    ['DELETE me', async () => send('DELETE', '/api/v1/users/me')],
  ]

  async function send(method: string, path: string) {
    const { accessToken } = await newPerson({}, { app })
    return (key: string) => call(path, withKey(key, { method, token: accessToken }))
  }

  test.each(kinds)('give a retry the first answer and act only once: %s', async (_, prepare) => {
    const attempt = await prepare()
    const first = await attempt('k1')
    expect([201, 202]).toContain(first.status)
    const state = await stateOf()
    vi.setSystemTime(Date.now() + 5000)
    expect(visible(await attempt('k1'))).toEqual(visible(first))
    vi.setSystemTime(Date.now() + 600_000)
    expect([visible(first).status, 401]).toContain((await attempt('k1')).status)
    expect(await stateOf()).toEqual(state)
  })

  test.each(SIZES)('act for one of %i with the same key; the others get its answer or wait', async (size) => {
    const answers = await burst(size, () => register('k1'))
    const created = answers.filter(({ status }) => status === 201)
    expect(new Set(created.map(({ body }) => body.id)).size).toBe(1)
    for (const answer of answers.filter(({ status }) => status !== 201)) {
      expect(answer).toMatchObject({ status: 409, body: { code: 'request_in_progress' } })
      expect(answer.headers.get('retry-after')).toBe('2')
    }
    expect(await stateOf()).toMatchObject({ users: 1, credentials: 1, mail_jobs: 1, audit_events: 1 })
    expect((await register('k1')).body).toEqual(created[0]?.body)
  })

  test.each(SIZES)('delete an account once for %i with the same key', async (size) => {
    const { accessToken, id } = await newPerson({}, { app })
    await prove({ id })
    const erase = () => call('/api/v1/users/me', withKey('k1', { method: 'DELETE', token: accessToken }))
    expect(Object.keys(statuses(await burst(size, erase)))).toEqual(expect.arrayContaining(['202']))
    expect((await erase()).body).toMatchObject({ status: 'deleted' })
    expect(await rows("SELECT id FROM mail_jobs WHERE template = 'account-deleted' AND user_id = ?", id)).toHaveLength(
      1,
    )
  })
})

describe('the stored outcome', () => {
  const privately = { ...env, REGISTRATION_MODE: 'private' }
  const erase = async () => {
    const { accessToken } = await newPerson({}, { app })
    return () => call('/api/v1/users/me', withKey('k1', { method: 'DELETE', token: accessToken }))
  }

  /** The answer, and the outcome that the previous version stored for it. */
  const kinds: [string, () => Promise<() => Promise<Answer>>, (answer: Answer) => unknown][] = [
    ['a registration', async () => () => register('k1'), ({ body }) => body.id],
    ['a private one', async () => () => register('k1', 'ada@example.com', { env: privately }), () => null],
    ['a deletion', erase, ({ body }) => ({ purgeAfterMs: Date.parse(body.purge_after) })],
  ]

  test.each(kinds)('is the body of the answer: %s', async (_, prepare) => {
    const attempt = await prepare()
    const { body } = await attempt()
    const { outcome } = await row('SELECT outcome FROM idempotency_keys')
    expect(JSON.parse(String(outcome))).toEqual(body)
  })

  test.each(kinds)('of the previous version gives the same answer: %s', async (_, prepare, keptBefore) => {
    const attempt = await prepare()
    const first = await attempt()
    await change('UPDATE idempotency_keys SET outcome = ?', JSON.stringify(keptBefore(first)))
    const state = await stateOf()
    expect(visible(await attempt())).toEqual(visible(first))
    expect(await stateOf()).toEqual(state)
  })

  test('gives the same answer after registration has become private', async () => {
    const first = await register('k1')
    expect(visible(await register('k1', 'ada@example.com', { env: privately }))).toEqual(visible(first))
  })
})

describe('a key', () => {
  test('with another body is rejected, and the request does not act', async () => {
    await register('k1')
    const answer = await register('k1', 'grace@example.com')
    expect(answer).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } })
    expect(await countOf('users')).toBe(1)
  })

  test('belongs to its caller and its route', async () => {
    const people = [await newPerson({}, { app }), await newPerson({}, { app })]
    const ask = (method: string, path: string) =>
      people.map(({ accessToken }) => call(path, withKey('k1', { method, token: accessToken })))
    const exported = await Promise.all(ask('POST', '/api/v1/users/me/export'))
    expect(new Set(exported.map(({ body }) => body.id)).size).toBe(2)
    const deleted = await Promise.all(ask('DELETE', '/api/v1/users/me'))
    expect(statuses(deleted)).toEqual({ 202: 2 })
  })

  test('of a rejected request can be used again', async () => {
    await register('k1')
    expect((await register('k2')).body.code).toBe('email_taken')
    expect((await register('k2', 'grace@example.com')).status).toBe(201)
  })

  test('expires after 24 hours', async () => {
    await register('k1')
    vi.setSystemTime(Date.now() + DAY_MS - 1000)
    expect((await register('k1', 'grace@example.com')).status).toBe(422)
    vi.setSystemTime(Date.now() + 2000)
    expect((await register('k1', 'grace@example.com')).status).toBe(201)
  })

  test.each(['', ' ', 'a'.repeat(65), 'clé', 'a\tb'])('that is invalid is rejected: %j', async (key) => {
    const sent = await register(key)
    expect(sent).toMatchObject({ status: 422, body: { code: 'validation_failed' } })
    expect(await countOf('users')).toBe(0)
  })

  test('is stored without readable data: no address, password, name or key', async () => {
    await register('canary-key')
    await register('canary-key', 'canary@example.com')
    const kept = JSON.stringify(await rows('SELECT * FROM idempotency_keys'))
    expect(kept).not.toMatch(/canary|ada@|lovelace|battery|example\.com/i)
  })

  test('is ignored on other routes', async () => {
    const { email } = await newPerson({}, { app })
    const login = () => post('/auth/login', { email, password: PASSWORD }, withKey('k1'))
    expect((await login()).body.refresh_token).not.toBe((await login()).body.refresh_token)
    expect(await countOf('idempotency_keys')).toBe(0)
  })
})

describe('a retry after a fault', () => {
  const lost: Exclude<Fault, 'none'>[] = ['fail', 'lose-reply']

  /** The number of store calls of a registration. */
  async function callsOfRegistration(): Promise<string[]> {
    const { env: watched, calls } = faultyEnv(env, () => 'none')
    await register('count', 'count@example.com', { env: watched })
    return calls
  }

  async function expectOneAccount(email: string, plan: FaultPlan, waitMs: number): Promise<void> {
    const before = await stateOf()
    const first = await register(email, email, { env: faultyEnv(env, plan).env })
    vi.setSystemTime(Date.now() + waitMs)
    const retry = await register(email, email)
    expect(retry, email).toMatchObject({ status: 201 })
    if (first.status === 201) expect(visible(retry)).toEqual(visible(first))
    const after = await stateOf()
    for (const table of ['users', 'credentials', 'mail_jobs', 'audit_events'])
      expect(after[table], `${email} ${table}`).toBe(Number(before[table]) + 1)
    expect(await keyOwners()).toContain(retry.body.id)
  }

  test.each(lost)('of any store call makes one account: %s', async (fault) => {
    const calls = await callsOfRegistration()
    for (const [at, name] of calls.entries())
      await expectOneAccount(
        `${fault}-${at}-${name.toLowerCase()}@example.com`,
        (_, i) => (i === at ? fault : 'none'),
        0,
      )
  })

  test.each(lost)('that aborted the request at any point makes one account, a minute later: %s', async (fault) => {
    const calls = await callsOfRegistration()
    for (const [at, name] of calls.entries())
      await expectOneAccount(`${fault}-${at}-${name.toLowerCase()}@example.com`, killedAt(at, fault), LEASE_MS + 1)
  })

  test('finds the committed work if the reply of the database was lost, within the same request', async () => {
    let batches = 0
    const plan: FaultPlan = (name) => (name === 'DB.batch' && ++batches === 3 ? 'lose-reply' : 'none')
    expect((await register('k1', 'ada@example.com', { env: faultyEnv(env, plan).env })).status).toBe(201)
    expect(await countOf('users')).toBe(1)
  })

  test('waits for an attempt that may still be running, but not longer than its lease', async () => {
    let batches = 0
    const { env: killed } = faultyEnv(env, (name) => (name === 'DB.batch' && ++batches > 2 ? 'fail' : 'none'))
    expect((await register('k1', 'ada@example.com', { env: killed })).status).toBeGreaterThanOrEqual(500)
    vi.setSystemTime(Date.now() + LEASE_MS - 1000)
    expect(await register('k1')).toMatchObject({ status: 409, body: { code: 'request_in_progress' } })
    vi.setSystemTime(Date.now() + 2000)
    expect((await register('k1')).status).toBe(201)
  })

  test('does not act if the claim cannot be written', async () => {
    expect((await register('k1', 'ada@example.com', { env: failingAt('DB.batch', 2) })).status).toBe(503)
    expect(await countOf('users')).toBe(0)
  })

  test('E3 gets the same answer and no second mail where registration is private', async () => {
    const privately = { ...env, REGISTRATION_MODE: 'private' }
    const { email } = await newPerson({}, { app })
    const before = await stateOf()
    const attempt = () => register('k1', email, { env: privately })
    const first = await attempt()
    expect(first.status).toBe(202)
    const state = await stateOf()
    expect(state.mail_jobs).toBe(Number(before.mail_jobs) + 1)
    expect(visible(await attempt())).toEqual(visible(first))
    expect(await stateOf()).toEqual(state)
    // The mode may change between the two requests.
    expect(visible(await register('k1', email))).toEqual(visible(first))
  })

  test('D9 gets the same answer after a document got a new version', async () => {
    const withTerms = (version: string) => ({
      ...env,
      CONSENT_DOCUMENTS: JSON.stringify({
        terms: { version, title: 'T', url: 'https://example.com/', required: true },
      }),
    })
    const body = { email: 'ada@example.com', password: PASSWORD, consents: [{ document: 'terms', version: '1' }] }
    const attempt = (version: string, key: string) =>
      post('/auth/register', body, { app, env: withTerms(version), headers: { 'idempotency-key': key } })
    const first = await attempt('1', 'k1')
    expect(first.status).toBe(201)
    expect(visible(await attempt('2', 'k1'))).toEqual(visible(first))
    expect((await attempt('2', 'k2')).status).toBe(422)
  })
})
