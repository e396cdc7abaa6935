import { afterEach, describe, expect, test, vi } from 'vitest'
import { burst, call, get, newPerson, ORIGIN, type Person, post, signIn, statuses } from '../support/api.ts'
import { beforeBatch } from '../support/intercept-stores.ts'
import { openMailbox } from '../support/mailbox.ts'
import { act, newAdmin } from '../support/operators.ts'
import { giveTotp } from '../support/second-factors.ts'
import { SIZES } from '../support/sizes.ts'
import { s256 } from '../support/social.ts'
import { change, countOf, events, row, rows } from '../support/stores.ts'

afterEach(() => {
  vi.useRealTimers()
})

const APP = 'https://app.example/signed-in'
const VERIFIER = 'v'.repeat(43)
const PHONE = { 'user-agent': 'Mozilla/5.0 (Android 14; Mobile; rv:128.0) Gecko/128.0 Firefox/128.0' }
const SERVER = { 'user-agent': 'node', 'cf-connecting-ip': '192.0.2.1' }

type Session = Pick<Person, 'accessToken' | 'refreshToken'>

const asked = async (extra: object = {}) => ({
  return_to: APP,
  state: 'of the application',
  code_challenge: await s256(VERIFIER),
  code_challenge_method: 'S256',
  ...extra,
})

const check = async (extra: object = {}) => get(`/auth/return?${new URLSearchParams(await asked(extra))}`)

const askReturn = async ({ accessToken: token, refreshToken }: Session, extra: object = {}, env?: Env) =>
  post('/auth/return', await asked({ refresh_token: refreshToken, ...extra }), { token, ...(env && { env }) })

async function codeOf(session: Session): Promise<string> {
  const { status, body } = await askReturn(session)
  if (status !== 200) throw new Error(`the return answered ${status} ${body.code}`)
  return new URL(body.location).searchParams.get('code') ?? ''
}

const exchange = (code: string, extra: object = {}, options: object = {}) =>
  post('/auth/oauth/token', { code, code_verifier: VERIFIER, redirect_uri: APP, ...extra }, options)

const claimsOf = (token: string) => JSON.parse(atob((token.split('.')[1] ?? '').replace(/-/g, '+').replace(/_/g, '/')))

describe('V10 the address of an application', () => {
  test('is compared as a whole: hostile ones are refused without a redirect, by both routes', async () => {
    const ada = await newPerson()
    const hostile = hostileAddresses()
    expect(hostile.length).toBeGreaterThanOrEqual(60)
    for (const return_to of hostile) {
      for (const answer of [await check({ return_to }), await askReturn(ada, { return_to })]) {
        expect([return_to, answer.status, answer.headers.get('location')]).toEqual([return_to, 422, null])
        expect(JSON.stringify(answer.body)).not.toContain('evil')
      }
      expect((await exchange('x', { redirect_uri: return_to })).status).toBeGreaterThanOrEqual(400)
    }
    expect((await check({ return_to: 'https://evil.example/' })).body.errors).toEqual([
      { pointer: '/return_to', detail: 'is not on the list' },
    ])
    expect(await countOf('oauth_flows')).toBe(0)
  })

  test('is what a page shows, and where it goes when the person gives up', async () => {
    expect((await check()).body).toEqual({
      host: 'app.example',
      denied: `${APP}?error=access_denied&state=of+the+application&iss=${encodeURIComponent(ORIGIN)}`,
    })
  })

  test.each([
    { code_challenge: 'short' },
    { code_challenge: undefined },
    { code_challenge_method: 'plain' },
    { code_challenge_method: undefined },
    { state: 'x'.repeat(513) },
    { state: 'line\nfeed' },
    { scope: 'admin' },
  ])('is not checked without the rest of the request: %j', async (spoilt) => {
    const query = JSON.parse(JSON.stringify(await asked(spoilt)))
    expect((await get(`/auth/return?${new URLSearchParams(query)}`)).status).toBe(422)
    expect((await askReturn(await newPerson(), spoilt)).status).toBe(422)
  })
})

