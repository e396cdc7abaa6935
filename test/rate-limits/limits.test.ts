import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, test, vi } from 'vitest'
import * as z from 'zod'
import { routes } from '../../src/app/all-routes.ts'
import { sessionIdSchema, userIdSchema } from '../../src/core/ids.ts'
import { type LimitName, limitPolicies } from '../../src/core/rate-limit-policies.ts'
import { parseEmailAddress } from '../../src/identity/email/email-address.ts'
import { countersFor } from '../../src/rate-limits/counters-for.ts'
import wrangler from '../../wrangler.toml?raw'
import {
  type Answer,
  burst,
  type Call,
  call,
  newPerson,
  PASSWORD,
  type Person,
  post,
  signIn,
  statuses,
} from '../support/api.ts'
import { type Around, countCalls, interceptStores } from '../support/intercept-stores.ts'
import { jobContext } from '../support/job-context.ts'
import { newAdmin } from '../support/operators.ts'
import { plainApp as app, plainPasswords } from '../support/passwords.ts'
import { prepareRequest } from '../support/requests.ts'
import { SIZES } from '../support/sizes.ts'
import { change, countOf, counts, events, rows, rowsOfEach } from '../support/stores.ts'

afterEach(() => {
  vi.useRealTimers()
})

/** The default quotas; the other tests raise them. A new object gets a new isolate. */
const STRICT = { LIMIT_FACTOR: '1' }
const strict = (): Env => ({ ...env, ...STRICT })
const policies = limitPolicies({ LIMIT_FACTOR: 1 })

const MINUTE_MS = 60_000
const from = (ip: string) => ({ headers: { 'cf-connecting-ip': ip } })

const limited = routes.flatMap(({ method, path, limits }) => (limits ? [{ name: `${method} ${path}`, limits }] : []))

const firstOfOperators = limited.find(({ limits }) => limits.policy === 'operate')?.name

function expectRefused(answer: Answer, by: string): void {
  expect(answer).toMatchObject({ status: 429, body: { code: 'rate_limited' } })
  const seconds = Number(answer.headers.get('retry-after'))
  expect(seconds).toBeGreaterThan(0)
  expect(answer.headers.get('ratelimit')).toBe(`"${by}";r=0;t=${seconds}`)
  const [, name, window] =
    /^"([a-z]+)";q=[1-9]\d*;w=([1-9]\d*)$/.exec(answer.headers.get('ratelimit-policy') ?? '') ?? []
  expect(name).toBe(by)
  expect(Number(window)).toBeGreaterThanOrEqual(seconds)
}

describe('the table of routes', () => {
  test('T5 limits every route that is not GET, and one that uses no store by its burst limit alone', () => {
    const open = routes.filter(({ method, limits }) => method !== 'GET' && !limits)
    expect(open.map(({ method, path }) => `${method} ${path}`)).toEqual(['POST /api/v1/auth/passkey/options'])
    expect(open.map(({ burstLimit }) => burstLimit)).toEqual(['BURST_SIGN_IN'])
  })

  test('T5 limits by user every route that requires a signed-in user', () => {
    const anyNumber = routes.filter(
      ({ access, limits }) => access !== 'public' && limits && !('user' in policies[limits.policy]),
    )
    expect(anyNumber.map(({ method, path }) => `${method} ${path}`)).toEqual([])
  })

  test('T5 limits by network every route, and by subject every route that names one', () => {
    for (const { name, limits } of limited) {
      const { burstLimit: _, ...quotas } = policies[limits.policy]
      const by = Object.keys(quotas)
      expect(by, name).toContain('address')
      expect(limits.email === undefined, name).toBe(!by.includes('email'))
    }
  })

  test('uses every policy', () => {
    const named = new Set<string>(limited.map(({ limits }) => limits.policy))
    expect(Object.keys(policies).filter((policy) => !named.has(policy))).toEqual([])
  })
})

