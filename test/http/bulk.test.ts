import { afterEach, expect, test, vi } from 'vitest'
import * as z from 'zod'
import { routes } from '../../src/app/all-routes.ts'
import { type Answer, call, newPerson, PASSWORD, type Person, post } from '../support/api.ts'
import { grant, withTwoFactors } from '../support/operators.ts'
import { row } from '../support/stores.ts'

afterEach(() => {
  vi.useRealTimers()
})

const inBulk = routes.filter(({ handsOutInBulk }) => handsOutInBulk !== undefined)
const nameOf = ({ method, path }: { readonly method: string; readonly path: string }) => `${method} ${path}`

interface Request {
  readonly path: string
  readonly body?: object
  readonly headers?: Record<string, string>
}

/** The request with which each route exports in bulk. */
const requests: Readonly<Record<string, ((person: Person) => Promise<Request>)[]>> = {
  'GET /api/v1/users/me/export/:id/download': [
    async (person) => {
      await call('/api/v1/users/me/export', { method: 'POST', token: person.accessToken })
      const { id } = await row('SELECT id FROM exports WHERE user_id = ?', person.id)
      return { path: `/api/v1/users/me/export/${id}/download` }
    },
  ],
  'GET /api/v1/admin/users/:id': [
    async ({ id }) => ({ path: `/api/v1/admin/users/${id}?reveal=true&reason=support_case` }),
  ],
  'GET /api/v1/admin/audit': [
    async ({ id }) => ({ path: `/api/v1/admin/audit?subject=${id}&reveal=true&reason=support_case` }),
    async () => ({ path: '/api/v1/admin/audit', headers: { accept: 'text/csv' } }),
  ],
  'POST /api/v1/admin/user-export': [
    async () => ({ path: '/api/v1/admin/user-export', body: { reason: 'maintenance' } }),
  ],
}

test('the routes that export in bulk are listed, and every route with `reveal` is one of them (R6)', () => {
  expect(inBulk.map(nameOf).sort()).toEqual(Object.keys(requests).sort())
  for (const { access, handsOutInBulk } of inBulk) if (handsOutInBulk === 'always') expect(access).toMatch(/step-up$/)
  const revealing = routes.filter(
    ({ query }) => query !== undefined && JSON.stringify(z.toJSONSchema(query, { io: 'input' })).includes('"reveal"'),
  )
  expect(revealing.filter(({ handsOutInBulk }) => handsOutInBulk === undefined).map(nameOf)).toEqual([])
  const names = routes
    .map(nameOf)
    .filter((name) => /download|export$/.test(name) && !/^(POST \/api\/v1\/users|GET \/account\/)/.test(name))
  expect(names.filter((name) => !(name in requests))).toEqual([])
})

const cases = Object.entries(requests).flatMap(([name, makers]) =>
  makers.map((make, i) => [name, i + 1, make] as const),
)

test.each(cases)('%s (%i) requires a recent sign-in, then answers at the same address (R6)', async (_, __, make) => {
  const person = await withTwoFactors(await newPerson())
  await grant(person, 'admin')
  const { path, body, headers } = await make(person)
  const ask = (token: string): Promise<Answer> =>
    call(path, { token, ...(headers && { headers }), ...(body && { body, method: 'POST' }) })
  vi.setSystemTime(Date.now() + 6 * 60_000)
  const refused = await ask(person.accessToken)
  expect([refused.status, refused.body.code]).toEqual([401, 'step_up_required'])
  expect(refused.headers.get('www-authenticate')).toContain('insufficient_user_authentication')
  const stepped = await post('/auth/step-up', { password: PASSWORD }, { token: person.accessToken })
  expect((await ask(stepped.body.access_token)).status).toBe(200)
})

test('a masked page of the audit trail as JSON does not require a recent sign-in', async () => {
  const person = await withTwoFactors(await newPerson())
  await grant(person, 'admin')
  vi.setSystemTime(Date.now() + 6 * 60_000)
  expect((await call('/api/v1/admin/audit', { token: person.accessToken })).status).toBe(200)
})