describe('V10 the code', () => {
  test('opens a session of its own, which has proven what that of the page has, on its device', async () => {
    const { email } = await newPerson()
    vi.setSystemTime(Date.now() + 60_000)
    const mailbox = openMailbox()
    const { body: page } = await post(
      '/auth/login',
      { email, password: 'correct horse battery staple' },
      { headers: PHONE },
    )
    vi.setSystemTime(Date.now() + 600_000)
    const { body: renewed } = await post('/auth/refresh', { refresh_token: page.refresh_token }, { headers: PHONE })
    const session = { accessToken: renewed.access_token, refreshToken: renewed.refresh_token }
    const { body } = await askReturn(session)
    const location = new URL(body.location)
    expect(body.location).toMatch(/^https:\/\/app\.example\/signed-in\?code=lk_code_[\w.-]+&state=[^&]+&iss=[^&]+$/)
    expect([location.searchParams.get('state'), location.searchParams.get('iss')]).toEqual([
      'of the application',
      ORIGIN,
    ])
    expect(body.location).not.toMatch(/lk_rt_|eyJ/)
    const answer = await exchange(location.searchParams.get('code') ?? '', {}, { headers: SERVER, env: mailbox.env })
    expect([answer.status, answer.body.user.email]).toEqual([200, email])
    const [mine, theirs] = [claimsOf(session.accessToken), claimsOf(answer.body.access_token)]
    expect(theirs.sid).not.toBe(mine.sid)
    const { sub, amr, acr, auth_time } = mine
    expect(theirs).toMatchObject({ sub, amr, acr, auth_time })
    const { sessions } = (await get('/users/me/sessions', answer.body.access_token)).body
    expect(sessions[0]).toMatchObject({
      id: theirs.sid,
      current: true,
      device: 'Firefox on Android',
      application: 'app.example',
      ip: '203.0.113.7',
    })
    expect(sessions.find(({ id }: { id: string }) => id === mine.sid)).toMatchObject({ application: null })
    // The owner knows the device. The event has the address that sent the code.
    expect(await mailbox.collect()).toEqual([])
    const detail = { session_id: theirs.sid, continued_session_id: mine.sid }
    expect((await events('user.signed_in')).at(-1)).toMatchObject({ subject_id: sub, detail })
    expect((await get('/users/me/activity', answer.body.access_token)).body.events[0]).toMatchObject({
      ip: '192.0.2.1',
      detail,
    })
    // Both go on by themselves.
    for (const { refresh_token } of [renewed, answer.body])
      expect((await post('/auth/refresh', { refresh_token })).status).toBe(200)
  })

  test('keeps the passkey of the page, so that the session ends when the passkey is blocked', async () => {
    const ada = await newPerson()
    await change(`UPDATE sessions SET passkey_id = 'of ada', amr = '["pop","mfa"]'`)
    const { body } = await exchange(await codeOf(ada))
    expect(claimsOf(body.access_token)).toMatchObject({ amr: ['pop', 'mfa'], acr: 'phr' })
    expect(await rows('SELECT DISTINCT passkey_id FROM sessions')).toEqual([{ passkey_id: 'of ada' }])
  })

  test.each(SIZES)('is exchanged once in a burst of %i', async (size) => {
    const code = await codeOf(await newPerson())
    const answers = await burst(size, () => exchange(code))
    const refused = answers.filter(({ body }) => body.code === 'invalid_token')
    // The others are second uses. They end the session, or keep it from being opened.
    expect(refused.length).toBeGreaterThanOrEqual(size - 1)
    expect(refused.length + (statuses(answers)[200] ?? 0)).toBe(size)
    expect(await countOf('sessions')).toBeLessThanOrEqual(2)
    expect(await row('SELECT count(*) AS n FROM sessions WHERE revoked_at IS NULL')).toEqual({ n: 1 })
  })

  test('that is used again ends what its first use opened, and only with the verifier', async () => {
    const ada = await newPerson()
    const code = await codeOf(ada)
    const { body: opened } = await exchange(code)
    const session = { accessToken: opened.access_token, refreshToken: opened.refresh_token }
    const { body: further } = await exchange(await codeOf(session))
    for (const wrong of [{ code_verifier: 'w'.repeat(43) }, { redirect_uri: undefined }, { redirect_uri: `${APP}/` }])
      expect((await exchange(code, wrong)).status).toBe(400)
    expect((await get('/users/me', opened.access_token)).status).toBe(200)
    vi.setSystemTime(Date.now() + 120_000)
    expect((await exchange(code)).body.code).toBe('invalid_token')
    for (const { access_token, refresh_token } of [opened, further]) {
      expect((await get('/users/me', access_token)).status).toBe(401)
      expect((await get('/auth/session', access_token)).status).toBe(401)
      expect((await post('/auth/refresh', { refresh_token })).status).toBe(401)
    }
    expect((await get('/users/me', ada.accessToken)).status).toBe(200)
    const { sid } = claimsOf(opened.access_token)
    const reuses = await events('session.reuse_detected')
    expect(reuses).toMatchObject([{ subject_id: ada.id, outcome: 'failure', detail: { session_id: sid } }])
    await exchange(code)
    expect(await events('session.reuse_detected')).toEqual(reuses)
  })

  test('that is used again while its first use runs opens no session', async () => {
    const code = await codeOf(await newPerson())
    // The count, the use of the code, and then the session.
    const between = beforeBatch(3, () => exchange(code))
    const caught = await exchange(code, {}, { env: between })
    expect([caught.status, caught.body.code]).toEqual([400, 'invalid_token'])
    expect(await countOf('sessions')).toBe(1)
  })

  test('needs the verifier and the address, and a wrong one does not use it up', async () => {
    const ada = await newPerson()
    const code = await codeOf(ada)
    for (const wrong of [
      { code_verifier: 'w'.repeat(43) },
      { code_verifier: VERIFIER.toUpperCase() },
      { redirect_uri: undefined },
      { redirect_uri: `${APP}/` },
      { redirect_uri: 'https://app.example/callback' },
      { code: `${code.slice(0, -2)}AA` },
      { code: code.replace('code', 'reset') },
    ])
      expect([wrong, (await exchange(code, wrong)).body.code]).toEqual([wrong, 'invalid_token'])
    // The owner of the page cannot link an identity with it either.
    await change('UPDATE users SET is_verified = 1')
    const link = await post('/users/me/identities', { code, code_verifier: VERIFIER }, { token: ada.accessToken })
    expect(link.body.code).toBe('invalid_token')
    expect((await exchange(code)).status).toBe(200)
  })

  test('expires after 60 s', async () => {
    const ada = await newPerson()
    const [early, late] = [await codeOf(ada), await codeOf(ada)]
    const now = Date.now()
    vi.setSystemTime(now + 58_000)
    expect((await exchange(early)).status).toBe(200)
    vi.setSystemTime(now + 60_001)
    expect((await exchange(late)).body.code).toBe('invalid_token')
  })

  const ends: [string, (ada: Person) => Promise<unknown>][] = [
    ['a sign-out', ({ refreshToken }) => post('/auth/logout', { refresh_token: refreshToken })],
    ['an end of the session', ({ id }) => change('UPDATE sessions SET revoked_at = 1 WHERE user_id = ?', id)],
    ['a suspension', async (ada) => act(await newAdmin(), ada, 'suspend')],
    ['a required reset', async (ada) => act(await newAdmin(), ada, 'require-password-reset')],
    ['a deletion', ({ accessToken }) => call('/api/v1/users/me', { method: 'DELETE', token: accessToken })],
    ['an expiry', ({ id }) => change('UPDATE sessions SET idle_expires_at = 1 WHERE user_id = ?', id)],
  ]

  test.each(ends)('is void after %s, before the exchange and in the middle of it', async (_, end) => {
    const ada = await newPerson()
    const codes = [await codeOf(ada), await codeOf(ada)]
    // The count, the use of the code, and then the session.
    const between = beforeBatch(3, () => end(ada))
    const caught = await exchange(codes[0] ?? '', {}, { env: between })
    expect([caught.status, caught.body.code]).toEqual([400, 'invalid_token'])
    expect((await exchange(codes[1] ?? '')).body.code).toBe('invalid_token')
    expect(
      await rows('SELECT id FROM sessions WHERE user_id = ? AND continued_session_id IS NOT NULL', ada.id),
    ).toEqual([])
  })

  test('asks for the second factor if the account has needed two since, as every way in', async () => {
    const ada = await newPerson()
    const code = await codeOf(ada)
    await giveTotp(ada)
    await change('UPDATE users SET two_step_at = 1')
    const { status, body } = await exchange(code)
    expect([status, body.mfa_required, body.access_token]).toEqual([200, true, undefined])
  })

  test('stores no text of the code or of the application’s state', async () => {
    const code = await codeOf(await newPerson())
    const stored = JSON.stringify(await rows('SELECT * FROM oauth_flows'))
    expect(stored).not.toContain(code.split('.')[1])
    expect(stored).not.toContain('of the application')
  })
})