describe('a route over a quota', () => {
  const cases = limited.flatMap(({ name, limits }) => {
    const { burstLimit: _, ...quotas } = policies[limits.policy]
    const cases = Object.entries(quotas).map(([by, quota]) => ({ name, by, policy: limits.policy, quota: quota.count }))
    // All routes for operators' changes share one policy and one middleware, so the limit by network is
    // tested only with the first of them.
    const isLike = limits.policy === 'operate' && name !== firstOfOperators
    return cases.filter(({ by }) => !(isLike && by === 'address'))
  })

  test.each(cases)('T5 refuses by $by with 429 and does nothing: $name', async ({ name, by, policy, quota }) => {
    const using = { app, env: strict() }
    const newcomer = () => (name.includes('/admin/') ? newAdmin() : newPerson({}, { app }))
    const person = await newcomer()
    const first = await prepareRequest(name, person)
    await change('DELETE FROM attempts')
    await call(first.path, { ...first.call, ...using })
    const another = async () => (by === 'address' ? prepareRequest(name, await newcomer()) : first)

    const last = await another()
    expect(await setCount({ by, policy, count: quota - 1 }, person, first.call.body)).toBe(1)
    expect((await call(last.path, { ...last.call, ...using })).status).not.toBe(429)

    const next = await another()
    if (by === 'user' || by === 'session') await bringBack()
    const before = await stateOf()
    await setCount({ by, policy, count: quota }, person, first.call.body)
    expectRefused(await call(next.path, { ...next.call, ...using }), by)
    expect(await stateOf()).toEqual(before)
    expect(await events('limit.reached')).toMatchObject([{ outcome: 'failure', detail: { policy } }])
  })

  test.each(SIZES)(
    'T5 passes exactly half of %i sent together, and records and publishes the counter once',
    async (size) => {
      const { env: watched, calls } = countCalls(STRICT)
      // A separate network for each size, because the isolate remembers a counter over its quota.
      const { headers } = from(`203.0.113.${size}`)
      const register = (i: number) =>
        post('/auth/register', { email: `burst${i}@example.com`, password: PASSWORD }, { app, env: watched, headers })
      await register(size)
      await change('UPDATE attempts SET count = ?', 50 - size / 2)
      const answers = await burst(size, register)
      expect(statuses(answers)).toEqual({ 201: size / 2, 429: size / 2 })
      expect(await countOf('users')).toBe(1 + size / 2)
      expect(await events('limit.reached')).toMatchObject([{ pii_enc: expect.any(String), subject_id: null }])
      expect(calls.filter((name) => name === 'LIMITS.put')).toHaveLength(1)
      expect(await countOf('users')).toBe((await env.VAULT.list({ prefix: 'keys/' })).objects.filter(isOfUser).length)
    },
  )

  test.each(SIZES)(
    'T5 passes exactly the rest of the quota when %d are sent together, and the others change nothing',
    async (size) => {
      const using = { app, env: strict() }
      const person = await newPerson({}, { app })
      const update = () =>
        call('/api/v1/users/me', { method: 'PATCH', body: { bio: 'Computes.' }, token: person.accessToken, ...using })
      await update()
      await setCount({ by: 'user', policy: 'update-profile', count: 299 }, person, {})
      expect(statuses(await burst(size, update))).toEqual({ 200: 1, 429: size - 1 })
      expect(await events('profile.updated')).toHaveLength(2)
      expect(await events('limit.reached')).toHaveLength(1)
    },
  )

  test('T5 counts only requests that reach the database, and passes them again after the window', async () => {
    const start = Date.now()
    vi.setSystemTime(start)
    const using = { app, env: strict() }
    const person = await newPerson({}, { app })
    await change('DELETE FROM attempts')
    const update = (body: object) =>
      call('/api/v1/users/me', { method: 'PATCH', body, token: person.accessToken, ...using })
    expect((await update({ bio: 7 })).status).toBe(422)
    expect(await countOf('attempts')).toBe(0)
    expect((await update({})).status).toBe(200)
    expect(await counts()).toEqual([1, 1])
    await setCount({ by: 'address', policy: 'update-profile', count: 3000 }, person, {})
    expectRefused(await update({ bio: 'Computes.' }), 'address')
    vi.setSystemTime(start + 60 * MINUTE_MS + 1)
    const { accessToken } = await signIn(person.email, PASSWORD, { app })
    const later = { method: 'PATCH', body: { bio: 'Computes.' }, token: accessToken, app, env: strict() }
    expect((await call('/api/v1/users/me', later)).status).toBe(200)
    expect(await counts()).toEqual([0, 1, 1])
  })

  test('T3 counts a /64, a /56 and a /48 as one each, IPv4-mapped as IPv4, and ignores forwarding headers', async () => {
    const attempt = (ip: string, forwarded: string) => {
      const headers = {
        'cf-connecting-ip': ip,
        'x-forwarded-for': forwarded,
        'x-real-ip': forwarded,
        forwarded: `for=${forwarded}`,
      }
      return post('/auth/login', { email: 'nobody@example.com', password: 'guess' }, { app, env: strict(), headers })
    }
    for (const ip of ['2001:db8::1', '2001:db8::ffff:1', '2001:0DB8:0:0:1::']) await attempt(ip, '10.0.0.1')
    for (const ip of ['198.51.100.7', '::ffff:198.51.100.7', '::ffff:c633:6407']) await attempt(ip, '10.0.0.2')
    await attempt('2001:db8:0:1::1', '2001:db8::1')
    // Two /64 networks, one IPv4 address, the /56 and the /48 of both, and the recent failures of the
    // e-mail address and those in a row.
    expect(await counts()).toEqual([1, 3, 3, 4, 4, 7, 7])
  })

  test('T3 allows at most sixteen times a quota from one /48, and four times from one /56', async () => {
    const quota = policies['sign-in'].address.count
    const attempt = (ip: string) =>
      post('/auth/login', { email: 'nobody@example.com', password: 'guess' }, { app, env: strict(), ...from(ip) })
    for (const [factor, beside] of [
      [4, '2001:db8:0:100::1'],
      [16, '2001:db8:1::1'],
    ] as const) {
      await change('DELETE FROM attempts')
      // Two networks that share only the prefix under test.
      const network = factor === 4 ? '2001:db8:0:1::1' : '2001:db8:0:200::1'
      await attempt('2001:db8::1')
      await change('UPDATE attempts SET count = ? WHERE count = 1', quota * factor - 1)
      await change(
        'DELETE FROM attempts WHERE key NOT IN (SELECT key FROM attempts ORDER BY rowid LIMIT 1 OFFSET ?)',
        factor === 4 ? 1 : 2,
      )
      expect((await attempt(network)).status).toBe(401)
      expectRefused(await attempt(network), 'address')
      expect((await attempt(beside)).status).toBe(401)
    }
  })

  test('T5 passes requests again after the window, which refused requests do not extend', async () => {
    const start = Date.now()
    vi.setSystemTime(start)
    const attempt = () => post('/auth/login', { email: 'nobody@example.com', password: 'x' }, { app, env: strict() })
    await attempt()
    await change('UPDATE attempts SET count = 100 WHERE count = 1 AND key <> (SELECT max(key) FROM attempts)')
    await change('UPDATE attempts SET count = 100')
    vi.setSystemTime(start + 10 * MINUTE_MS)
    const refused = await attempt()
    expectRefused(refused, 'address')
    expect(refused.headers.get('retry-after')).toBe(String(5 * 60))
    vi.setSystemTime(start + 15 * MINUTE_MS - 1000)
    expect((await attempt()).status).toBe(429)
    vi.setSystemTime(start + 15 * MINUTE_MS + 1000)
    expect((await attempt()).status).toBe(401)
  })

  test('stores no readable address', async () => {
    await post('/auth/login', { email: 'canary@example.com', password: 'x' }, { app, ...from('198.51.100.77') })
    const kept = JSON.stringify([await rows('SELECT * FROM attempts'), await env.LIMITS.list()])
    expect(kept).not.toMatch(/canary|198\.51/)
  })

  test('takes the count of a success back from the network', async () => {
    const person = await newPerson({}, { app })
    await change('DELETE FROM attempts')
    for (let i = 0; i < 3; i++) await login(person.email, PASSWORD)
    expect(await counts()).toEqual([0])
    await login(person.email, 'guess')
    expect(await counts()).toEqual([1, 1, 1])
  })

  test('a refused network uses up no attempt of the account', async () => {
    await login('nobody@example.com', 'guess')
    await change('UPDATE attempts SET count = 100')
    expect((await login('other@example.com', 'guess')).status).toBe(429)
    expect(await countOf('attempts')).toBe(2)
  })
})

