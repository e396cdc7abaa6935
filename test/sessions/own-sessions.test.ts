import { afterEach, describe, expect, test, vi } from 'vitest'
import { burst, call, get, newPerson, PASSWORD, type Person, post, signIn, statuses } from '../support/api.ts'
import { SIZES } from '../support/sizes.ts'
import { events, rows } from '../support/stores.ts'

afterEach(() => {
  vi.useRealTimers()
})

const SESSIONS = '/api/v1/users/me/sessions'
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0'
async function idOfSession({ accessToken }: Person, isCurrent: boolean): Promise<string> {
  const { body } = await get('/users/me/sessions', accessToken)
  return body.sessions.find(({ current }: { current: boolean }) => current === isCurrent).id
}

const end = (id: string, token: string) => call(`${SESSIONS}/${id}`, { method: 'DELETE', token })

describe('the list of sessions', () => {
  test('R4 shows device and place, marks the current one, and contains no token', async () => {
    const ada = await newPerson()
    const headers = { 'user-agent': FIREFOX, 'cf-connecting-ip': '198.51.100.4' }
    const login = await post('/auth/login', { email: ada.email, password: PASSWORD }, { headers })
    const { status, body } = await get('/users/me/sessions', login.body.access_token)
    expect(status).toBe(200)
    expect(body.sessions).toHaveLength(2)
    expect(body.sessions[0]).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      current: true,
      created_at: expect.any(String),
      last_used_at: expect.any(String),
      expires_at: expect.any(String),
      device: 'Firefox on Linux',
      user_agent: FIREFOX,
      ip: '198.51.100.4',
      city: null,
      country: null,
      application: null,
      amr: ['pwd'],
      acr: 'aal1',
    })
    expect(body.sessions[1].current).toBe(false)
    expect(JSON.stringify(body)).not.toMatch(/lk_rt_|generation|epoch/)
  })

  test('shows only live sessions of the signed-in user', async () => {
    const [ada, grace] = [await newPerson(), await newPerson()]
    const ended = await signIn(ada.email)
    await post('/auth/logout', { refresh_token: ended.refreshToken })
    expect((await get('/users/me/sessions', ada.accessToken)).body.sessions).toHaveLength(1)
    expect((await get('/users/me/sessions', grace.accessToken)).body.sessions).toHaveLength(1)
    expect((await get('/users/me/sessions', ended.accessToken)).status).toBe(401)
  })
})

describe('ending a session', () => {
  test('J4 R4 takes effect at once; a foreign, missing, ended or malformed id is the same 404', async () => {
    const [ada, grace] = [await newPerson(), await newPerson()]
    const other = await signIn(ada.email)
    const { body } = await get('/users/me/sessions', ada.accessToken)
    const id = body.sessions.find(({ current }: { current: boolean }) => !current).id
    expect((await end(id, grace.accessToken)).body.code).toBe('not_found')
    expect((await get('/users/me', other.accessToken)).status).toBe(200)
    expect((await end(id, ada.accessToken)).status).toBe(204)
    expect((await get('/users/me', other.accessToken)).status).toBe(401)
    expect((await get('/auth/session', other.accessToken)).status).toBe(401)
    expect((await post('/auth/refresh', { refresh_token: other.refreshToken })).status).toBe(401)
    for (const missing of [id, crypto.randomUUID(), 'x', '%00'])
      expect((await end(missing, ada.accessToken)).body.code).toBe('not_found')
    expect(await events('session.ended')).toMatchObject([{ subject_id: ada.id, detail: { reason: 'owner' } }])
  })

  test.each(SIZES)('succeeds once for %i concurrent requests', async (size) => {
    const ada = await newPerson()
    await signIn(ada.email)
    const { body } = await get('/users/me/sessions', ada.accessToken)
    const id = body.sessions.find(({ current }: { current: boolean }) => !current).id
    expect(statuses(await burst(size, () => end(id, ada.accessToken)))).toEqual({ 204: 1, 404: size - 1 })
    expect(await events('session.ended')).toHaveLength(1)
  })

  test('can end the current one as well', async () => {
    const ada = await newPerson()
    const [session] = (await get('/users/me/sessions', ada.accessToken)).body.sessions
    expect((await end(session.id, ada.accessToken)).status).toBe(204)
    expect((await get('/users/me', ada.accessToken)).status).toBe(401)
  })

  test('can end all others and keep the current one', async () => {
    const ada = await newPerson()
    const others = [await signIn(ada.email), await signIn(ada.email)]
    expect((await call(SESSIONS, { method: 'DELETE', token: ada.accessToken })).status).toBe(204)
    expect((await get('/users/me', ada.accessToken)).status).toBe(200)
    for (const { accessToken } of others) expect((await get('/users/me', accessToken)).status).toBe(401)
    expect(await events('session.others_ended')).toHaveLength(1)
  })

  test.each([
    ['all others', 1, async () => SESSIONS],
    ['another', 1, async (ada: Person) => `${SESSIONS}/${await idOfSession(ada, false)}`],
    ['the current', 0, async (ada: Person) => `${SESSIONS}/${await idOfSession(ada, true)}`],
  ])('O7 %s: voids %i pending change of address, which may be the thief’s', async (_, dead, pathFor) => {
    const ada = await newPerson()
    await signIn(ada.email)
    const changes = async () => (await rows(`SELECT id FROM one_time_tokens WHERE purpose = 'change'`)).length
    await post('/users/me/email', { new_email: 'thief@example.com' }, { token: ada.accessToken })
    expect(await changes()).toBe(1)
    const path = await pathFor(ada)
    expect((await call(path, { method: 'DELETE', token: (await newPerson()).accessToken })).status).not.toBe(200)
    expect(await changes()).toBe(1)
    expect((await call(path, { method: 'DELETE', token: ada.accessToken })).status).toBe(204)
    expect(await changes()).toBe(1 - dead)
  })

  test('J4 is refused for a session that has ended itself', async () => {
    const ada = await newPerson()
    const other = await signIn(ada.email)
    await post('/auth/logout', { refresh_token: other.refreshToken })
    expect((await call(SESSIONS, { method: 'DELETE', token: other.accessToken })).status).toBe(401)
    expect((await get('/users/me', ada.accessToken)).status).toBe(200)
  })
})
