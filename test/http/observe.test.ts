import { env } from 'cloudflare:workers'
import { types } from 'node:util'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { OpenContext } from '../../src/context.ts'
import { openContext, runtimeFor } from '../../src/runtime/runtime.ts'
import { type Answer, type Call, call, get, newPerson, PASSWORD, post } from '../support/api.ts'
import { type Console, listenToConsole } from '../support/console.ts'
import { failing, interceptStores } from '../support/intercept-stores.ts'
import { jobContext } from '../support/job-context.ts'
import { countedEnv, withMetrics } from '../support/metrics.ts'
import { plainApp as app } from '../support/passwords.ts'
import { prepareRequest, routeNames } from '../support/requests.ts'

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const CANARY = { full_name: 'Canary Xylophone', phone_number: '+491700000083' }
const HEADERS = {
  'cf-connecting-ip': '2001:db8:ca:9a21:feed:beef:dead:c0de',
  'user-agent': 'CanaryBrowser/42.17',
  'accept-language': 'de-CANARY',
  cookie: '__Host-lk_rt=lk_rt_canary-cookie; other=canary-cookie',
  origin: 'https://canary-origin.example',
  referer: 'https://canary-referer.example/secret',
  'x-request-id': 'canary-request',
  'if-none-match': '"canary-tag"',
}
const QUERY = 'email=canary.query%40example.com&token=lk_reset_canary-token&code=canary-code'

const MEMBERS = ['level', 'event', 'request_id', 'method', 'route', 'status', 'code', 'duration_ms']

describe('the log line of a request', () => {
  test('D1 O1 contains its route and its result, and no personal data, on every route', async () => {
    const written = listenToConsole()
    const reader = await newPerson(CANARY, { app })
    for (const name of routeNames) {
      const person = /\/admin\/|^GET (?!.*export)/.test(name) ? reader : await newPerson(CANARY, { app })
      const prepared = await prepareRequest(name, person)
      const before = written.lines('request').length
      const answer = await call(prepared.path, { ...prepared.call, app, headers: HEADERS })
      const withQuery = `${prepared.path}${prepared.path.includes('?') ? '&' : '?'}${QUERY}`
      await call(withQuery, { ...prepared.call, app, headers: HEADERS })

      const [line, ...others] = written.lines('request').slice(before)
      expect.soft(others, name).toHaveLength(1)
      expect.soft(Object.keys(line ?? {}), name).toEqual(MEMBERS)
      expect.soft(`${line?.method} ${line?.route}`).toBe(name)
      expect.soft(line?.request_id, name).toBe(answer.headers.get('x-request-id'))
      expect.soft(line, name).toMatchObject({ status: answer.status, code: answer.body.code ?? 'ok' })
      expectNone(written, [person, prepared.call, answer.body].flatMap(stringsIn))
    }
    expectNone(written, ['canary', PASSWORD, ...[CANARY, HEADERS].flatMap(stringsIn)])
  })

  test.each<[string, string, Call, object]>([
    [
      'a path that is none of ours',
      '/api/v1/auth/verify-email/lk_verify_canary',
      {},
      { route: 'unmatched', status: 404, code: 'not_found' },
    ],
    [
      'an id',
      '/api/v1/users/me/sessions/canary',
      { method: 'DELETE' },
      { route: '/api/v1/users/me/sessions/:id', status: 401, code: 'invalid_access_token' },
    ],
    ['a preflight', '/api/v1/auth/login', { method: 'OPTIONS' }, { method: 'OPTIONS', code: 'method_not_allowed' }],
    ['a method of another trade', '/canary', { method: 'PROPFIND' }, { method: 'OTHER', status: 404 }],
    ['plain HTTP', 'http://canary.example/canary', {}, { route: 'unmatched', status: 403, code: 'https_required' }],
    ['HEAD', '/readyz', { method: 'HEAD' }, { method: 'HEAD', route: '/readyz', status: 200, code: 'ok' }],
    ['a sign of life', '/livez?canary', {}, { route: '/livez', status: 200, code: 'ok' }],
    ['a body that is no JSON', '/api/v1/auth/login', { body: '{"canary' }, { status: 400, code: 'malformed_json' }],
  ])('D1 reports %s without its content', async (_, path, options, expected) => {
    const written = listenToConsole()
    await call(path, { ...options, app })
    expect(written.lines('request')).toEqual([expect.objectContaining(expected)])
    expectNone(written, ['canary'])
  })

  test('H3 has the same request id as the line with the cause, and neither contains a message of the database', async () => {
    const written = listenToConsole()
    const broken = failing((name) => name.startsWith('DB'), 'D1_ERROR: canary: SQLITE_ERROR')
    const { body } = await post('/auth/login', { email: 'ada@example.com', password: PASSWORD }, { env: broken })
    const about = { request_id: body.request_id }
    expect(written.lines('request')).toEqual([
      expect.objectContaining({ ...about, status: 500, code: 'internal_error' }),
    ])
    expect(written.lines('request_failed')).toEqual([expect.objectContaining({ ...about, code: 'D1_ERROR' })])
    expectNone(written, ['canary', 'ada@example.com'])
  })

  test('contains the time until the answer', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const slow = interceptStores((name, run) => {
      if (name === 'DB.first') vi.setSystemTime(Date.now() + 25)
      return run()
    })
    const { accessToken } = await newPerson({}, { app })
    const written = listenToConsole()
    await get('/users/me', accessToken, { env: slow })
    expect(written.lines('request')).toEqual([expect.objectContaining({ status: 200, duration_ms: 25 })])
  })

  test.each([
    ['problems', [404]],
    ['none', []],
  ])('is left out with REQUEST_LOG=%s, but still counted', async (REQUEST_LOG, expected) => {
    const counted = countedEnv({ ...env, REQUEST_LOG } as Env)
    const written = listenToConsole()
    for (const path of ['/readyz', '/nowhere']) await call(path, { env: counted.env })
    expect(written.lines('request').map(({ status }) => status)).toEqual(expected)
    expect(counted.points).toHaveLength(2)
  })
})

