import { createLocalJWKSet, jwtVerify } from 'jose'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Answer, type Call, call, get, newPerson, PASSWORD, type Person, post } from '../support/api.ts'
import { countCalls, failing } from '../support/intercept-stores.ts'
import { plainApp } from '../support/passwords.ts'
import { countOf, counts } from '../support/stores.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

const ME = '/api/v1/users/me'
const LOGIN = '/api/v1/auth/login'
const CREDENTIALS = { email: 'ada@example.com', password: PASSWORD }
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

function expectHardened({ status, headers }: Answer): void {
  expect(Object.fromEntries(headers)).toMatchObject({
    'strict-transport-security': expect.stringMatching(/^max-age=31536000\b/),
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
    'x-request-id': expect.stringMatching(UUID),
  })
  if (status !== 204) expect(headers.get('content-type')).toMatch(/^application\/(problem\+)?json; charset=utf-8$/i)
  for (const name of ['server', 'x-powered-by', 'set-cookie', 'access-control-allow-origin'])
    expect(headers.has(name)).toBe(false)
}

function expectProblem(answer: Answer, status: number, code: string): void {
  expect(answer.status).toBe(status)
  expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8')
  expect(answer.body).toMatchObject({ type: `urn:latchkey:problem:${code}`, title: expect.any(String), status, code })
  expect(answer.body.request_id).toBe(answer.headers.get('x-request-id'))
}

/** A body in chunks, without a declared length. */
const chunked = (size: number): ReadableStream =>
  new ReadableStream({
    start(controller) {
      for (let sent = 0; sent < size; sent += 8192) controller.enqueue(new TextEncoder().encode('x'.repeat(8192)))
      controller.close()
    },
  })

const LARGE = JSON.stringify({ ...CREDENTIALS, password: 'x'.repeat(64 * 1024) })
const down = () => failing((name) => name.startsWith('DB'), 'D1_ERROR: canary: SQLITE_ERROR')

const PROBLEMS: [string, number, string, () => Promise<Answer>][] = [
  ['no token', 401, 'invalid_access_token', () => get('/users/me')],
  ['an unknown path', 404, 'not_found', () => call('/nowhere')],
  ['another method', 405, 'method_not_allowed', () => call(LOGIN, { method: 'DELETE' })],
  ['a preflight', 405, 'method_not_allowed', () => call(LOGIN, { method: 'OPTIONS' })],
  ['a large body', 413, 'payload_too_large', () => call(LOGIN, { body: LARGE })],
  [
    'a text body',
    415,
    'unsupported_media_type',
    () => call(LOGIN, { body: '{}', headers: { 'content-type': 'text/plain' } }),
  ],
  ['half a body', 400, 'malformed_json', () => call(LOGIN, { body: '{"email":' })],
  ['an empty object', 422, 'validation_failed', () => call(LOGIN, { body: {} })],
  ['a broken database', 500, 'internal_error', () => call(LOGIN, { body: CREDENTIALS, env: down() })],
  [
    'a lost database',
    503,
    'unavailable',
    () => call(LOGIN, { body: CREDENTIALS, env: failing((name) => name.startsWith('DB')) }),
  ],
  ['plain HTTP', 403, 'https_required', () => call(`http://latchkey.test${ME}`)],
]

describe('every answer', () => {
  test.each(PROBLEMS)('H1 H3 is a hardened problem document: %s (%i)', async (_, status, code, send) => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const answer = await send()
    expectProblem(answer, status, code)
    expectHardened(answer)
    expect(JSON.stringify(answer.body)).not.toMatch(/canary|SQLITE|D1_|at .*\.ts/)
    if (status === 401) expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer /)
    if (status === 503) expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
  })

  test('H1 is hardened when it succeeds, with and without a body', async () => {
    const person = await newPerson({}, { app: plainApp })
    for (const path of [ME, '/livez', '/readyz', '/.well-known/openid-configuration']) {
      const answer = await call(path, { token: person.accessToken })
      expect(answer.status).toBe(200)
      expectHardened(answer)
    }
    const left = await post('/auth/logout', { refresh_token: person.refreshToken })
    expect(left.status).toBe(204)
    expectHardened(left)
  })

  test('H1 has its own request id, whatever the client sent', async () => {
    const { headers } = await call('/livez', { headers: { 'x-request-id': 'mine' } })
    expect(headers.get('x-request-id')).toMatch(UUID)
  })

  test.each([
    [LOGIN, 'GET', ['POST']],
    [ME, 'POST', ['GET', 'HEAD', 'DELETE', 'PUT', 'PATCH']],
    ['/.well-known/jwks.json', 'POST', ['GET', 'HEAD']],
    ['/readyz', 'DELETE', ['GET', 'HEAD']],
    ['/livez', 'POST', ['GET', 'HEAD']],
  ])('H1 lists the methods of %s in Allow for the method %s', async (path, method, allowed) => {
    const answer = await call(path, { method })
    expectProblem(answer, 405, 'method_not_allowed')
    expect(answer.headers.get('allow')?.split(', ').sort()).toEqual([...allowed].sort())
  })

  test('H1 has no body for HEAD, and the headers of GET', async () => {
    const { accessToken } = await newPerson({}, { app: plainApp })
    const answer = await call(ME, { method: 'HEAD', token: accessToken })
    expect(answer).toMatchObject({ status: 200, body: '' })
    expect(answer.headers.get('etag')).toMatch(/^"\d+"$/)
    expect((await call(ME, { method: 'HEAD' })).status).toBe(401)
  })
})

