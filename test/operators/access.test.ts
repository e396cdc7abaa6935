import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { routes } from '../../src/app/all-routes.ts'
import type { Route } from '../../src/http/contract/definition.ts'
import { type Answer, burst, call, newPerson, type Person, post, signIn, statuses } from '../support/api.ts'
import { giveTwoStep } from '../support/factor-resets.ts'
import { beforeBatch, countCalls, failing } from '../support/intercept-stores.ts'
import { act, ask, grant, newAdmin, newUser, setRoles } from '../support/operators.ts'
import { plainApp } from '../support/passwords.ts'
import { prepareRequest } from '../support/requests.ts'
import { giveTotp } from '../support/second-factors.ts'
import { SIZES } from '../support/sizes.ts'
import { change, events, prove, rows } from '../support/stores.ts'

afterEach(() => {
  vi.useRealTimers()
})

const isAdminRoute = ({ access }: Route): boolean => access === 'admin' || access === 'admin-step-up'
const adminRoutes = routes.filter(isAdminRoute)
const named = adminRoutes.map((route) => [`${route.method} ${route.path}`, route] as const)

/** A request that is valid except for its sender. */
async function send({ method, path }: Route, subject: Person, token: string | undefined, env?: Env): Promise<Answer> {
  const request = await prepareRequest(`${method} ${path}`, subject)
  return call(request.path, { ...request.call, token, ...(env && { env }) })
}

const TABLES = ['users', 'user_roles', 'sessions', 'erasures', 'legal_holds', 'job_runs', 'imports'] as const

const state = () => Promise.all(TABLES.map((table) => rows(`SELECT * FROM ${table}`)))

/** Expects a refusal that reveals nothing and changes nothing. */
async function expectRefused(name: string, send: () => Promise<Answer>, status: number, code: string): Promise<void> {
  const before = await state()
  const answer = await send()
  expect([answer.status, answer.body.code], name).toEqual([status, code])
  expect(Object.keys(answer.body).sort(), name).toEqual(['code', 'instance', 'request_id', 'status', 'title', 'type'])
  expect(await state(), name).toEqual(before)
}

describe("the operators' routes", () => {
  test('A3 are all routes below /admin, and every change among them requires a recent sign-in (R6)', () => {
    expect(adminRoutes.length).toBeGreaterThan(10)
    expect(routes.filter(({ path }) => path.startsWith('/api/v1/admin'))).toEqual(adminRoutes)
    for (const { method, access } of adminRoutes) expect(access).toBe(method === 'GET' ? 'admin' : 'admin-step-up')
  })

  test('A3 U1 answer an admin, whatever roles the token has, and record each call', async () => {
    const [admin, subject] = [await newAdmin(), await newUser()]
    await prove(subject)
    for (const [name, route] of named) {
      const answer = await send(route, subject, admin.accessToken)
      expect([200, 201, 202, 404, 409], name).toContain(answer.status)
      const recorded = await rows(
        'SELECT DISTINCT actor_id FROM audit_events WHERE request_id = ?',
        answer.headers.get('x-request-id'),
      )
      expect(recorded, name).toEqual([{ actor_id: admin.id }])
    }
  })
})

describe('A3 each of them', () => {
  test('refuses a request without a token, and does not read a store', async () => {
    const subject = await newUser()
    const { env, calls } = countCalls()
    for (const [name, route] of named)
      await expectRefused(name, () => send(route, subject, undefined, env), 401, 'invalid_access_token')
    expect(calls).toEqual([])
  })

  test('refuses a user who is not an admin, and records it', async () => {
    for (const [name, route] of named) {
      const user = await newUser()
      await expectRefused(name, () => send(route, user, user.accessToken), 403, 'forbidden')
      const denied = (await events('operator.denied')).filter(({ actor_id }) => actor_id === user.id)
      expect(denied, name).toMatchObject([{ outcome: 'failure', subject_id: user.id, detail: { route: route.path } }])
    }
    expect(await events('operator.denied')).toHaveLength(named.length)
  })

  test('refuses an admin who was demoted a moment ago', async () => {
    const [admin, demoted] = [await newAdmin(), await newAdmin()]
    expect((await setRoles(admin, demoted, ['support'])).status).toBe(200)
    for (const [name, route] of named)
      await expectRefused(name, () => send(route, admin, demoted.accessToken), 403, 'forbidden')
  })

  test('refuses an admin who was suspended a moment ago', async () => {
    const [admin, suspended] = [await newAdmin(), await newAdmin()]
    expect((await act(admin, suspended, 'suspend')).status).toBe(200)
    for (const [name, route] of named)
      await expectRefused(name, () => send(route, admin, suspended.accessToken), 401, 'invalid_access_token')
  })

  test('refuses an admin who has signed out', async () => {
    const admin = await newAdmin()
    await post('/auth/logout', { refresh_token: admin.refreshToken })
    for (const [name, route] of named)
      await expectRefused(name, () => send(route, admin, admin.accessToken), 401, 'invalid_access_token')
  })

  test('answers an admin whose sign-in is five minutes old, unless it requires a recent sign-in (R6)', async () => {
    const [admin, subject] = [await newAdmin(), await newUser()]
    vi.setSystemTime(Date.now() + 5 * 60_000 + 2000)
    for (const [name, route] of named) {
      const stale = () => send(route, subject, admin.accessToken)
      if (route.access === 'admin-step-up') await expectRefused(name, stale, 401, 'step_up_required')
      else expect([200, 404], name).toContain((await stale()).status)
    }
  })
})