describe('the burst limit', () => {
  test('T5 refuses a flood before its body is read or a store is called', async () => {
    const flooded = { ...countCalls(STRICT) }
    const refusing = { ...flooded.env, BURST_SIGN_IN: { limit: async () => ({ success: false }) } }
    const answer = await call('/api/v1/auth/login', { body: 'not even JSON', env: refusing })
    expectRefused(answer, 'burst')
    expect(flooded.calls).toEqual([])
  })

  test('T5 counts by network: the 301st request of a minute', async () => {
    expect(wrangler).toContain('name = "BURST_SIGN_IN"\nnamespace_id = "1001"\nsimple = { limit = 300, period = 60 }')
    const { TEST_BURST } = env as Env & { readonly TEST_BURST: RateLimit }
    const limited = { ...env, BURST_SIGN_IN: TEST_BURST }
    const send = (ip: string) => call('/api/v1/auth/login', { body: '{', ...from(ip), env: limited })
    // Minutes are those of the clock, so the count may begin again once on the way.
    let sent = 0
    while (sent < 601 && (await send('198.51.100.1')).status === 400) sent++
    expect(sent).toBeGreaterThanOrEqual(300)
    expectRefused(await send('198.51.100.1'), 'burst')
    expect((await send('198.51.100.2')).status).toBe(400)
  })

  test.each([
    ['fails', () => Promise.reject(new Error('down'))],
    ['never answers', () => new Promise<never>(() => undefined)],
  ])('T6 leaves the decision to the counters in the database if it %s', async (_, limit) => {
    const broken = { ...strict(), BURST_SIGN_IN: { limit } }
    const send = () => post('/auth/login', { email: 'nobody@example.com', password: 'x' }, { app, env: broken })
    expect((await send()).status).toBe(401)
    await change('UPDATE attempts SET count = 100')
    expectRefused(await send(), 'address')
  })
})

