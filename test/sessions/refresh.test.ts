import { afterEach, describe, expect, test, vi } from 'vitest'
import { burst, type Call, get, newPerson, PASSWORD, type Person, post, statuses } from '../support/api.ts'
import { beforeBatch, countCalls } from '../support/intercept-stores.ts'
import { plainApp } from '../support/passwords.ts'
import { SIZES } from '../support/sizes.ts'
import { change, events, row, rows } from '../support/stores.ts'

afterEach(() => {
  vi.useRealTimers()
})

const DAY_MS = 86_400_000
const refresh = (token: string, options: Call = {}) => post('/auth/refresh', { refresh_token: token }, options)
const from = (ip: string, userAgent?: string): Call => ({
  headers: { 'cf-connecting-ip': ip, ...(userAgent && { 'user-agent': userAgent }) },
})
const logout = (token: string) => post('/auth/logout', { refresh_token: token })
const ledger = () => row('SELECT generation, revoked_at, revoke_reason FROM sessions')

/** A person who signed in while the clock was stopped. */
async function newPersonAt(nowMs: number): Promise<Person> {
  vi.setSystemTime(nowMs)
  return newPerson({}, { app: plainApp })
}

const START = Date.UTC(2026, 10, 20, 12)

/** Asserts that all answers are the same. */
async function expectDead(tokens: readonly string[]): Promise<void> {
  for (const token of tokens)
    expect(await refresh(token)).toMatchObject({ status: 401, body: { code: 'invalid_refresh_token' } })
}

describe('rotation', () => {
  test('R1 gives a new token on every use', async () => {
    const { refreshToken } = await newPersonAt(START)
    const seen = new Set([refreshToken])
    let token = refreshToken
    for (let i = 0; i < 3; i++) {
      token = (await refresh(token)).body.refresh_token
      seen.add(token)
    }
    expect(seen.size).toBe(4)
    expect(await ledger()).toMatchObject({ generation: 3, revoked_at: null })
  })

  test.each(SIZES)(
    'R1 rotates once when %i requests present one token at once, and all get the one successor',
    async (size) => {
      const { id, refreshToken } = await newPersonAt(START)
      const answers = await burst(size, () => refresh(refreshToken, from('198.51.100.7')))
      expect(statuses(answers)).toEqual({ 200: size })
      expect(new Set(answers.map(({ body }) => body.refresh_token)).size).toBe(1)
      expect(await ledger()).toMatchObject({ generation: 1, revoked_at: null })
      expect(await events('session.refreshed')).toMatchObject([{ actor_id: id, subject_id: id }])
    },
  )

  test('R1 gives the same successor to a retry 9.9 s later', async () => {
    const { refreshToken } = await newPersonAt(START)
    const first = await refresh(refreshToken, from('198.51.100.7'))
    vi.setSystemTime(START + 9900)
    const retry = await refresh(refreshToken, from('192.0.2.7'))
    expect(retry.body.refresh_token).toBe(first.body.refresh_token)
    expect(await ledger()).toMatchObject({ generation: 1, revoked_at: null })
    expect(await events('session.refreshed')).toHaveLength(1)
  })

  test.each([1, ...SIZES])(
    'R1 revokes the family and records it once when %i requests re-use a token after 10.1 s',
    async (size) => {
      const { id, accessToken, refreshToken } = await newPersonAt(START)
      const { body } = await refresh(refreshToken)
      vi.setSystemTime(START + 10_100)
      expect(statuses(await burst(size, () => refresh(refreshToken)))).toEqual({ 401: size })
      expect(await ledger()).toEqual({ generation: 1, revoked_at: START + 10_100, revoke_reason: 'reuse' })
      expect(await events('session.reuse_detected')).toMatchObject([{ subject_id: id, outcome: 'failure' }])
      await expectDead([refreshToken, body.refresh_token])
      expect((await get('/users/me', accessToken)).status).toBe(401)
      expect((await get('/auth/session', body.access_token)).status).toBe(401)
    },
  )

  test('R1 keeps the session cached in KV', async () => {
    const { refreshToken } = await newPersonAt(START)
    const { body } = await refresh(refreshToken)
    expect((await get('/auth/session', body.access_token)).status).toBe(200)
  })

  test('R1 reuse writes the tombstone of the session to KV at once', async () => {
    const { refreshToken } = await newPersonAt(START)
    const { body } = await refresh(refreshToken)
    expect((await get('/auth/session', body.access_token)).status).toBe(200)
    vi.setSystemTime(START + 10_100)
    expect((await refresh(refreshToken)).status).toBe(401)
    expect((await get('/auth/session', body.access_token)).status).toBe(401)
  })

  test('R1 a retry and a reuse of one session do not affect a session with another generation', async () => {
    const bystander = await newPersonAt(START)
    let token = bystander.refreshToken
    for (let i = 0; i < 4; i++) token = (await refresh(token)).body.refresh_token
    const { refreshToken } = await newPersonAt(START)
    const successor = (await refresh(refreshToken)).body.refresh_token
    expect((await refresh(refreshToken)).body.refresh_token).toBe(successor)
    vi.setSystemTime(START + 10_100)
    await expectDead([refreshToken, successor])
    expect((await refresh(token)).status).toBe(200)
  })

  test('R1 revokes at once when a token two generations old is presented, even within the grace period', async () => {
    const { refreshToken } = await newPersonAt(START)
    const second = (await refresh(refreshToken)).body.refresh_token
    const third = (await refresh(second)).body.refresh_token
    expect((await refresh(refreshToken)).status).toBe(401)
    await expectDead([second, third])
    expect(await ledger()).toMatchObject({ revoke_reason: 'reuse' })
  })
})