describe('M11 an operator with one factor', () => {
  const newOperator = async (): Promise<Person> => {
    const user = await newUser()
    await grant(user, 'admin')
    return user
  }

  test('is refused on every route, and told to set up a second factor, without a challenge', async () => {
    const [operator, subject] = [await newOperator(), await newUser()]
    for (const [name, route] of named)
      await expectRefused(name, () => send(route, subject, operator.accessToken), 403, 'factor_enrolment_required')
    expect((await ask(operator, '/stats')).headers.get('www-authenticate')).toBeNull()
    expect(await events('operator.denied')).toEqual([])
  })

  test('who has a second factor is refused on every route, and told the level', async () => {
    const [operator, subject] = [await newOperator(), await newUser()]
    await giveTwoStep(operator)
    for (const [name, route] of named)
      await expectRefused(name, () => send(route, subject, operator.accessToken), 401, 'step_up_required')
    const { headers } = await ask(operator, '/stats')
    expect(headers.get('www-authenticate')).toContain('acr_values="aal2"')
    expect(await events('operator.denied')).toEqual([])
  })

  test('is told that level also when the sign-in is old', async () => {
    const [operator, subject] = [await newOperator(), await newUser()]
    vi.setSystemTime(Date.now() + 6 * 60_000)
    const { status, headers } = await act(operator, subject, 'suspend')
    expect([status, headers.get('www-authenticate')]).toEqual([401, expect.stringContaining('acr_values="aal2"')])
  })

  test('who has proven two, and has lost the second one since, is refused on every route (M11)', async () => {
    const [operator, subject] = [await newAdmin(), await newUser()]
    await change('DELETE FROM recovery_codes WHERE user_id = ?', operator.id)
    for (const [name, route] of named)
      await expectRefused(name, () => send(route, subject, operator.accessToken), 403, 'factor_enrolment_required')
    expect(await events('operator.denied')).toEqual([])
  })

  test.each([
    ['that can be used', 'latchkey.test', null, null, 200],
    ['that is suspended', 'latchkey.test', 1, null, 403],
    ['that was removed', 'latchkey.test', null, 1, 403],
    ['of a domain that the service has left', 'old.test', null, null, 403],
  ])('M11 whose only second factor is a passkey %s is answered', async (_, rpId, suspendedAt, removedAt, status) => {
    const operator = await newAdmin()
    await change('DELETE FROM recovery_codes WHERE user_id = ?', operator.id)
    await change(
      `INSERT INTO passkeys (id, user_id, rp_id, credential_id, public_key, is_backup_eligible, is_backed_up,
         is_discoverable, is_uv_initialized, created_at, suspended_at, removed_at)
       VALUES (?1, ?2, ?5, ?1, '{}', 1, 1, 1, 1, 1, ?3, ?4)`,
      ...[crypto.randomUUID(), operator.id, suspendedAt, removedAt, rpId],
    )
    expect((await ask(operator, '/stats')).status).toBe(status)
  })

  test('M11 who has proven two goes on while somebody has locked the app with wrong codes', async () => {
    const operator = await newAdmin()
    await change('DELETE FROM recovery_codes WHERE user_id = ?', operator.id)
    await giveTotp(operator)
    await change('UPDATE totp_factors SET failures = 50')
    expect((await ask(operator, '/stats')).status).toBe(200)
  })

  test('who loses the second one between the check of the token and the database is refused', async () => {
    const [operator, subject] = [await newAdmin(), await newUser()]
    const env = beforeBatch(1, () => change('DELETE FROM recovery_codes WHERE user_id = ?', operator.id))
    expect((await act(operator, subject, 'suspend', {}, { env })).body.code).toBe('factor_enrolment_required')
    expect(await rows('SELECT status FROM users WHERE id = ?', subject.id)).toEqual([{ status: 'active' }])
  })

  test.each([
    ['none', 'https://latchkey.test', 403],
    ['none', 'http://localhost:8787', 200],
    ['roles', 'http://localhost:8787', 403],
    ['everyone', 'http://localhost:8787', 403],
  ])('under %s with the issuer %s is answered %i', async (TWO_STEP_REQUIRED, ISSUER, status) => {
    const using = { ...env, TWO_STEP_REQUIRED, ISSUER } as Env
    const person = await newPerson({}, { env: using, app: plainApp })
    await grant(person, 'admin')
    expect((await ask(person, '/stats', { env: using })).status).toBe(status)
  })
})

