import { execFile } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it, test, vi } from 'vitest'
import { type DevService, startDevService } from '../support/dev-service.ts'
import { type MailServer, startMailServer } from '../support/mail-server.ts'
import { danceWith, type OidcProvider, startOidcProvider } from '../support/oidc-provider.ts'
import { sendRaw } from '../support/raw-http.ts'

const run = promisify(execFile)
const JSON_TYPE = { 'content-type': 'application/json' }
const PASSWORD = 'correct horse battery staple'

// What real clients send, in contrast to `new Request` in a test: a running service with Node's fetch, curl,
// and bytes written by hand.
let service: DevService
let google: OidcProvider
let mailServer: MailServer

/** The reply of a mail server, which may contain anything. */
const SERVER_WORDS = 'canary words of the server'
const GOOGLE_LIKE = { clientId: '12345-abc.apps.example.com', clientSecret: 'GOCSPX-aB_cD-eF12' }
const APPLICATION = 'http://127.0.0.1/signed-in'

beforeAll(async () => {
  google = await startOidcProvider({ ...GOOGLE_LIKE, comparesBytes: true })
  mailServer = await startMailServer({
    refuse(address) {
      const [, code] = /^refused-(\d{3})@/.exec(address) ?? []
      return code === undefined ? undefined : { code: Number(code), text: `${SERVER_WORDS} about ${address}` }
    },
  })
  const entry = { kind: 'oidc', issuer: google.issuer, client_id: google.clientId }
  service = await startDevService({
    settings: {
      LIMIT_FACTOR: '1000',
      OAUTH_PROVIDERS: JSON.stringify({
        header: entry,
        form: { ...entry, token_endpoint_auth_method: 'client_secret_post' },
      }),
      OAUTH_HEADER_CLIENT_SECRET: google.clientSecret,
      OAUTH_FORM_CLIENT_SECRET: google.clientSecret,
      OAUTH_REDIRECT_URIS: APPLICATION,
      MAIL_TRANSPORT: 'smtp',
      SMTP_HOST: '127.0.0.1',
      SMTP_PORT: String(mailServer.port),
      SMTP_SECURITY: 'none',
    },
  })
  google.serve(['header', 'form'].map((name) => `${service.origin}/api/v1/auth/oauth/${name}/callback`))
}, 90_000)