describe('what a refresh records', () => {
  const HOME = from('203.0.113.7')
  const recordings = async () => (await events('session.refreshed')).length

  /** The successor of this token, `afterMs` after the sign-in. */
  async function refreshAt(token: string, afterMs: number, options: Call): Promise<string> {
    vi.setSystemTime(START + afterMs)
    const answer = await refresh(token, options)
    expect(answer.status).toBe(200)
    return answer.body.refresh_token
  }

  test('R8 K42 nothing from the network and device of the sign-in, and the time of the use exactly', async () => {
    let token = (await newPersonAt(START)).refreshToken
    for (let quarter = 1; quarter <= 4; quarter++) token = await refreshAt(token, quarter * 900_000, HOME)
    expect(await recordings()).toBe(0)
    expect(await row('SELECT last_used_at FROM sessions')).toEqual({ last_used_at: START + 3_600_000 })
  })

  const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'

  test.each([
    ['another address of the /24', '203.0.113.200', undefined, 0],
    ['another /24', '203.0.114.7', undefined, 1],
    ['IPv6 instead of IPv4', '2001:db8:ab::1', undefined, 1],
    ['no address', '', undefined, 1],
    ['another device', '203.0.113.7', FIREFOX, 1],
  ])('R8 K42 from %s: %3$i event', async (_, ip, userAgent, count) => {
    const { refreshToken } = await newPersonAt(START)
    const token = await refreshAt(refreshToken, 1000, from(ip, userAgent))
    expect(await recordings()).toBe(count)
    await refreshAt(token, 2000, from(ip, userAgent))
    expect(await recordings()).toBe(count)
  })

  test.each([
    ['the /48, and a new version of the browser', '2001:db8:ab:ffff::9', FIREFOX.replaceAll('140', '141'), 0],
    ['another /48', '2001:db8:ac::1', FIREFOX, 1],
  ])('R8 K42 from another address of %s: %3$i event', async (_, ip, userAgent, count) => {
    const { refreshToken } = await newPersonAt(START)
    const token = await refreshAt(refreshToken, 1000, from('2001:db8:ab::1', FIREFOX))
    await refreshAt(token, 2000, from(ip, userAgent))
    expect(await recordings()).toBe(1 + count)
  })

  test('R8 K42 each change between two networks', async () => {
    let token = (await newPersonAt(START)).refreshToken
    for (const ip of ['198.51.100.7', '203.0.113.7', '198.51.100.7']) token = await refreshAt(token, 1000, from(ip))
    expect(await recordings()).toBe(3)
  })

  test('R8 K42 once a day without a change, counted from the last event of the session', async () => {
    let token = (await newPersonAt(START)).refreshToken
    token = await refreshAt(token, DAY_MS, HOME)
    expect(await recordings()).toBe(0)
    token = await refreshAt(token, DAY_MS + 1, HOME)
    expect(await recordings()).toBe(1)
    token = await refreshAt(token, 2 * DAY_MS, HOME)
    expect(await recordings()).toBe(1)
    await refreshAt(token, 2 * DAY_MS + 2, HOME)
    expect(await recordings()).toBe(2)
  })

  test('R8 K42 the first refresh of a session that an earlier version started', async () => {
    const { refreshToken } = await newPersonAt(START)
    await change('UPDATE sessions SET client_index = NULL, last_event_id = NULL')
    const token = await refreshAt(refreshToken, 1000, HOME)
    expect(await recordings()).toBe(1)
    await refreshAt(token, 2000, HOME)
    expect(await recordings()).toBe(1)
  })

  test.each(SIZES)('R8 K42 one event when %i from two new networks show one token together', async (size) => {
    const { refreshToken } = await newPersonAt(START)
    const answers = await burst(size, (i) => refresh(refreshToken, from(i % 2 === 0 ? '198.51.100.7' : '192.0.2.7')))
    expect(statuses(answers)).toEqual({ 200: size })
    expect(await recordings()).toBe(1)
  })

  test('R8 K42 no event of a refresh that did not rotate, and always that of a theft', async () => {
    const { refreshToken } = await newPersonAt(START)
    await refreshAt(refreshToken, 0, HOME)
    vi.setSystemTime(START + 10_100)
    expect((await refresh(refreshToken, HOME)).status).toBe(401)
    expect([await recordings(), (await events('session.reuse_detected')).length]).toEqual([0, 1])
    vi.setSystemTime(START + 2 * DAY_MS)
    expect((await refresh(refreshToken, from('198.51.100.7'))).status).toBe(401)
    expect(await recordings()).toBe(0)
  })

  test('R8 K42 keeps a fingerprint that is neither of the network nor the same in two sessions', async () => {
    const { email } = await newPersonAt(START)
    await post('/auth/login', { email, password: PASSWORD }, { app: plainApp })
    const kept = (await rows('SELECT client_index FROM sessions')).map(({ client_index }) => String(client_index))
    expect(kept).toEqual([expect.stringMatching(/^\d+\.[\w-]{43}$/), expect.stringMatching(/^\d+\.[\w-]{43}$/)])
    expect(new Set(kept).size).toBe(2)
  })
})

