import { env } from 'cloudflare:workers'
import { describe, expect, test } from 'vitest'
import { type Answer, burst, type Call, call, get, newPerson, PASSWORD, post } from '../support/api.ts'

const APP = 'https://app.example'
const SETTINGS = { ...env, COOKIE_ORIGINS: `${APP}, https://second.example` } as Env
const FOREIGN = [
  'https://evil.example',
  'https://app.example.evil.example',
  'https://app.exampl',
  'null',
  'http://app.example',
]

const cookieIn = ({ headers }: Answer): string =>
  /^(__Host-lk_rt=[^;]*)/.exec(headers.get('set-cookie') ?? '')?.[1] ?? ''

const from = (origin: string | undefined, cookie?: string, extra: Call = {}): Call => ({
  env: SETTINGS,
  ...extra,
  headers: { ...(origin && { origin }), ...(cookie && { cookie }), ...extra.headers },
})

async function signedIn(using = SETTINGS) {
  const { email } = await newPerson()
  const body = { email, password: PASSWORD, session_mode: 'cookie' }
  const answer = await post('/auth/login', body, { ...from(APP), env: using })
  return { answer, cookie: cookieIn(answer), accessToken: answer.body.access_token as string }
}

describe('R7 cookie mode', () => {
  test('keeps the refresh token out of the body and away from script, sub-domains and plain HTTP', async () => {
    const { answer } = await signedIn()
    expect(answer.body).toMatchObject({ token_type: 'Bearer', refresh_expires_in: expect.any(Number) })
    expect(JSON.stringify(answer.body)).not.toContain('lk_rt_')
    const attributes = (answer.headers.getSetCookie()[0] ?? '').split('; ').slice(1).sort()
    expect(attributes).toEqual(['HttpOnly', 'Max-Age=604800', 'Path=/', 'SameSite=Lax', 'Secure'])
    expect(answer.headers.get('access-control-allow-origin')).toBe(APP)
    expect(answer.headers.get('access-control-allow-credentials')).toBe('true')
  })

  test('refreshes with the cookie and returns the next refresh token as a cookie', async () => {
    const { cookie } = await signedIn()
    const answer = await post('/auth/refresh', {}, from(APP, cookie))
    expect(answer.status).toBe(200)
    expect(answer.body).not.toHaveProperty('refresh_token')
    expect(cookieIn(answer)).not.toBe(cookie)
    expect((await get('/users/me', answer.body.access_token)).status).toBe(200)
    expect((await post('/auth/refresh', {}, from(APP, cookieIn(answer)))).status).toBe(200)
  })

  test('R1 tabs that refresh at the same time get the same new token', async () => {
    const { cookie } = await signedIn()
    const answers = await burst(16, () => post('/auth/refresh', {}, from(APP, cookie)))
    expect(new Set(answers.map(cookieIn)).size).toBe(1)
  })

  test.each([undefined, ...FOREIGN])('rejects the cookie of origin %s; the session stays active', async (origin) => {
    const { cookie } = await signedIn()
    for (const path of ['/auth/refresh', '/auth/logout']) {
      const answer = await post(path, {}, from(origin, cookie))
      expect([answer.status, answer.body.code]).toEqual([403, 'origin_not_allowed'])
      expect(answer.headers.has('set-cookie')).toBe(false)
    }
    expect((await post('/auth/refresh', {}, from(APP, cookie))).status).toBe(200)
  })

  test.each([undefined, ...FOREIGN])('sets no cookie for origin %s', async (origin) => {
    const { email } = await newPerson()
    const answer = await post('/auth/login', { email, password: PASSWORD, session_mode: 'cookie' }, from(origin))
    expect([answer.status, answer.headers.has('set-cookie')]).toEqual([403, false])
  })

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])(
    'takes no cookie beside %s',
    async (type) => {
      const { cookie } = await signedIn()
      for (const path of ['/auth/refresh', '/auth/logout']) {
        const answer = await post(path, {}, from(APP, cookie, { headers: { 'content-type': type } }))
        expect([path, answer.status]).toEqual([path, 415])
      }
      expect((await post('/auth/refresh', {}, from(APP, cookie))).status).toBe(200)
    },
  )

  test('ignores the cookie of a request without a body, because a form can send one', async () => {
    const { cookie } = await signedIn()
    const answer = await call('/api/v1/auth/logout', { method: 'POST', ...from(APP, cookie) })
    expect(answer.status).toBe(401)
    expect((await post('/auth/refresh', {}, from(APP, cookie))).status).toBe(200)
  })

  test('signs out, and removes the cookie', async () => {
    const { cookie, accessToken } = await signedIn()
    const answer = await post('/auth/logout', {}, from(APP, cookie))
    expect(answer.status).toBe(204)
    expect(answer.headers.get('set-cookie')).toMatch(/^__Host-lk_rt=; Max-Age=0; Path=\//)
    expect((await get('/users/me', accessToken)).status).toBe(401)
    expect((await post('/auth/refresh', {}, from(APP, cookie))).status).toBe(401)
  })

  test('a bearer route ignores cookies', async () => {
    const { cookie } = await signedIn()
    expect((await call('/api/v1/users/me', from(APP, cookie))).status).toBe(401)
    expect((await call('/api/v1/users/me', { ...from(APP, cookie), method: 'DELETE' })).status).toBe(401)
  })

  test('SameSite=None can be set, for an application on another site', async () => {
    const { answer } = await signedIn({ ...SETTINGS, COOKIE_SAME_SITE: 'None' } as Env)
    expect(answer.headers.get('set-cookie')).toContain('; SameSite=None')
  })

  test("the service's own origin may use the cookie", async () => {
    const { cookie } = await signedIn()
    expect((await post('/auth/refresh', {}, from('https://latchkey.test', cookie))).status).toBe(200)
  })
})