afterAll(async () => {
  await service?.[Symbol.asyncDispose]()
  await google?.[Symbol.asyncDispose]()
  await mailServer?.[Symbol.asyncDispose]()
})

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

  it('are refused at registration: name and password would differ from the typed ones', async () => {
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
      text: 'Zoë \u{1f600}\t\u0001',
      'Schlüssel\n': null,
      list: [true, [], {}],
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

describe('a provider that compares the bytes of Basic credentials, as Google does', () => {
  const NATIVE = 'http://127.0.0.1:49153/signed-in'
  it('signs no client in by the header, and every client by the form', async () => {
    google.setResident({ sub: 'grace', email: 'grace@example.com', email_verified: true })
    expect((await danceWith(service.origin, 'header', { redirectUri: NATIVE })).error).toBe('provider_rejected')
    const { exchange } = await danceWith(service.origin, 'form', { redirectUri: NATIVE })
    const signedIn = await ask('POST', '/auth/oauth/token', JSON_TYPE, JSON.stringify(exchange))
    expect(signedIn).toMatchObject({ status: 200, body: { user: { email: 'grace@example.com' } } })
  })
})

describe('a callback that is refused', () => {
  const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8'
  const start = new URLSearchParams({ redirect_uri: APPLICATION, code_challenge: 'a'.repeat(43), state: 'mine' })
  async function flowCookie(more: Record<string, string> = {}) {
    const query = new URLSearchParams({ ...Object.fromEntries(start), ...more })
    const { headers } = await fetch(api(`/auth/oauth/form/start?${query}`), { redirect: 'manual' })
    return String(headers.get('set-cookie')).split(';')[0] ?? ''
  }
  async function callback(headers: Record<string, string>, query = 'state=x&code=y', provider = 'form') {
    const response = await fetch(api(`/auth/oauth/${provider}/callback?${query}`), { redirect: 'manual', headers })
    return { status: response.status, headers: response.headers, text: await response.text() }
  }

  it.each([BROWSER, 'text/html', 'application/json;q=0.5, text/html'])(
    'is a page for what prefers HTML: %s',
    async (accept) => {
      const page = await callback({ accept, 'accept-language': 'de' })
      expect(page.status).toBe(400)
      expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
      expect(page.headers.get('cache-control')).toBe('no-store')
      expect(page.headers.get('vary')).toMatch(/Accept,.*Accept-Language/)
      expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'; .*form-action 'none'/)
      expect(page.text).toContain('<html lang="de" dir="ltr">')
      expect(page.text).toContain('Diese Anmeldung kann nicht fortgesetzt werden')
      expect(page.text).toContain('invalid_state')
    },
  )

  it.each(['*/*', 'application/json', 'application/problem+json, text/html', 'text/html;q=0', 'text/html;q=0.1, */*'])(
    'is a problem document for what does not: %s',
    async (accept) => {
      const refused = await callback({ accept })
      expect(refused.status).toBe(400)
      expect(refused.headers.get('content-type')).toMatch(/^application\/problem\+json/)
      expect(JSON.parse(refused.text)).toMatchObject({ status: 400, code: 'invalid_state' })
      expect(refused.headers.get('vary')).toContain('Accept')
    },
  )

  it('links to the application only when the flow of this browser names one', async () => {
    const cookie = await flowCookie()
    const link = `<a class="button" href="${APPLICATION}">Back to the application</a>`
    expect((await callback({ accept: BROWSER, cookie })).text).toContain(link)
    const evil = 'https://evil.example/'
    const query = new URLSearchParams({ state: 'x', redirect_uri: evil, error: evil, iss: evil, error_uri: evil })
    const without: [headers: Record<string, string>, provider?: string][] = [
      [{}],
      [{ referer: evil, host: 'evil.example', origin: evil }],
      [{ cookie: `${cookie.slice(0, -8)}AAAAAAAA` }],
      [{ cookie: `__Host-lk_oauth=${encodeURIComponent(JSON.stringify({ redirectUri: evil }))}` }],
      [{ cookie }, 'header'],
    ]
    for (const [headers, provider] of without) {
      const page = await callback({ accept: BROWSER, ...headers }, String(query), provider)
      expect(page.status).toBe(400)
      expect(page.text).not.toMatch(/<a |evil/)
    }
    const withFlow = await callback({ accept: BROWSER, cookie }, String(query))
    expect(withFlow.text.match(/href="[^"]*"/g)?.slice(1)).toEqual([`href="${APPLICATION}"`])
    expect(withFlow.headers.get('set-cookie')).toBeNull()
  })

  it('leads back to the service’s own page, which then knows what it waited for', async () => {
    const { origin } = service
    const cookie = await flowCookie({ redirect_uri: `${origin}/account/sign-in` })
    const { text } = await callback({ accept: BROWSER, cookie })
    const address = `${origin}/account/sign-in?error=invalid_state&amp;state=mine`
    expect(text).toContain(`<a class="button" href="${address}">Go back</a>`)
  })

  it('is a page for every refusal of an address that a browser opens', async () => {
    const unknown = await callback({ accept: BROWSER }, 'state=x', 'nobody')
    expect([unknown.status, unknown.text]).toEqual([404, expect.stringContaining('The sign-in did not work')])
    const elsewhere = new URLSearchParams({ ...Object.fromEntries(start), redirect_uri: 'https://evil.example/' })
    const begun = await fetch(api(`/auth/oauth/form/start?${elsewhere}`), { headers: { accept: BROWSER } })
    expect(begun.status).toBe(422)
    expect(await begun.text()).not.toContain('evil')
  })
})

describe('a mail server that refuses a mail', () => {
  interface Job {
    readonly failed_at: number | null
    readonly claimed_until: number | null
    readonly last_error: string | null
  }
  const jobOf = (userId: string): Job | undefined => {
    const [path] = globSync('v3/d1/miniflare-D1DatabaseObject/*.sqlite', { cwd: service.state }).filter(
      (name) => !name.endsWith('metadata.sqlite'),
    )
    using database = new DatabaseSync(join(service.state, path ?? ''), { readOnly: true })
    const job = database.prepare('SELECT failed_at, claimed_until, last_error FROM mail_jobs WHERE user_id = ?')
    return job.get(userId) as Job | undefined
  }
  async function registered(email: string) {
    const { body } = await ask('POST', '/auth/register', JSON_TYPE, JSON.stringify({ email, password: PASSWORD }))
    return body.id as string
  }

  it('for good ends the job with the class of its answer; for now leaves it for another attempt', async () => {
    const codes = [550, 553, 450, 452, 530]
    const ids = await Promise.all(codes.map((code) => registered(`refused-${code}@example.com`)))
    await vi.waitFor(() => expect(ids.map((id) => jobOf(id)?.last_error ?? null)).not.toContain(null), 30_000)
    const jobs = ids.map((id) => jobOf(id))
    expect(jobs.map((job) => job?.last_error)).toEqual(codes.map((code) => `SmtpError${code}`))
    expect(jobs.map((job) => job?.failed_at !== null)).toEqual([true, true, false, false, false])
    const hungUp = await registered('refused-421@example.com')
    await vi.waitFor(() => expect(jobOf(hungUp)?.last_error ?? null).not.toBeNull(), 30_000)
    for (const job of [...jobs.slice(2), jobOf(hungUp)]) expect(job?.failed_at).toBeNull()
    for (const job of jobs.slice(2)) expect(job?.claimed_until).toBeGreaterThan(Date.now() - 60_000)
  })

  it('has its words in no log', async () => {
    await service.stop()
    const printed = readFileSync(join(service.written, 'printed'), 'utf8')
    expect(printed).toMatch(/"event":"mail_refused".*"error":"SmtpError550"/)
    expect(printed).toMatch(/"event":"mail_failed".*"error":"SmtpError450"/)
    expect(printed).not.toContain('canary')
    expect(printed).not.toContain('refused-')
    expect(printed).toMatch(/"reason":"invalid_client","other_token_endpoint_auth_method":"client_secret_post"/)
  })
})