describe('V10 the page', () => {
  test('is told to step up where the account needs two factors, or to add one where it has none', async () => {
    const ada = await newPerson()
    await change('UPDATE users SET two_step_due_at = 1')
    expect((await askReturn(ada)).body.code).toBe('factor_enrolment_required')
    await giveTotp(ada)
    const refused = await askReturn(ada)
    expect([refused.status, refused.body.code]).toEqual([401, 'step_up_required'])
    expect(refused.headers.get('www-authenticate')).toContain('acr_values="aal2"')
    expect(await countOf('oauth_flows')).toBe(0)
    await change(`UPDATE sessions SET amr = '["mfa","otp","pwd"]'`)
    const { body } = await post('/auth/refresh', { refresh_token: ada.refreshToken })
    const proven = { accessToken: body.access_token, refreshToken: body.refresh_token }
    const { body: opened } = await exchange(await codeOf(proven))
    expect(claimsOf(opened.access_token).acr).toBe('aal2')
  })

  test('may have proven a mailbox alone, however old', async () => {
    const ada = await newPerson()
    await change(`UPDATE sessions SET amr = '["email"]', auth_time = 0`)
    const { body } = await post('/auth/refresh', { refresh_token: ada.refreshToken })
    const session = { accessToken: body.access_token, refreshToken: body.refresh_token }
    const { body: opened } = await exchange(await codeOf(session))
    expect(claimsOf(opened.access_token)).toMatchObject({ amr: ['email'], acr: 'aal0', auth_time: 0 })
  })

  test('sends the refresh token in its cookie, and only a page of the service can', async () => {
    const { accessToken: token, refreshToken } = await newPerson()
    const cookie = `__Host-lk_rt=${refreshToken}`
    const send = async (headers: Record<string, string>) => post('/auth/return', await asked(), { token, headers })
    expect((await send({ cookie, origin: ORIGIN })).status).toBe(200)
    for (const headers of [{ cookie }, { cookie, origin: 'https://evil.example' }])
      expect((await send(headers)).body.code).toBe('origin_not_allowed')
    expect((await send({ origin: ORIGIN })).body.code).toBe('invalid_refresh_token')
  })
})

