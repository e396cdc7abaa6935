import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { type DevService, startDevService } from '../support/dev-service.ts'
import { sendRaw } from '../support/raw-http.ts'

const run = promisify(execFile)
const JSON_TYPE = { 'content-type': 'application/json' }
const PASSWORD = 'correct horse battery staple'

// What real clients put on the wire, which `new Request` in a test does not: a running service, Node's fetch, curl, and
// bytes written by hand.
let service: DevService

beforeAll(async () => {
  service = await startDevService({ settings: { LIMIT_FACTOR: '1000' } })
}, 90_000)

afterAll(() => service?.[Symbol.asyncDispose]())

const api = (path: string) => `${service.origin}/api/v1${path}`

async function ask(method: string, path: string, headers: Record<string, string>, body?: string | Uint8Array) {
  const response = await fetch(api(path), { method, headers, ...(body !== undefined && { body: body as BodyInit }) })
  const text = await response.text()
  return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) }
}

let people = 0
async function register() {
  const email = `person${++people}@example.com`
  await ask('POST', '/auth/register', JSON_TYPE, JSON.stringify({ email, password: PASSWORD }))
  return signIn(email)
}

async function signIn(email: string) {
  const { body } = await ask('POST', '/auth/login', JSON_TYPE, JSON.stringify({ email, password: PASSWORD }))
  return { email, bearer: { authorization: `Bearer ${body.access_token}` } }
}

type Person = Awaited<ReturnType<typeof register>>
let ada: Person

beforeAll(async () => {
  ada = await register()
})

const patchMe = (body: string | Uint8Array, headers: Record<string, string> = {}) =>
  ask('PATCH', '/users/me', { ...ada.bearer, ...JSON_TYPE, ...headers }, body)
const readMe = async () => (await ask('GET', '/users/me', ada.bearer)).body.profile

describe('signing out with the bearer token and no body', () => {
  const LOGOUT = 'POST /api/v1/auth/logout HTTP/1.1'
  type Send = (authorization: string) => Promise<number>
  const raw =
    (headers: readonly string[], body = ''): Send =>
    async (authorization) =>
      (await sendRaw(service.origin, [LOGOUT, `authorization: ${authorization}`, ...headers], body)).status
  const CLIENTS: Record<string, Send> = {
    'fetch, content-length: 0': async (authorization) =>
      (await fetch(api('/auth/logout'), { method: 'POST', headers: { authorization } })).status,
    'fetch with a body of no characters': async (authorization) =>
      (await fetch(api('/auth/logout'), { method: 'POST', headers: { authorization }, body: '' })).status,
    curl: async (authorization) => {
      const wanted = ['-s', '-o', '/dev/null', '-w', '%{http_code}', '-X', 'POST', '-H']
      return Number((await run('curl', [...wanted, `authorization: ${authorization}`, api('/auth/logout')])).stdout)
    },
    'curl -d ""': async (authorization) => {
      const wanted = ['-s', '-o', '/dev/null', '-w', '%{http_code}', '-d', '', '-H']
      return Number((await run('curl', [...wanted, `authorization: ${authorization}`, api('/auth/logout')])).stdout)
    },
    'neither length nor encoding': raw([]),
    'axios and OkHttp': raw(['accept: application/json, text/plain, */*', 'content-length: 0']),
    'a generated client, which names JSON': raw(['content-type: application/json', 'content-length: 0']),
    'an XMLHttpRequest that names a form': raw([
      'content-type: application/x-www-form-urlencoded',
      'content-length: 0',
    ]),
    'an empty chunked body': raw(['transfer-encoding: chunked'], '0\r\n\r\n'),
    'an empty JSON object': raw(['content-type: application/json', 'content-length: 2'], '{}'),
  }
  test.each(Object.entries(CLIENTS))('ends the session: %s', async (_, send) => {
    const { bearer } = await signIn(ada.email)
    expect(await send(bearer.authorization)).toBe(204)
    expect((await ask('GET', '/users/me', bearer)).status).toBe(401)
  })

  it('does not stand in for a body that a route needs', async () => {
    const answers = await Promise.all([
      sendRaw(service.origin, ['POST /api/v1/auth/refresh HTTP/1.1', 'content-length: 0']),
      sendRaw(service.origin, [
        'POST /api/v1/auth/refresh HTTP/1.1',
        'content-type: application/json',
        'content-length: 0',
      ]),
    ])
    expect(answers.map(({ status }) => status)).toEqual([415, 400])
  })
})

