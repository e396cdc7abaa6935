import { env } from 'cloudflare:workers'
import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { routes } from '../../src/app/all-routes.ts'
import { type Answer, call, newPerson, type Person } from '../support/api.ts'
import { type HostileRequest, hostileRequests } from '../support/hostile.ts'
import { mutations } from '../support/mutations.ts'
import { plainApp as app } from '../support/passwords.ts'
import { prepareRequest } from '../support/requests.ts'
import { rows, rowsOfEach } from '../support/stores.ts'

/** The number of requests in all. `npm run test:deep` sends a million. */
const REQUESTS = Number((env as Env & { FUZZ_REQUESTS: string }).FUZZ_REQUESTS)
/** A million requests are sent in parts, because a long test slows down with the rows that it leaves. */
const PARTS = Array.from({ length: Math.ceil(REQUESTS / 20_000) }, (_, part) => part + 1)
const IN_A_PART = Math.ceil(REQUESTS / PARTS.length)
const AT_ONCE = 10
/** Half of the requests are tokens, which are cheap to refuse. */
const ROUNDS = Math.ceil(IN_A_PART / 2 / routes.length / AT_ONCE)
const LIMIT_MS = 60_000 + IN_A_PART * 2

const CANARY = { full_name: 'Canary Xylophone', phone_number: '+491700000083', preferences: { note: 'canary-83' } }
const SECRETS = /xylophone|491700000083|canary-83|SQLITE|D1_[A-Z_]{0,12}ERROR|drizzle|at \w+ \(|node_modules/i

afterEach(() => {
  vi.restoreAllMocks()
})

describe.each(PARTS)('hostile requests, part %i', () => {
  test.each(routes.map((route) => [`${route.method} ${route.path}`, route] as const))(
    'A4 A5 A6 H3 get no 5xx, learn nothing and change nothing of another user: %s',
    async (name, route) => {
      const logged = (['log', 'warn', 'error'] as const).map((level) => vi.spyOn(console, level))
      const victim = await newPerson(CANARY, { app })
      const before = await ownedBy(victim)
      const attacker = await renewable()
      const sample = await prepareRequest(name, await newPerson({}, { app }))
      const requests = hostileRequests(route, { path: sample.path, body: sample.call.body })
      const round = fc.array(requests, { minLength: AT_ONCE, maxLength: AT_ONCE })
      await fc.assert(
        fc.asyncProperty(round, async (sent) => {
          const token = await attacker.token()
          const answers = await Promise.all(sent.map((request) => send(route.method, request, token)))
          for (const answer of answers) expectHarmless(answer, victim)
        }),
        { numRuns: ROUNDS },
      )
      expect(await ownedBy(victim)).toEqual(before)
      expect(JSON.stringify(logged.map(({ mock }) => mock.calls))).not.toMatch(SECRETS)
    },
    LIMIT_MS,
  )
})

describe.each(PARTS)('mutated tokens, part %i', (part) => {
  const COUNT = Math.ceil(IN_A_PART / 4)

  test(
    'J1 J3 none of an access token is accepted',
    async () => {
      const { accessToken } = await newPerson({}, { app })
      const answers = await inRounds(mutations(accessToken, COUNT, part), (token) =>
        sendToken('GET', '/api/v1/users/me', token),
      )
      expect(answers).toEqual({ 401: expect.any(Number) })
    },
    LIMIT_MS,
  )

  test(
    'R1 none of a refresh token is accepted',
    async () => {
      const { refreshToken } = await newPerson({}, { app })
      const refresh = (token: string) =>
        call('/api/v1/auth/refresh', { app, body: { refresh_token: token }, ...anywhere() })
      const answers = await inRounds(mutations(refreshToken, COUNT, part), refresh)
      expect(answers[200]).toBeUndefined()
      expect(await rows('SELECT generation, revoked_at FROM sessions')).toEqual([{ generation: 0, revoked_at: null }])
    },
    LIMIT_MS,
  )
})

/** An attacker who registers again when a request has ended the account or the session. */
async function renewable() {
  let person = await newPerson({}, { app, ...anywhere() })
  return {
    async token(): Promise<string> {
      const alive = await sendToken('GET', '/api/v1/users/me', person.accessToken)
      if (alive.status !== 200) person = await newPerson({}, { app, ...anywhere() })
      return person.accessToken
    },
  }
}

function send(method: string, { path, headers, body, isSignedIn }: HostileRequest, token: string): Promise<Answer> {
  const bearer = isSignedIn && headers.authorization === undefined ? { authorization: `Bearer ${token}` } : {}
  return call(path, {
    app,
    method,
    ...(body !== undefined && { body }),
    headers: { ...anywhere().headers, ...headers, ...bearer },
  })
}

const sendToken = (method: string, path: string, token: string): Promise<Answer> =>
  call(path, {
    app,
    method,
    headers: { authorization: `Bearer ${token}`.replaceAll('\n', ' '), ...anywhere().headers },
  })

let networks = 0
/**
 * Every request comes from another network, because a refusal by a rate limit says nothing about the route.
 */
const anywhere = () => ({
  headers: { 'cf-connecting-ip': `10.${(++networks >> 16) & 255}.${(networks >> 8) & 255}.${networks & 255}` },
})

function expectHarmless({ status, headers, body }: Answer, victim: Person): void {
  expect(status).toBeLessThan(500)
  expect(headers.get('x-content-type-options')).toBe('nosniff')
  if (status >= 400) {
    expect(headers.get('content-type')).toBe('application/problem+json; charset=utf-8')
    expect(body).toMatchObject({ status, code: expect.any(String), request_id: expect.any(String) })
  }
  const text = JSON.stringify([body, [...headers]])
  expect(text).not.toContain(victim.id)
  expect(text).not.toMatch(SECRETS)
}

/**
 * Everything of one user that no other user may change. Mails to a typed address may be ordered by any
 * client.
 */
const ownedBy = ({ id }: Person) => {
  const tables = ['credentials', 'user_profiles', 'sessions', 'user_roles', 'consents', 'exports', 'erasures']
  const owned = tables.map((table) => `SELECT * FROM ${table} WHERE user_id = ?`)
  return rowsOfEach(['SELECT * FROM users WHERE id = ?', ...owned], id)
}

async function inRounds(texts: readonly string[], sendOne: (text: string) => Promise<Answer>) {
  const counts: Record<number, number> = {}
  for (let at = 0; at < texts.length; at += AT_ONCE) {
    const answers = await Promise.all(texts.slice(at, at + AT_ONCE).map(sendOne))
    for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1
  }
  return counts
}