describe('the checks of a refresh', () => {
  test.each([
    ['suspended', "UPDATE users SET status = 'suspended'"],
    ['deleted', "UPDATE users SET status = 'deleted'"],
    ['of a newer epoch', 'UPDATE users SET security_epoch = security_epoch + 1'],
  ])('R2 refuses the token of a user who is %s, and keeps the generation', async (_, statement) => {
    const { refreshToken } = await newPersonAt(START)
    await change(statement)
    await expectDead([refreshToken])
    expect(await ledger()).toMatchObject({ generation: 0 })
  })

  test('R2 refuses the token of a session that no longer exists', async () => {
    const { refreshToken } = await newPersonAt(START)
    await change('DELETE FROM sessions')
    await expectDead([refreshToken])
  })

  test('R2 lets a suspension that commits first win', async () => {
    const { refreshToken } = await newPersonAt(START)
    const raced = beforeBatch(1, () => change("UPDATE users SET status = 'suspended'"))
    expect((await refresh(refreshToken, { env: raced })).status).toBe(401)
  })

  test('R2 puts the user’s current roles into the token', async () => {
    const { id, refreshToken } = await newPersonAt(START)
    await change("INSERT INTO user_roles (role, user_id) VALUES ('support', ?)", id)
    const { body } = await refresh(refreshToken)
    expect(claimsOf(body.access_token)).toMatchObject({ sub: id, roles: ['support'] })
    await change('DELETE FROM user_roles')
    expect(claimsOf((await refresh(body.refresh_token)).body.access_token)).toMatchObject({ roles: [] })
  })

  test('R2 keeps the time of the sign-in, because a refresh proves no identity', async () => {
    const { refreshToken } = await newPersonAt(START)
    vi.setSystemTime(START + DAY_MS)
    const { body } = await refresh(refreshToken)
    expect(claimsOf(body.access_token)).toMatchObject({ auth_time: START / 1000, iat: (START + DAY_MS) / 1000 })
  })
})