describe('bytes that are not UTF-8', () => {
  const latin1 = (text: string) => Buffer.from(text, 'latin1')

  it('are no registration: neither the name nor the password would be what was typed', async () => {
    const email = 'zoe@example.com'
    const body = JSON.stringify({ email, password: 'zwölf Boxkämpfer jagen', full_name: 'Zoë' })
    const refused = await ask('POST', '/auth/register', JSON_TYPE, latin1(body))
    expect(refused).toMatchObject({ status: 400, body: { code: 'malformed_json', detail: 'The body is not UTF-8.' } })
    const again = await ask('POST', '/auth/register', JSON_TYPE, body)
    expect(again.status).toBe(201)
    const credentials = JSON.stringify({ email, password: 'zwölf Boxkämpfer jagen' })
    expect((await ask('POST', '/auth/login', JSON_TYPE, latin1(credentials))).status).toBe(400)
    expect((await ask('POST', '/auth/login', JSON_TYPE, credentials)).status).toBe(200)
  })

  it.each([
    ['Latin-1', latin1('{"bio":"é"}')],
    ['UTF-16 with its mark', Buffer.from('\ufeff{"bio":"e"}', 'utf16le')],
    ['a character that is cut off', Buffer.from('{"bio":"é"}').subarray(0, 9)],
    ['a surrogate written as UTF-8', Buffer.concat([latin1('{"bio":"'), Buffer.of(0xed, 0xa0, 0x80), latin1('"}')])],
    ['an overlong slash', Buffer.concat([latin1('{"bio":"'), Buffer.of(0xc0, 0xaf), latin1('"}')])],
  ])('change nothing: %s', async (_, bytes) => {
    await patchMe('{"bio":"as it was"}')
    expect(await patchMe(bytes)).toMatchObject({ status: 400, body: { code: 'malformed_json' } })
    expect((await readMe()).bio).toBe('as it was')
  })

  it('may begin with a byte order mark when they are', async () => {
    expect((await patchMe('\ufeff{"bio":"marked"}')).status).toBe(200)
    expect((await readMe()).bio).toBe('marked')
  })
})

describe('preferences', () => {
  it.each([
    '"a\\u0000b"',
    '{"deep":[{"x":"\\u0000"}]}',
    '{"\\u0000":1}',
    '"\\ud800"',
    '{"deep":[["\\udc00x"]]}',
    '{"\\udfff":1}',
    '9007199254740993',
    '-9007199254740993',
    '[[12345678901234567890]]',
    '{"id":9007199254740993.0}',
    '1e400',
    '-1e400',
    '1e-400',
    '0.12345678901234567890',
    '1e20',
  ])('refuses %s, which would not come back as it is', async (value) => {
    await patchMe('{"preferences":{"kept":true}}')
    const refused = await patchMe(`{"preferences":{"x":${value}}}`)
    expect(refused).toMatchObject({ status: 422, body: { code: 'validation_failed' } })
    expect(refused.body.errors[0].pointer).toMatch(/^\/preferences/)
    expect((await readMe()).preferences).toEqual({ kept: true })
  })

  it('gives back everything else as it is', async () => {
    const value = {
      ...{ text: 'Zoë \u{1f600}\t\u0001', 'Schlüssel\n': null, list: [true, [], {}] },
      ...{
        whole: [0, -1, 9007199254740991, -9007199254740991],
        broken: [0.1, -2.5e-7, 1.7976931348623157e308, 5e-324],
      },
    }
    expect((await patchMe(JSON.stringify({ preferences: value }))).status).toBe(200)
    expect((await readMe()).preferences).toEqual(value)
    expect((await patchMe('{"preferences":{"n":[1.0,1e2,-0,1E+2,10.50]}}')).status).toBe(200)
    expect((await readMe()).preferences).toEqual({ n: [1, 100, 0, 100, 10.5] })
  })
})

