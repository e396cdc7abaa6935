import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { type Call, get, newPerson, type Person, post } from '../support/api.ts'
import { countCalls, failing } from '../support/intercept-stores.ts'
import { plainApp } from '../support/passwords.ts'
import { change, row } from '../support/stores.ts'

afterEach(() => {
  vi.useRealTimers()
})

const signedIn = () => newPerson({}, { app: plainApp })
const session = (person: Person, options: Call = {}) => get('/auth/session', person.accessToken, options)
const sessionId = async () => String((await row('SELECT id FROM sessions')).id)
const snapshot = async (): Promise<Record<string, unknown> | null> =>
  env.SESSIONS.get(`session:${await sessionId()}`, 'json')

/** Puts a snapshot back, as if KV served it longer than it should and the tombstone had not arrived. */
async function restore(stored: unknown): Promise<void> {
  await env.SESSIONS.delete(`revoked:${await sessionId()}`)
  await env.SESSIONS.put(`session:${await sessionId()}`, JSON.stringify(stored))
}

describe('GET /auth/session', () => {
  test('J4 answers from KV without the database', async () => {
    const person = await signedIn()
    const { env: counted, calls } = countCalls()
    const answer = await session(person, { env: counted })
    expect(answer.body).toEqual({
      active: true,
      user_id: person.id,
      session_id: await sessionId(),
      roles: [],
      amr: ['pwd'],
      acr: 'aal1',
      auth_time: expect.stringMatching(/^\d{4}-.*Z$/),
      expires_at: expect.stringMatching(/^\d{4}-.*Z$/),
    })
    expect(calls).toEqual(['SESSIONS.get', 'SESSIONS.get'])
  })

  test.each([
    ['refresh token', (person: Person) => post('/auth/logout', { refresh_token: person.refreshToken })],
    ['bearer', (person: Person) => post('/auth/logout', {}, { token: person.accessToken })],
  ])('J4 refuses at once after a logout by %s', async (_, logout) => {
    const person = await signedIn()
    expect((await session(person)).status).toBe(200)
    expect((await logout(person)).status).toBe(204)
    expect(await session(person)).toMatchObject({ status: 401, body: { code: 'invalid_access_token' } })
    expect((await get('/users/me', person.accessToken)).status).toBe(401)
  })

  test('J4 reads the database on a miss, and caches the session', async () => {
    const person = await signedIn()
    await env.SESSIONS.delete(`session:${await sessionId()}`)
    const { env: counted, calls } = countCalls()
    expect((await session(person, { env: counted })).status).toBe(200)
    expect(calls).toEqual(['SESSIONS.get', 'SESSIONS.get', 'DB.all', 'SESSIONS.put'])
    expect(await snapshot()).toMatchObject({ userId: person.id })
  })

  test('J4 does not revive a revoked session on a miss', async () => {
    const person = await signedIn()
    await post('/auth/logout', { refresh_token: person.refreshToken })
    await env.SESSIONS.delete(`session:${await sessionId()}`)
    await env.SESSIONS.delete(`revoked:${await sessionId()}`)
    expect((await session(person)).status).toBe(401)
    expect(await snapshot()).toBeNull()
  })

  test('J4 lets the tombstone win over a snapshot that was written late', async () => {
    const person = await signedIn()
    const late = await snapshot()
    await post('/auth/logout', { refresh_token: person.refreshToken })
    await env.SESSIONS.put(`session:${await sessionId()}`, JSON.stringify(late))
    expect((await session(person)).status).toBe(401)
  })

  test.each([
    ['accepts a snapshot for 59 s', 59_000, 200],
    ['refuses it after 61 s', 61_000, 401],
  ])('J4 T6 %s when the tombstone is lost', async (_, ageMs, status) => {
    const start = Date.now()
    vi.setSystemTime(start)
    const person = await signedIn()
    const stored = await snapshot()
    await post('/auth/logout', { refresh_token: person.refreshToken })
    await restore(stored)
    vi.setSystemTime(start + ageMs)
    expect((await session(person)).status).toBe(status)
  })

  test('J4 ignores a snapshot past the end of the session', async () => {
    const person = await signedIn()
    await restore({ ...(await snapshot()), expiresAtMs: Date.now() - 1 })
    expect((await session(person)).status).toBe(401)
  })

  test.each([
    ["another user's", { userId: crypto.randomUUID() }, 401],
    ['malformed', { userId: 'nobody' }, 200],
    ['without an end', { staleAtMs: undefined }, 200],
  ])('J4 gives no access by a snapshot that is %s', async (_, poison, status) => {
    const person = await signedIn()
    await restore({ ...(await snapshot()), ...poison })
    expect((await session(person)).status).toBe(status)
  })

  test.each([
    ['every call', () => failing((call) => call.startsWith('SESSIONS'), 'down')],
    ['reading', () => failing((call) => call === 'SESSIONS.get', 'down')],
  ])('J4 H6 reads the database when %s to KV fails', async (_, broken) => {
    const person = await signedIn()
    expect((await session(person, { env: broken() })).status).toBe(200)
    await post('/auth/logout', { refresh_token: person.refreshToken })
    expect((await session(person, { env: broken() })).status).toBe(401)
  })

  test('H6 lets a logout succeed when KV is down, and the database then refuses the session', async () => {
    const person = await signedIn()
    const down = failing((call) => call.startsWith('SESSIONS'), 'down')
    expect((await post('/auth/logout', { refresh_token: person.refreshToken }, { env: down })).status).toBe(204)
    expect((await get('/users/me', person.accessToken)).status).toBe(401)
    await env.SESSIONS.delete(`session:${await sessionId()}`)
    expect((await session(person)).status).toBe(401)
  })

  test.each([
    ['suspended', "UPDATE users SET status = 'suspended'"],
    ['of a newer epoch', 'UPDATE users SET security_epoch = 1'],
  ])('J4 refuses a user who is %s once the snapshot is stale', async (_, statement) => {
    const start = Date.now()
    vi.setSystemTime(start)
    const person = await signedIn()
    await change(statement)
    vi.setSystemTime(start + 61_000)
    expect((await session(person)).status).toBe(401)
  })
})