describe('the limits of a session', () => {
  test('R3 refreshes 1 s before seven idle days and not 1 s after', async () => {
    const person = await newPersonAt(START)
    vi.setSystemTime(START + 7 * DAY_MS - 1000)
    const renewed = await refresh(person.refreshToken)
    expect(renewed.status).toBe(200)
    vi.setSystemTime(START + 14 * DAY_MS)
    await expectDead([renewed.body.refresh_token])
  })

  test('R3 refreshes 1 s before thirty days in all and not 1 s after, however often it was used', async () => {
    const person = await newPersonAt(START)
    let token = person.refreshToken
    for (const day of [6, 12, 18, 24, 30]) {
      vi.setSystemTime(START + day * DAY_MS - 1000)
      const answer = await refresh(token)
      expect(answer.status).toBe(200)
      token = answer.body.refresh_token
      if (day === 30) expect(answer.body.refresh_expires_in).toBe(1)
    }
    vi.setSystemTime(START + 30 * DAY_MS + 1000)
    await expectDead([token])
  })

  test('R3 refuses an idle session on routes that read the database', async () => {
    const person = await newPersonAt(START)
    await change('UPDATE sessions SET idle_expires_at = ?', START + 5000)
    vi.setSystemTime(START + 4000)
    expect((await get('/users/me', person.accessToken)).status).toBe(200)
    vi.setSystemTime(START + 6000)
    expect((await get('/users/me', person.accessToken)).status).toBe(401)
  })
})

describe('refresh and logout at once', () => {
  test.each(SIZES)(
    'R5 end with the session revoked for %i requests, and no token of the family refreshes',
    async (size) => {
      const { accessToken, refreshToken } = await newPersonAt(START)
      const answers = await burst(size, (i) => (i % 2 === 0 ? refresh(refreshToken) : logout(refreshToken)))
      expect(answers.filter((_, i) => i % 2 === 1).every(({ status }) => status === 204)).toBe(true)
      expect(await ledger()).toMatchObject({ revoked_at: START, revoke_reason: 'logout' })
      expect(await events('session.ended')).toHaveLength(1)
      const successors = answers.flatMap(({ body }) => (body.refresh_token ? [body.refresh_token as string] : []))
      await expectDead([refreshToken, ...new Set(successors)])
      expect((await get('/users/me', accessToken)).status).toBe(401)
    },
  )

  test('R5 a logout works with a token of any generation', async () => {
    const { refreshToken } = await newPersonAt(START)
    const { body } = await refresh(refreshToken)
    expect((await logout(refreshToken)).status).toBe(204)
    await expectDead([body.refresh_token])
  })

  test('R5 a logout between the check of the token and the rotation wins', async () => {
    const { refreshToken } = await newPersonAt(START)
    const raced = beforeBatch(1, () => logout(refreshToken))
    expect((await refresh(refreshToken, { env: raced })).status).toBe(401)
  })
})

describe('a token that this service did not mint', () => {
  const forge = (token: string): [string, string][] => {
    const [head, generation, mac = ''] = token.split('.')
    const other = mac.startsWith('A') ? `B${mac.slice(1)}` : `A${mac.slice(1)}`
    return [
      ['empty', ''],
      ['prose', 'not a token'],
      ['of another generation', `${head}.${Number(generation) + 1}.${mac}`],
      ['of another MAC', `${head}.${generation}.${other}`],
      ['of another session', `lk_rt_${crypto.randomUUID()}.${generation}.${mac}`],
      ['of a padded generation', `${head}.00.${mac}`],
      ['in upper case', token.toUpperCase()],
      ['with a new line', `${token}\n`],
      ['with NUL', `${token}\0`],
      ['without MAC', `${head}.${generation}.`],
    ]
  }

  test('O1 is refused by refresh and accepted by logout, and neither reads a store', async () => {
    const { accessToken, refreshToken } = await newPersonAt(START)
    const { env, calls } = countCalls()
    for (const [name, token] of [...forge(refreshToken), ['an access token', accessToken] as const]) {
      const short = token.slice(0, 512)
      expect.soft((await refresh(short, { env })).status, name).toBe(401)
      expect.soft((await post('/auth/logout', { refresh_token: short }, { env })).status, name).toBe(204)
    }
    expect(calls).toEqual([])
    expect(await ledger()).toMatchObject({ generation: 0, revoked_at: null })
  })
})

const claimsOf = (token: string): unknown =>
  JSON.parse(atob(String(token.split('.')[1]).replace(/-/g, '+').replace(/_/g, '/')))