describe('headers as clients write them', () => {
  it.each([
    'application/json; charset="utf-8"',
    'application/json; charset=utf8',
    'application/json;',
    'application/json ; charset="UTF-8" ;',
    'Application/JSON;charset=Utf-8',
    'application/json; profile="a;b\\"c"; charset=utf-8',
  ])('the media type %s is JSON', async (type) => {
    expect((await patchMe('{"bio":"typed"}', { 'content-type': type })).status).toBe(200)
  })

  it.each([
    'application/json; charset=iso-8859-1',
    'application/json; charset=utf-8; charset="latin1"',
    'application/json; charset',
    'application/json charset=utf-8',
    'application/jsonp',
    'text/plain; x="application/json"',
    'application/x-www-form-urlencoded',
  ])('the media type %s is not', async (type) => {
    const refused = await patchMe('{"bio":"typed"}', { 'content-type': type })
    expect(refused).toMatchObject({ status: 415, body: { code: 'unsupported_media_type' } })
  })

  it.each(['gzip', 'br', 'identity, gzip', 'x-anything'])(
    'a body with the Content-Encoding %s is refused',
    async (encoding) => {
      const body = encoding === 'gzip' ? gzipSync('{"bio":"packed"}') : '{"bio":"packed"}'
      const refused = await patchMe(body, { 'content-encoding': encoding })
      expect(refused).toMatchObject({ status: 415, body: { code: 'unsupported_media_type' } })
      expect((await readMe()).bio).not.toBe('packed')
    },
  )

  it('Content-Encoding: identity is none', async () => {
    expect((await patchMe('{"bio":"plain"}', { 'content-encoding': 'identity' })).status).toBe(200)
  })

  const etag = async () => String((await ask('GET', '/users/me', ada.bearer)).headers.get('etag'))
  it.each([
    ['alone', (tag: string) => tag],
    ['first of a list', (tag: string) => `${tag}, "1"`],
    ['in the middle', (tag: string) => `"a,b" ,W/"1",${tag},"2"`],
    ['among empty elements', (tag: string) => `, ,${tag},`],
    ['made weak by a proxy that compresses', (tag: string) => `W/${tag}`],
    ['everything', () => '*'],
  ])('If-Match matches: %s', async (_, header) => {
    expect((await patchMe('{"bio":"matched"}', { 'if-match': header(await etag()) })).status).toBe(200)
  })

  it.each([
    ['others', () => '"1", "2"'],
    ['the tag within another', (tag: string) => `"1,${tag.slice(1)}`],
    ['no tag', (tag: string) => tag.slice(1, -1)],
    ['a star in a list', (tag: string) => `*, ${tag}`],
  ])('If-Match does not match: %s', async (_, header) => {
    const refused = await patchMe('{"bio":"lost update"}', { 'if-match': header(await etag()) })
    expect(refused).toMatchObject({ status: 412, body: { code: 'precondition_failed' } })
    expect((await readMe()).bio).not.toBe('lost update')
  })

  it.each(['Bearer   ', 'bearer  ', 'BEARER '])('credentials after %j are read', async (scheme) => {
    const { authorization } = ada.bearer
    const head = ['GET /api/v1/users/me HTTP/1.1', `authorization: ${authorization.replace('Bearer ', scheme)}  `]
    expect((await sendRaw(service.origin, head)).status).toBe(200)
  })

  it.each(['Bearer', 'Bearer\t', 'Bearer,', 'Basic '])('credentials after %j are not', async (scheme) => {
    const { authorization } = ada.bearer
    const head = ['GET /api/v1/users/me HTTP/1.1', `authorization: ${authorization.replace('Bearer ', scheme)}`]
    expect((await sendRaw(service.origin, head)).status).toBe(401)
  })
})
