import { decodeJwt } from 'jose'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { routes } from '../../../src/app/all-routes.ts'
import { burst, call, get, newPerson, PASSWORD, post, signIn, statuses } from '../../support/api.ts'
import { change, events } from '../../support/stores.ts'

afterEach(() => {
  vi.useRealTimers()
})

const MINUTES = 60_000
const stepUpRoutes = routes
  .filter(({ access }) => access === 'step-up')
  .map(({ method, path }) => [method, path] as const)

describe('R6 an action that needs a recent sign-in', () => {
  test('is marked in the contract', () => {
    expect(stepUpRoutes.map((route) => route.join(' '))).toEqual(
      expect.arrayContaining([
        'DELETE /api/v1/users/me',
        'POST /api/v1/users/me/password',
        'POST /api/v1/users/me/email',
        'POST /api/v1/users/me/export',
      ]),
    )
  })

  test.each(stepUpRoutes)('%s %s refuses a sign-in of more than five minutes ago', async (method, path) => {
    const { accessToken } = await newPerson()
    vi.setSystemTime(Date.now() + 5 * MINUTES + 2000)
    const { status, body, headers } = await call(path, { method, token: accessToken })
    expect([status, body.code]).toEqual([401, 'step_up_required'])
    expect(headers.get('www-authenticate')).toContain('insufficient_user_authentication')
  })
})

describe('a step-up', () => {
  test('gives a token with the new time for the same session, and a refreshed one keeps it', async () => {
    const ada = await newPerson()
    vi.setSystemTime(Date.now() + 10 * MINUTES)
    const { status, body } = await post('/auth/step-up', { password: PASSWORD }, { token: ada.accessToken })
    expect([status, Object.keys(body).sort()]).toEqual([200, ['access_token', 'expires_in', 'token_type']])
    const [before, after] = [decodeJwt(ada.accessToken), decodeJwt(body.access_token)]
    expect([after.sid, after.sub]).toEqual([before.sid, before.sub])
    expect(after.auth_time).toBe(Math.floor(Date.now() / 1000))
    expect((await call('/api/v1/users/me/export', { method: 'POST', token: body.access_token })).status).toBe(202)
    const refreshed = await post('/auth/refresh', { refresh_token: ada.refreshToken })
    expect(decodeJwt(refreshed.body.access_token).auth_time).toBe(after.auth_time)
    expect((await get('/auth/session', body.access_token)).body.auth_time).toBe(
      new Date((after.auth_time as number) * 1000).toISOString(),
    )
    expect(await events('session.stepped_up')).toMatchObject([{ subject_id: ada.id }])
  })

  test('names only the roles of its own user', async () => {
    const [ada, grace] = [await newPerson(), await newPerson()]
    await change("INSERT INTO user_roles (role, user_id) VALUES ('admin', ?), ('billing', ?)", grace.id, grace.id)
    const { body } = await post('/auth/step-up', { password: PASSWORD }, { token: ada.accessToken })
    expect(decodeJwt(body.access_token).roles).toEqual([])
    expect((await get('/auth/session', body.access_token)).body.roles).toEqual([])
    const own = await post('/auth/step-up', { password: PASSWORD }, { token: grace.accessToken })
    expect(decodeJwt(own.body.access_token).roles).toEqual(['admin', 'billing'])
  })

  test('refuses a wrong password, and does not compare above the limit (T1)', async () => {
    vi.setSystemTime(Date.now())
    const ada = await newPerson()
    const answers = await burst(40, () => post('/auth/step-up', { password: 'a guess' }, { token: ada.accessToken }))
    expect(statuses(answers)).toEqual({ 401: 10, 429: 30 })
    expect((await post('/auth/step-up', { password: PASSWORD }, { token: ada.accessToken })).status).toBe(429)
    await signIn(ada.email)
    vi.setSystemTime(Date.now() + 15 * MINUTES - 1000)
    expect((await post('/auth/step-up', { password: PASSWORD }, { token: ada.accessToken })).status).toBe(429)
    const { accessToken } = await signIn(ada.email)
    vi.setSystemTime(Date.now() + 2000)
    expect((await post('/auth/step-up', { password: PASSWORD }, { token: accessToken })).status).toBe(200)
  })

  test('is not locked by another person’s failed sign-ins (T2)', async () => {
    const ada = await newPerson()
    await burst(12, () => post('/auth/login', { email: ada.email, password: 'wrong' }))
    expect((await post('/auth/step-up', { password: PASSWORD }, { token: ada.accessToken })).status).toBe(200)
  })

  test('T2 is not locked by a token whose session has ended', async () => {
    const ada = await newPerson()
    const thief = await signIn(ada.email)
    await post('/auth/logout', {}, { token: thief.accessToken })
    const answers = await burst(12, () => post('/auth/step-up', { password: 'x' }, { token: thief.accessToken }))
    expect(statuses(answers)).toEqual({ 401: 12 })
    expect((await post('/auth/step-up', { password: PASSWORD }, { token: ada.accessToken })).status).toBe(200)
  })

  test('J4 ends with the session', async () => {
    const ada = await newPerson()
    await post('/auth/logout', {}, { token: ada.accessToken })
    const answer = await post('/auth/step-up', { password: PASSWORD }, { token: ada.accessToken })
    expect(answer.body.code).toBe('invalid_access_token')
    const grace = await newPerson()
    await change("UPDATE users SET status = 'suspended' WHERE id = ?", grace.id)
    expect((await post('/auth/step-up', { password: PASSWORD }, { token: grace.accessToken })).status).toBe(401)
  })
})