describe('plain HTTP', () => {
  test.each(['localhost', '127.0.0.1', '[::1]'])('H1 is accepted on %s', async (host) => {
    expect((await call(`http://${host}:8787/readyz`)).status).toBe(200)
  })

  test.each(['localhost.example.com', 'example.com', '127.0.0.1.nip.io', '0.0.0.0', '192.168.0.1'])(
    'H1 is refused on %s, whatever the forwarding headers say',
    async (host) => {
      const headers = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'localhost', forwarded: 'proto=https' }
      expectProblem(await call(`http://${host}/readyz`, { headers }), 403, 'https_required')
    },
  )
})

describe('the body', () => {
  const send = (body: string, headers: Record<string, string> = {}) => call(LOGIN, { body, headers })

  test('A4 is rejected over 64 KiB if its length is not declared', async () => {
    const { env, calls } = countCalls()
    const request = new Request(`https://latchkey.test${LOGIN}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: chunked(80 * 1024),
    })
    expect(request.headers.has('content-length')).toBe(false)
    expectProblem(await call(LOGIN, { request, env }), 413, 'payload_too_large')
    expect(calls).toEqual([])
  })

  test('A4 is accepted at 64 KiB', async () => {
    const padding = ' '.repeat(64 * 1024 - 2)
    expectProblem(await send(`{${padding}}`), 422, 'validation_failed')
    expectProblem(await send(`{${padding} }`), 413, 'payload_too_large')
  })

  test.each([
    ['two members of one name', '{"email":"a@example.com","email":"b@example.com"}'],
    ['two members of one name, one escaped', '{"email":"a@example.com","\\u0065mail":"b@example.com"}'],
    ['__proto__', '{"__proto__":{"role":"admin"}}'],
    ['__proto__, escaped and deep', '{"a":[{"\\u005f_proto__":1}]}'],
    ['17 levels', `${'['.repeat(17)}${']'.repeat(17)}`],
    ['30,000 levels', '['.repeat(30_000)],
    ['a trailing comma', '{"email":"a@example.com",}'],
    ['a comment', '{/**/}'],
    ['NaN', '{"email":NaN}'],
    ['nothing', ''],
    ['a byte order mark and nothing', '\ufeff'],
    ['two values', '{}{}'],
  ])('A4 is rejected with 400 for %s', async (_, body) => {
    expectProblem(await send(body), 400, 'malformed_json')
  })

  test.each([
    '[]',
    'null',
    '1',
    '"text"',
    `${'['.repeat(16)}${']'.repeat(16)}`,
    '{"email":{"toString":1},"password":[]}',
  ])('A4 is rejected with 422 if it is %s', async (body) => {
    expectProblem(await send(body), 422, 'validation_failed')
  })

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/json-patch+json',
    'application/jsonp',
    'application/json; charset=utf-16',
    'application/json, text/plain',
    'text/plain; application/json',
    'json',
  ])('A4 is rejected with 415 as %s', async (type) => {
    expectProblem(await send(JSON.stringify(CREDENTIALS), { 'content-type': type }), 415, 'unsupported_media_type')
  })

  test.each([
    'application/json',
    'Application/JSON',
    'application/json;charset=UTF-8',
    'application/json ; charset=utf-8',
  ])('A4 is accepted as %s', async (type) => {
    const answer = await send(JSON.stringify(CREDENTIALS), { 'content-type': type })
    expectProblem(answer, 401, 'invalid_credentials')
  })
})

describe('another spelling of a path', () => {
  test.each([
    '//api/v1/auth/login',
    '/api//v1/auth/login',
    '/api/v1/auth/login/',
    '/API/V1/AUTH/LOGIN',
    '/api/v1/auth/Login',
    '/api/v1/auth/%6cogin',
    '/api/v1/auth/%256cogin',
    '/api/v1/auth%2flogin',
    '/api/v1/auth/./login',
    '/api/v1/x/../auth/login',
    '/api/v1/x/%2e%2e/auth/login',
    '/api/v1/auth/login;a=b',
    '/api/v1/auth/login%00',
    '/api/v1/auth/login%20',
    '/api/v1/auth\\login',
    '/api/v1/auth/login.json',
  ])('T4 matches no route, or the same route and counter: %s', async (path) => {
    await call(LOGIN, { body: CREDENTIALS })
    const answer = await call(path, { body: CREDENTIALS })
    expect([401, 404]).toContain(answer.status)
    expectHardened(answer)
    const attempts = answer.status === 401 ? 2 : 1
    // The address has two counters (its window and its failures in a row), and the network has one.
    expect(await counts()).toEqual([attempts, attempts, attempts])
    expect(await countOf('audit_events')).toBe(attempts)
  })
})

describe('the Authorization header', () => {
  const read = (authorization: string, options: Call = {}) => call(ME, { ...options, headers: { authorization } })
  let person: Person

  beforeEach(async () => {
    person = await newPerson({}, { app: plainApp })
  })

  test('J3 accepts a bearer token, with the scheme in any case and any number of spaces', async () => {
    expect((await read(`Bearer ${person.accessToken}`)).status).toBe(200)
    expect((await read(`bearer ${person.accessToken}`)).status).toBe(200)
    expect((await read(`Bearer   ${person.accessToken}`)).status).toBe(200)
  })

  test('J3 accepts no other scheme, kind of token or place, and reads no store', async () => {
    const { accessToken, refreshToken } = person
    const { env, calls } = countCalls()
    const basic = btoa(`user:${accessToken}`)
    const headers = [
      ...['Basic', 'DPoP', 'Token', 'JWT', 'Bearerx', 'Xbearer'].map((scheme) => `${scheme} ${accessToken}`),
      accessToken,
      `Basic ${basic}`,
      `Bearer\t${accessToken}`,
      `Bearer ${accessToken}, Bearer ${accessToken}`,
      `Bearer ${accessToken} x`,
      `Bearer ${refreshToken}`,
      `Bearer ${accessToken}.`,
      `Bearer ${accessToken.split('.').slice(0, 2).join('.')}.`,
      'Bearer',
      'Bearer null',
    ]
    for (const header of headers) expect.soft((await read(header, { env })).status, header.slice(0, 20)).toBe(401)
    expect((await call(`${ME}?access_token=${accessToken}`, { env })).status).toBe(401)
    expect((await call(ME, { env, headers: { cookie: `access_token=${accessToken}` } })).status).toBe(401)
    expect(calls).toEqual([])
  })
})

describe('discovery', () => {
  test('J1 publishes cacheable public keys, with which a token can be verified offline', async () => {
    const person = await newPerson({}, { app: plainApp })
    const jwks = await call('/.well-known/jwks.json')
    expect(jwks.headers.get('cache-control')).toMatch(/public, max-age=\d+/)
    for (const key of jwks.body.keys)
      expect(Object.keys(key).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'])
    expect(new Set(jwks.body.keys.map(({ kid }: { kid: string }) => kid)).size).toBe(3)
    const options = { issuer: 'https://latchkey.test', audience: 'latchkey', typ: 'at+jwt', algorithms: ['ES256'] }
    const { payload, protectedHeader } = await jwtVerify(person.accessToken, createLocalJWKSet(jwks.body), options)
    expect(payload).toMatchObject({
      sub: person.id,
      roles: [],
      amr: ['pwd'],
      acr: 'aal1',
      jti: expect.any(String),
      sid: expect.any(String),
    })
    expect(Object.keys(protectedHeader).sort()).toEqual(['alg', 'kid', 'typ'])
  })

  test('O3 takes the issuer from the configuration, not from the request', async () => {
    const headers = { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'http' }
    const { body } = await call('https://evil.example/.well-known/openid-configuration', { headers })
    expect(body).toMatchObject({
      issuer: 'https://latchkey.test',
      jwks_uri: 'https://latchkey.test/.well-known/jwks.json',
      id_token_signing_alg_values_supported: ['ES256'],
    })
  })

  test('H5 has no debug or test route', async () => {
    for (const path of [
      '/debug',
      '/test',
      '/__scheduled',
      '/api/v1/debug',
      '/api/v1/users',
      '/.env',
      '/admin',
      '/metrics',
    ])
      expect((await call(path)).status, path).toBe(404)
  })
})

describe('readiness', () => {
  test.each([
    ['DB', 'database'],
    ['SESSIONS', 'kv'],
    ['VAULT', 'vault'],
  ])('H6 answers 503 and names the store if %s fails', async (binding, store) => {
    const answer = await call('/readyz', { env: failing((name) => name.startsWith(binding), 'canary') })
    expectProblem(answer, 503, 'unavailable')
    expect(answer.body.detail).toBe(`No answer from: ${store}.`)
    expect((await call('/livez', { env: failing(() => true) })).status).toBe(200)
  })
})