describe('V10 a thief', () => {
  test('of an access token makes no session of it', async () => {
    const [ada, eve] = [await newPerson(), await newPerson()]
    for (const refresh_token of [undefined, eve.refreshToken, ada.accessToken, `${ada.refreshToken.slice(0, -2)}AA`])
      expect((await askReturn(ada, { refresh_token })).body.code).toBe('invalid_refresh_token')
    const { body } = await post('/auth/refresh', { refresh_token: ada.refreshToken })
    vi.setSystemTime(Date.now() + 10_001)
    expect((await askReturn(ada)).body.code).toBe('invalid_refresh_token')
    expect(await countOf('oauth_flows')).toBe(0)
    expect((await askReturn({ ...ada, refreshToken: body.refresh_token })).status).toBe(200)
  })

  /**
   * What the owner does: uses a token that the thief has used, signs out, or ends the session from another.
   */
  const ends: [string, (ada: Person) => Promise<unknown>][] = [
    [
      'of a refresh token, when the owner uses it again',
      ({ refreshToken }) => post('/auth/refresh', { refresh_token: refreshToken }),
    ],
    [
      'at a browser that was left signed in, when the owner signs out',
      ({ refreshToken }) => post('/auth/logout', { refresh_token: refreshToken }),
    ],
    [
      'of a device, when the owner ends its session',
      async ({ email, accessToken }) => {
        const { session_id } = (await get('/auth/session', accessToken)).body
        const options = { method: 'DELETE', token: (await signIn(email)).accessToken }
        return call(`/api/v1/users/me/sessions/${session_id}`, options)
      },
    ],
  ]

  test.each(ends)('%s: every session that was made of it ends', async (_, end) => {
    const ada = await newPerson()
    const { body } = await post('/auth/refresh', { refresh_token: ada.refreshToken })
    const { body: first } = await exchange(
      await codeOf({ accessToken: body.access_token, refreshToken: body.refresh_token }),
    )
    const { body: second } = await exchange(
      await codeOf({ accessToken: first.access_token, refreshToken: first.refresh_token }),
    )
    const other = await signIn(ada.email)
    vi.setSystemTime(Date.now() + 10_001)
    await end(ada)
    for (const { access_token, refresh_token } of [body, first, second]) {
      expect((await get('/users/me', access_token)).status).toBe(401)
      expect((await get('/auth/session', access_token)).status).toBe(401)
      expect((await post('/auth/refresh', { refresh_token })).status).toBe(401)
    }
    expect((await get('/users/me', other.accessToken)).status).toBe(200)
  })

  test('in one application ends with the session of that application alone', async () => {
    const ada = await newPerson()
    const [one, two] = [(await exchange(await codeOf(ada))).body, (await exchange(await codeOf(ada))).body]
    expect((await post('/auth/logout', { refresh_token: one.refresh_token })).status).toBe(204)
    expect((await get('/users/me', one.access_token)).status).toBe(401)
    for (const token of [ada.accessToken, two.access_token]) expect((await get('/users/me', token)).status).toBe(200)
    expect(await row('SELECT count(*) AS n FROM sessions WHERE revoked_at IS NULL')).toEqual({ n: 2 })
  })
})