describe('a remembered counter over its quota', () => {
  const attempt = (using: Env) =>
    post('/auth/login', { email: 'nobody@example.com', password: 'x' }, { app, env: using })

  /** The held calls are released only by the answer. If the answer waited for them, it would never arrive. */
  const attemptDuring = ({ hung, release }: Hanging) =>
    post('/auth/login', { email: 'nobody@example.com', password: 'x' }, { app, env: hung, onResponse: release })

  async function exceedQuota(): Promise<void> {
    await attempt(strict())
    await change('UPDATE attempts SET count = 100')
    expectRefused(await attempt(strict()), 'address')
  }

  test('in an isolate refuses without calling any store', async () => {
    const { env: isolate, calls } = countCalls(STRICT)
    await attempt(isolate)
    await change('UPDATE attempts SET count = 100')
    expectRefused(await attempt(isolate), 'address')
    calls.length = 0
    expectRefused(await attempt(isolate), 'address')
    expect(calls).toEqual([])
  })

  test('in KV refuses before the database has answered', async () => {
    await exceedQuota()
    expectRefused(await attemptDuring(hanging((name) => name.startsWith('DB'))), 'address')
  })

  const others: [string, Around][] = [
    ['fails', (name, run) => (name.startsWith('LIMITS') ? Promise.reject(new Error('down')) : run())],
    ['is stale and has no entry', async (name, run) => (name === 'LIMITS.get' ? (null as never) : run())],
    ['contains an invalid time', async (name, run) => (name === 'LIMITS.get' ? ('soon' as never) : run())],
    ['contains the end of a past window', async (name, run) => (name === 'LIMITS.get' ? ('1' as never) : run())],
  ]
  test.each(others)('T6 leaves the decision to the counters in the database if KV %s', async (_, around) => {
    await exceedQuota()
    expectRefused(await attempt(interceptStores(around, STRICT)), 'address')
    await change('DELETE FROM attempts')
    expect((await attempt(interceptStores(around, STRICT))).status).toBe(401)
  })

  test('T6 H6 delays no request if KV never answers', async () => {
    const isKv = (name: string) => name.startsWith('LIMITS')
    expect((await attemptDuring(hanging(isKv))).status).toBe(401)
    await change('UPDATE attempts SET count = 100')
    expectRefused(await attemptDuring(hanging(isKv)), 'address')
  })
})