describe('the request counters', () => {
  test('have a point for each request: route, method, code, status and time', async () => {
    const { env: counting, points } = countedEnv()
    await call('/api/v1/users/me', { env: counting })
    await call('/livez', { env: counting })
    expect(points).toEqual([
      {
        indexes: ['GET /api/v1/users/me'],
        blobs: ['request', '/api/v1/users/me', 'GET', 'invalid_access_token'],
        doubles: [401, expect.any(Number)],
      },
      { indexes: ['GET /livez'], blobs: ['request', '/livez', 'GET', 'ok'], doubles: [200, expect.any(Number)] },
    ])
  })

  test('count requests to a Worker that is not configured', async () => {
    listenToConsole()
    const { env: counting, points } = countedEnv({ ...env, ROOT_KEYS: '' } as Env)
    await call('/readyz', { env: counting })
    expect(points).toMatchObject([{ blobs: ['request', '/readyz', 'GET', 'misconfigured'] }])
  })

  test('write to the simulated dataset', async () => {
    expect((await call('/readyz', { env: withMetrics() })).status).toBe(200)
  })

  test('H6 can fail without affecting the request', async () => {
    const writeDataPoint = vi.fn(() => {
      throw new Error('canary')
    })
    const written = listenToConsole()
    expect((await call('/readyz', { env: withMetrics({ writeDataPoint }) })).status).toBe(200)
    expect(writeDataPoint).toHaveBeenCalledOnce()
    expectNone(written, ['canary'])
  })

  test('fit every route into an index of 96 bytes', () => {
    for (const name of routeNames) expect(new TextEncoder().encode(name).length, name).toBeLessThanOrEqual(96)
  })
})

describe('Server-Timing', () => {
  const timed = () => ({ ...env, SERVER_TIMING: 'true' }) as Env
  const login = (using: Env, password = PASSWORD) =>
    post('/auth/login', { email: 'ada@example.com', password }, { env: using })

  test('E1 is off by default, on every kind of answer', async () => {
    await post('/auth/register', { email: 'ada@example.com', password: PASSWORD })
    const answers = [
      await login(env),
      await login(env, 'not the password'),
      await call('/livez'),
      await call('/nowhere'),
    ]
    for (const { headers } of answers) expect(headers.has('server-timing')).toBe(false)
  })

  test('has no cost while it is off: no port is wrapped', async () => {
    const open = async (using: Env) =>
      openContext(using, await runtimeFor(using), { facts: await jobContext(), actor: { type: 'anonymous' } })
    const wrapped = ({ ctx }: OpenContext) => [ctx.db, ctx.vault, ctx.passwords].map(types.isProxy)
    const off = await open(env)
    expect(off.phases).toBeUndefined()
    expect(wrapped(off)).toEqual([false, false, false])
    expect(wrapped(await open(timed()))).toEqual([true, true, true])
  })

  test('names the phases of a sign-in, of a rejected sign-in and of a session check', async () => {
    await post('/auth/register', { email: 'ada@example.com', password: PASSWORD })
    const signedIn = await login(timed())
    expect(phasesOf(signedIn)).toEqual(['db', 'hash', 'kv', 'limits', 'total', 'vault'])
    expect(phasesOf(await login(timed(), 'not the password'))).toEqual(expect.arrayContaining(['db', 'hash']))
    expect(phasesOf(await get('/auth/session', signedIn.body.access_token, { env: timed() }))).toEqual(['kv', 'total'])
  })
})

const phasesOf = ({ headers }: Answer): string[] =>
  (headers.get('server-timing') ?? '')
    .split(', ')
    .map((entry) => /^(\w+);dur=\d+(\.\d)?$/.exec(entry)?.[1] ?? entry)
    .sort()

/** Members of a problem document. The pattern of a path without parameters is the path itself. */
const TOLD = ['request_id', 'code', 'instance']

/** Values that may be addresses, names, ids or tokens: long texts that are not expected in the line. */
function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return value.length >= 8 && /[@\d\s]/.test(value) ? [value] : []
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, member]) =>
    TOLD.includes(name) && !String(member).startsWith('lk_') ? [] : stringsIn(member),
  )
}

function expectNone(written: Console, secrets: Iterable<string>): void {
  const text = written.text().toLowerCase()
  expect([...secrets].filter((secret) => text.includes(secret.toLowerCase()))).toEqual([])
}