describe('an operator whose account needs two factors', () => {
  test('M10 is refused on every route with one, and told the level', async () => {
    const [admin, subject] = [await newUser(), await newUser()]
    await grant(admin, 'admin')
    await giveTwoStep(admin)
    await change('UPDATE users SET two_step_at = 1 WHERE id = ?', admin.id)
    for (const [name, route] of named)
      await expectRefused(name, () => send(route, subject, admin.accessToken), 401, 'step_up_required')
  })

  test('M10 is let in with two', async () => {
    const admin = await newAdmin()
    await change('UPDATE users SET two_step_at = 1 WHERE id = ?', admin.id)
    expect((await ask(admin, '/stats')).status).toBe(200)
  })
})

describe('a demotion', () => {
  test.each(SIZES)('A3 refuses all of %i later requests', async (size) => {
    const [admin, demoted] = [await newAdmin(), await newAdmin()]
    const early = burst(size, () => ask(demoted, '/stats'))
    await setRoles(admin, demoted, [])
    const late = await burst(size, () => ask(demoted, '/stats'))
    expect(statuses(late)).toEqual({ 403: size })
    const [{ at } = { at: 0 }] = await rows("SELECT rowid AS at FROM audit_events WHERE action = 'user.roles_changed'")
    const seen = await rows("SELECT rowid AS at FROM audit_events WHERE action = 'operator.stats_viewed'")
    expect(seen).toHaveLength((await early).filter(({ status }) => status === 200).length)
    for (const view of seen) expect(Number(view.at)).toBeLessThan(Number(at))
  })

  test('A3 between the check of the token and the database takes effect', async () => {
    const [admin, demoted, subject] = [await newAdmin(), await newAdmin(), await newUser()]
    const env = beforeBatch(1, () => setRoles(admin, demoted, []))
    expect((await act(demoted, subject, 'suspend', {}, { env })).status).toBe(403)
    expect(await rows('SELECT status FROM users WHERE id = ?', subject.id)).toEqual([{ status: 'active' }])
  })
})

describe('a user who repeats denied requests', () => {
  test.each([2, 16])('T5 leaves ten denials an hour in the audit trail, also with %i more at once', async (size) => {
    const user = await newUser()
    for (let i = 0; i < 9; i++) await ask(user, '/stats')
    expect(statuses(await burst(size, () => ask(user, '/users')))).toEqual({ 403: size })
    expect(await events('operator.denied')).toHaveLength(10)
    vi.setSystemTime(Date.now() + 61 * 60_000)
    await ask({ ...user, ...(await signIn(user.email, undefined, { app: plainApp })) }, '/stats')
    expect(await events('operator.denied')).toHaveLength(11)
  })
})

describe('the database', () => {
  test('H6 that fails does not cause a refusal of the role', async () => {
    const [admin, subject] = [await newAdmin(), await newUser()]
    const lost = failing((name) => name.startsWith('DB'))
    expect((await ask(admin, '/stats', { env: lost })).status).toBe(503)
    let batches = 0
    const lostOnce = failing((name) => name === 'DB.batch' && ++batches === 1)
    expect((await act(admin, subject, 'suspend', {}, { env: lostOnce })).status).toBe(503)
    expect(await rows('SELECT status FROM users WHERE id = ?', subject.id)).toEqual([{ status: 'active' }])
    expect(await events('operator.denied')).toEqual([])
  })

  test('A3 still refuses others and accepts an admin while KV and R2 are down', async () => {
    const [admin, user] = [await newAdmin(), await newUser()]
    const down = failing((name) => !name.startsWith('DB'), 'down')
    expect((await act(user, user, 'suspend', {}, { env: down })).status).toBe(403)
    expect((await act(admin, user, 'suspend', {}, { env: down })).status).toBe(200)
    await change('DELETE FROM user_roles')
    expect((await ask(admin, '/stats', { env: down })).status).toBe(403)
  })
})