describe('the password of a signed-in user', () => {
  const stepUp = ({ accessToken }: Person, password: string) =>
    post('/auth/step-up', { password }, { app, env: strict(), token: accessToken })

  test('T1 is compared for at most 10 of 40 requests sent together, and then not even the correct one is', async () => {
    const { app: watched, compared } = plainPasswords()
    const person = await newPerson({}, { app: watched })
    compared.length = 0
    const send = (password: string) => post('/auth/step-up', { password }, { app: watched, token: person.accessToken })
    const answers = await burst(40, () => send('guess'))
    expect(statuses(answers)).toEqual({ 401: 10, 429: 30 })
    expect(compared).toHaveLength(10)
    expectRefused(await send(PASSWORD), 'user')
    expect(compared).toHaveLength(10)
  })

  test('T2 is not locked out by failed sign-ins, and does not lock out the sign-in', async () => {
    const person = await newPerson({}, { app })
    await burst(12, () => login(person.email, 'guess'))
    expect((await stepUp(person, PASSWORD)).status).toBe(200)
    const other = await newPerson({}, { app })
    await burst(12, () => stepUp(other, 'guess'))
    expect((await login(other.email, PASSWORD)).status).toBe(200)
  })

  test('T1 has a full quota again after a success', async () => {
    const person = await newPerson({}, { app })
    for (let round = 0; round < 2; round++) {
      await burst(9, () => stepUp(person, 'guess'))
      expect((await stepUp(person, PASSWORD)).status).toBe(200)
    }
  })
})

describe('a token of a session that has ended', () => {
  const anywhere = (index: number) => from(`198.51.100.${index}`)
  const ask = (token: string, index = 0) =>
    post('/users/me/email', { new_email: `new${index}@example.com` }, { app, env: strict(), token, ...anywhere(index) })

  async function ownerAndThief(): Promise<{ person: Person; stolen: string }> {
    const { accessToken: stolen, ...person } = await newPerson({}, { app })
    const owner = { ...person, ...(await signIn(person.email, PASSWORD, { app })) }
    await call('/api/v1/users/me/sessions', { method: 'DELETE', app, token: owner.accessToken })
    return { person: owner, stolen }
  }

  test('T2 uses up the quota of its network, but none of its owner', async () => {
    const { person, stolen } = await ownerAndThief()
    const answers = await burst(12, (index) => ask(stolen, index))
    expect(statuses(answers)).toEqual({ 401: 12 })
    expect(await events('limit.reached')).toEqual([])
    expect((await ask(person.accessToken)).status).toBe(202)
    expect(statuses(await burst(60, () => ask(stolen, 99)))).toEqual({ 401: 60 })
    expectRefused(await ask(stolen, 99), 'address')
  })

  test('T2 does not use up the quota with which the owner ends a thief’s session', async () => {
    const { email, accessToken } = await newPerson({}, { app })
    const thief = await signIn(email, PASSWORD, { app })
    const end = (path: string, token: string) =>
      call(`/api/v1/users/me/sessions${path}`, { method: 'DELETE', token, app, env: strict() })
    await change('DELETE FROM attempts')
    expect((await end(`/${crypto.randomUUID()}`, thief.accessToken)).status).toBe(404)
    await change('UPDATE attempts SET count = 300')
    expectRefused(await end(`/${crypto.randomUUID()}`, thief.accessToken), 'session')
    expect((await end('', accessToken)).status).toBe(204)
    expect((await end('', thief.accessToken)).status).toBe(401)
  })

  test('T2 records no further event for a quota that its owner has used up', async () => {
    const { person, stolen } = await ownerAndThief()
    for (let index = 0; index < 11; index++) await ask(person.accessToken, index)
    await burst(12, (index) => ask(stolen, index))
    expect(await events('limit.reached')).toHaveLength(1)
  })

  test('T2 does not prevent the owner from confirming the password', async () => {
    const { person, stolen } = await ownerAndThief()
    const stepUp = (token: string, index = 0) =>
      post('/auth/step-up', { password: PASSWORD }, { app, env: strict(), token, ...anywhere(index) })
    expect(statuses(await burst(61, (index) => stepUp(stolen, index)))).toEqual({ 401: 61 })
    expect((await stepUp(person.accessToken)).status).toBe(200)
  })
})

