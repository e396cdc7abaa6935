import { env } from 'cloudflare:workers'
import { decodeJwt } from 'jose'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { burst, call, get, PASSWORD, type Person, post, statuses } from '../support/api.ts'
import { beforeBatch, failing } from '../support/intercept-stores.ts'
import { act, ask, newAdmin, newUser, setRoles, signInPlainly, withTwoFactors } from '../support/operators.ts'
import { plainApp } from '../support/passwords.ts'
import { SIZES } from '../support/sizes.ts'
import { events, rows } from '../support/stores.ts'

afterEach(() => {
  vi.useRealTimers()
})

const rolesOf = async ({ id }: Person) =>
  (await rows('SELECT role FROM user_roles WHERE user_id = ? ORDER BY role', id)).map(({ role }) => role)

const inToken = (token: string) => decodeJwt(token).roles
const atTheEdge = async (person: Person) => (await get('/auth/session', person.accessToken)).body.roles

describe("a user's roles", () => {
  test('R2 take effect at once: in the account, in new tokens and in KV', async () => {
    const [admin, person] = [await newAdmin(), await newUser()]
    expect(await atTheEdge(person)).toEqual([])
    const { status, body } = await setRoles(admin, person, ['support', 'billing'])
    expect([status, [...body.roles].sort()]).toEqual([200, ['billing', 'support']])
    expect((await atTheEdge(person)).sort()).toEqual(['billing', 'support'])
    const refreshed = await post('/auth/refresh', { refresh_token: person.refreshToken })
    expect(inToken(refreshed.body.access_token)).toEqual(expect.arrayContaining(['billing', 'support']))
    await setRoles(admin, person, ['billing', 'audit'])
    expect(await rolesOf(person)).toEqual(['audit', 'billing'])
    expect(inToken((await signInPlainly(person)).body.access_token)).not.toContain('support')
    await setRoles(admin, person, [])
    expect(await atTheEdge(person)).toEqual([])
    expect((await get('/users/me', person.accessToken)).body.roles).toEqual([])
  })

  test('A3 give and withdraw access to the operator routes at once', async () => {
    const [admin, person] = [await newAdmin(), await withTwoFactors(await newUser())]
    expect((await ask(person, '/stats')).status).toBe(403)
    await setRoles(admin, person, ['admin'])
    expect((await ask(person, '/stats')).status).toBe(200)
    await setRoles(admin, person, ['administrator'])
    expect((await ask(person, '/stats')).status).toBe(403)
  })

  test('J4 take effect in session checks within a minute, even when KV stored no change', async () => {
    vi.setSystemTime(Date.now())
    const [admin, person] = [await newAdmin(), await newUser()]
    const down = failing((name) => name === 'SESSIONS.put', 'down')
    const changed = await act(admin, person, 'roles', { roles: ['support'] }, { method: 'PUT', env: down })
    expect(changed.status).toBe(200)
    expect(await atTheEdge(person)).toEqual([])
    vi.setSystemTime(Date.now() + 61_000)
    expect(await atTheEdge(person)).toEqual(['support'])
  })

  test('R2 that change during a sign-in cause it to be refused, so that no token has outdated roles', async () => {
    const [admin, person] = [await newAdmin(), await newUser()]
    await setRoles(admin, person, ['support'])
    for (const roles of [['billing'], [], ['billing', 'support']]) {
      const racing = beforeBatch(2, () => setRoles(admin, person, roles))
      const body = { email: person.email, password: PASSWORD }
      const answer = await call('/api/v1/auth/login', { body, env: racing, app: plainApp })
      expect(answer.body.code, JSON.stringify(roles)).toBe('invalid_credentials')
      expect((await events('user.sign_in_failed')).at(-1)?.detail.reason).toBe('changed_meanwhile')
      expect((await signInPlainly(person)).status).toBe(200)
      await setRoles(admin, person, ['support'])
    }
  })

  test('A3 can be added to the last admin, and are unchanged after a refused change', async () => {
    const admin = await newAdmin()
    expect((await setRoles(admin, admin, ['admin', 'support'])).status).toBe(200)
    expect((await setRoles(admin, admin, ['billing'])).body.code).toBe('last_admin')
    expect((await setRoles(admin, { ...admin, id: crypto.randomUUID() }, ['billing'])).body.code).toBe('not_found')
    expect(await rows('SELECT role FROM user_roles ORDER BY role')).toEqual([{ role: 'admin' }, { role: 'support' }])
  })

  test('U1 are recorded as requested, with the reason', async () => {
    const [admin, person] = [await newAdmin(), await newUser()]
    await act(admin, person, 'roles', { roles: ['support'], reason: 'staff_change' }, { method: 'PUT' })
    await setRoles(admin, admin, [])
    expect(
      (await events('user.roles_changed')).map(({ outcome, subject_id, detail }) => [outcome, subject_id, detail]),
    ).toEqual([
      ['success', person.id, { operator_session_id: expect.any(String), reason: 'staff_change', roles: ['support'] }],
      ['failure', admin.id, { operator_session_id: expect.any(String), reason: 'support_case', roles: [] }],
    ])
  })

  test.each(SIZES)('are one of the requested sets, never a mixture, after %i concurrent changes', async (size) => {
    const [admin, person] = [await newAdmin(), await newUser()]
    const answers = await burst(size, (i) => setRoles(admin, person, [`a${i}`, `b${i}`]))
    expect(statuses(answers)).toEqual({ 200: size })
    const [first, second] = (await rolesOf(person)).map((role) => String(role).slice(1))
    expect(first).toBe(second)
    expect(await events('user.roles_changed')).toHaveLength(size)
  })

  test('D6 of a deleted account can be removed, so that a restored account does not have them', async () => {
    const [admin, other] = [await newAdmin(), await newAdmin()]
    await act(admin, other, 'erase')
    expect((await setRoles(admin, other, [])).body).toMatchObject({ status: 'deleted', roles: [] })
    await act(admin, other, 'restore')
    expect(await rolesOf(other)).toEqual([])
  })

  test.each([
    [['Admin']],
    [['admin ']],
    [['1st']],
    [['']],
    [['a'.repeat(33)]],
    [['support', 'support']],
    [Array.from({ length: 17 }, (_, i) => `role${i}`)],
    ['admin'],
    [null],
    [[1]],
  ])('A2 are refused as %j', async (roles) => {
    const [admin, person] = [await newAdmin(), await newUser()]
    const answer = await act(admin, person, 'roles', { roles }, { method: 'PUT' })
    expect(answer.body.code).toBe('validation_failed')
  })

  test('A2 cannot be set by their owner', async () => {
    const person = await newUser()
    const answer = await call('/api/v1/users/me', {
      method: 'PATCH',
      token: person.accessToken,
      body: { roles: ['admin'] },
    })
    expect(answer.status).toBe(422)
    expect((await setRoles(person, person, ['admin'])).status).toBe(403)
    expect(await env.DB.prepare('SELECT count(*) AS n FROM user_roles').first('n')).toBe(0)
  })
})