/** Addresses that resemble `APP`, and some that lead elsewhere. */
function hostileAddresses(): string[] {
  return [
    // Elsewhere, with the good address or its host somewhere.
    ...[
      'https://evil.example/',
      `https://evil.example/?${APP}`,
      `https://evil.example/#${APP}`,
      '//evil.example/signed-in',
    ],
    ...[
      'https://app.example@evil.example/signed-in',
      'https://app.example:443@evil.example/',
      'https://app.example%40evil.example/',
    ],
    ...[
      'https://app.example%2f@evil.example/',
      'https://app.example\\@evil.example/signed-in',
      'https:\\\\evil.example/signed-in',
    ],
    ...[
      'https://app.example.evil.example/signed-in',
      'https://evil-app.example/signed-in',
      'https://evil.app.example/signed-in',
    ],
    ...['https://evil.example\\.app.example/signed-in', 'https://evil.example%00.app.example/signed-in'],
    ...[
      'https:evil.example',
      'https:/evil.example',
      'https:///evil.example',
      '/\\evil.example',
      '\thttps://evil.example/',
    ],
    ...[
      `${APP},https://evil.example`,
      `${APP} https://evil.example`,
      `${APP}\nhttps://evil.example`,
      `https://evil.example;${APP}`,
    ],
    ...[`${APP}@evil.example`, `${APP}?next=https://evil.example`, `${APP}/../../evil`, `${APP}/..;/evil`],
    // Schemes.
    ...[
      'javascript:location="https://evil.example"',
      'data:text/html,evil',
      'http://app.example/signed-in',
      'ws://app.example/signed-in',
    ],
    ...[
      'app.example:/signed-in',
      'com.evil.app:/signed-in',
      'blob:https://app.example/signed-in',
      'file:///signed-in',
      'about:blank',
    ],
    // Other spellings of the same place.
    ...[
      'https://user@app.example/signed-in',
      'https://user:pass@app.example/signed-in',
      'https://@app.example/signed-in',
    ],
    ...['https://app.example./signed-in', 'https://app.example:443/signed-in', 'https://app.example:8443/signed-in'],
    ...[
      'https://APP.example/signed-in',
      'HTTPS://app.example/signed-in',
      'https://app.example/Signed-In',
      'https:app.example/signed-in',
    ],
    ...['https://app.example//signed-in', 'https://app.example/./signed-in', 'https://app.example/x/../signed-in'],
    ...['https://app.example/signed%2din', 'https://app.example/%73igned-in', 'https://app.example\\signed-in'],
    ...[
      'https://аpp.example/signed-in',
      'https://app。example/signed-in',
      'https://app.exam\u00adple/signed-in',
      `${APP}\u202e`,
    ],
    // Additions and parts.
    ...[
      `${APP}/`,
      `${APP}?`,
      `${APP}#`,
      `${APP}#code`,
      `${APP}?code=x`,
      `${APP}?a`,
      `${APP};x`,
      `${APP}.evil`,
      `${APP}%00`,
    ],
    ...[
      ` ${APP}`,
      `${APP} `,
      `${APP}\u0000`,
      APP.slice(0, -1),
      'https://app.example/',
      'https://app.example',
      'https://*',
      '*',
    ],
    ...[
      '',
      'null',
      'undefined',
      '[object Object]',
      'http://127.0.0.1/signed-in',
      'http://localhost:5173/',
      'x'.repeat(513),
    ],
  ]
}