describe('a route that sends mail', () => {
  test.each(['reset-password', 'verify-email/resend'])(
    'E2 T5 %s gives the same answers for a known and an unknown address, also over the quota',
    async (path) => {
      const { email } = await newPerson({}, { app })
      const ask = (address: string) => post(`/auth/${path}`, { email: address }, { app, env: strict() })
      const visible = ({ status, headers, body: { request_id: _, ...body } }: Answer) => {
        const shown = [...headers].filter(([name]) => name !== 'x-request-id')
        return { status, shown, body }
      }
      for (let i = 0; i < 7; i++) {
        vi.setSystemTime(Date.now() + 1000)
        const [known, unknown] = [await ask(email), await ask('nobody@example.com')]
        expect(visible(unknown)).toEqual(visible(known))
        expect(known.status).toBe(i < 5 ? 202 : 429)
      }
    },
  )
})

const login = (email: string, password: string, options: Call = {}) =>
  post('/auth/login', { email, password }, { app, env: strict(), ...options })

const isOfUser = ({ key }: R2Object): boolean => !key.startsWith('keys/system/')

interface Hanging {
  readonly hung: Env
  readonly release: () => void
}

/** Holds calls to stores until the test releases them. */
function hanging(isHeld: (name: string) => boolean): Hanging {
  const { promise, resolve } = Promise.withResolvers<void>()
  const around: Around = async (name, run) => {
    if (isHeld(name)) await promise
    return run()
  }
  return { hung: interceptStores(around, STRICT), release: resolve }
}

/**
 * Sets the one counter of a kind, and sets all others to zero.
 * @returns the number of counters of that kind
 */
async function setCount({ by, policy, count }: Setting, person: Person, body: unknown): Promise<number> {
  const ctx = { ...(await jobContext(Date.now(), strict())), client: { ip: '203.0.113.7' } }
  const { email, new_email } = z
    .object({ email: z.string(), new_email: z.string() })
    .partial()
    .parse(body ?? {})
  const counters = await countersFor(ctx, policy, {
    email: parseEmailAddress(new_email ?? email ?? ''),
    holder: { userId: userIdSchema.parse(person.id), sessionId: sessionIdSchema.parse(crypto.randomUUID()) },
  })
  const key = by === 'session' ? undefined : counters.find((counter) => counter.by === by)?.key
  const known = JSON.stringify(counters.map((counter) => counter.key))
  await change('UPDATE attempts SET count = 0')
  if (policy === 'refresh' && by === 'session') {
    const { meta } = await change('UPDATE sessions SET refresh_count = ? WHERE refresh_count > 0', count)
    return meta.changes
  }
  // The test does not know the session's id, because only the token contains it. So its counter is the one
  // whose key is not among the known ones.
  const condition = key ? 'key = ?2' : 'key NOT IN (SELECT value FROM json_each(?2))'
  const { meta } = await change(`UPDATE attempts SET count = ?1 WHERE ${condition}`, count, key ?? known)
  return meta.changes
}

/** Restores deleted accounts, and their sessions. */
async function bringBack(): Promise<void> {
  await change(`UPDATE users SET status = 'active', deleted_at = NULL, purge_after = NULL WHERE status = 'deleted'`)
  await change(`UPDATE sessions SET revoked_at = NULL,
    security_epoch = (SELECT security_epoch FROM users WHERE users.id = sessions.user_id)`)
  await change('UPDATE users SET two_step_at = NULL')
}

interface Setting {
  readonly by: string
  readonly policy: LimitName
  readonly count: number
}

/** Everything but counts. */
async function stateOf() {
  const tables = [
    ...['users', 'user_profiles', 'user_roles', 'credentials', 'sessions', 'one_time_tokens', 'social_logins'],
    ...['consents', 'exports', 'erasures', 'legal_holds', 'job_runs', 'imports', 'import_refusals', 'mail_jobs'],
    `audit_events WHERE action <> 'limit.reached'`,
  ]
  const found = await rowsOfEach(tables.map((table) => `SELECT * FROM ${table} ORDER BY 1`))
  return found.map((kept) => kept.map(({ refresh_count, refreshes_counted_until, ...others }) => others))
}