describe('H2 CORS', () => {
  const listed = { ...env, CORS_ORIGINS: 'https://spa.example' } as Env
  const preflight = (origin: string, using: Env) =>
    call('/api/v1/users/me', {
      method: 'OPTIONS',
      env: using,
      headers: { origin, 'access-control-request-method': 'PATCH', 'access-control-request-headers': 'authorization' },
    })

  test('allows a listed origin without credentials, and exposes the documented headers', async () => {
    const answer = await preflight('https://spa.example', listed)
    expect(answer.status).toBe(204)
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://spa.example')
    expect(answer.headers.get('access-control-allow-methods')).toContain('PATCH')
    expect(answer.headers.has('access-control-allow-credentials')).toBe(false)
    const refused = await call('/api/v1/users/me', { env: listed, headers: { origin: 'https://spa.example' } })
    expect(refused.status).toBe(401)
    expect(refused.headers.get('access-control-allow-origin')).toBe('https://spa.example')
    expect(refused.headers.get('access-control-expose-headers')).toContain('x-d1-bookmark')
    expect(refused.headers.get('vary')).toContain('Origin')
  })

  test.each([
    ...['https://spa.example.evil.example', 'https://evilspa.example', 'https://spa.exampl', 'http://spa.example'],
    ...['https://spa.example:8443', 'https://SPA.example', 'https://spa.example/', 'null', '*'],
  ])('gives no CORS headers to %s', async (origin) => {
    for (const answer of [
      await preflight(origin, listed),
      await call('/api/v1/users/me', { env: listed, headers: { origin } }),
    ]) {
      const names = [...answer.headers.keys()].filter((name) => name.startsWith('access-control-'))
      expect(names).toEqual([])
      expect(answer.headers.get('vary')).toContain('Origin')
    }
  })

  test('a wildcard is not a valid origin: the service answers that it is misconfigured', async () => {
    for (const name of ['CORS_ORIGINS', 'COOKIE_ORIGINS']) {
      const answer = await call('/readyz', { env: { ...env, [name]: '*' } as Env })
      expect(answer.body.code).toBe('misconfigured')
    }
  })
})
