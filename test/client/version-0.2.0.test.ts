import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { call, ORIGIN, PASSWORD } from '../support/api.ts'
import { grant } from '../support/operators.ts'
import { giveTotp, turnTwoStepOn } from '../support/second-factors.ts'
import { countOf, row } from '../support/stores.ts'
import { type ClientOptions, createClient, type SentInit } from './version-0.2.0/client.ts'
import { isProblem } from './version-0.2.0/problem.ts'
import type { StoredSession } from './version-0.2.0/session.ts'

const APP = 'https://app.latchkey.test'
const email = 'ada@example.com'
const credentials = { body: { email, password: PASSWORD } }

/** The typed client of version 0.2.0, unchanged, at the service of today. */
function openOld(options: Partial<ClientOptions> = {}) {
  const sent: string[] = []
  const cookies: string[] = []
  let stored: StoredSession | undefined
  async function fetch(url: URL, { method, headers, body }: SentInit): Promise<Response> {
    sent.push(`${method} ${url.pathname.slice(7)}`)
    const request = new Request(url, { method, headers: { ...headers, origin: APP }, body: body ?? null })
    const answer = await call('', { request, env: { ...env, COOKIE_ORIGINS: APP } as Env })
    cookies.push(...answer.headers.getSetCookie())
    const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body)
    return new Response(text === '' ? null : text, { status: answer.status, headers: answer.headers })
  }
  const store = {
    load: () => stored,
    save(session: StoredSession | undefined) {
      stored = session
    },
  }
  const client = createClient({ origin: ORIGIN, store, fetch, ...options })
  return { client, sent, cookies, stored: () => stored }
}

async function signedIn(options: Partial<ClientOptions> = {}) {
  const opened = openOld(options)
  await opened.client.call('register', { body: { email, password: PASSWORD } })
  await opened.client.call('login', credentials)
  const { id } = await row('SELECT id FROM users')
  return { ...opened, id: String(id) }
}

/** What the call throws: the code of the problem. */
const refusalOf = (made: Promise<unknown>) =>
  made.then(
    () => 'none',
    (error: unknown) => (isProblem(error) ? error.code : String(error)),
  )

const later = (minutes: number) => vi.setSystemTime(Date.now() + minutes * 60_000)

afterEach(() => vi.useRealTimers())

describe('M14 the client of version 0.2.0, with an account of one factor,', () => {
  it('does what it did: reads, changes, steps up, refreshes, restores and signs out', async () => {
    const { client, sent } = await signedIn({ askPassword: () => PASSWORD })
    expect((await client.call('getMe')).email).toBe(email)
    expect((await client.call('updateMe', { body: { bio: 'Computes.' } })).profile.bio).toBe('Computes.')
    later(6)
    expect((await client.call('requestExport')).status).toBe('pending')
    expect(sent.filter((line) => line.endsWith('step-up'))).toHaveLength(1)
    later(20)
    const [session] = (await client.call('listSessions')).sessions
    expect([session?.current, session?.amr]).toEqual([true, ['pwd']])
    expect((await client.call('checkSession')).amr).toEqual(['pwd'])
    await client.call('deleteMe')
    const offer = await client.call('login', credentials)
    if (!('restore_token' in offer)) throw new Error('no offer')
    await client.call('restoreAccount', { body: { token: offer.restore_token } })
    expect(await client.isSignedIn()).toBe(true)
    await client.signOut()
    expect(await countOf('sessions')).toBe((await row('SELECT count(revoked_at) AS n FROM sessions')).n)
  })

  it('is told that an operator needs a second factor, and goes on with the own account', async () => {
    const { client, id } = await signedIn({ askPassword: () => PASSWORD })
    await grant({ id, email, accessToken: '', refreshToken: '' }, 'admin')
    expect(await refusalOf(client.call('listUsers'))).toBe('factor_enrolment_required')
    expect((await client.call('getMe')).id).toBe(id)
  })
})

describe('M1 the client of version 0.2.0, with an account of two factors,', () => {
  it.each([undefined, 'cookie'] as const)('keeps no session after the first factor (mode %s)', async (mode) => {
    const { id } = await signedIn()
    await giveTotp({ id })
    await turnTwoStepOn({ id })
    const before = await countOf('sessions')
    const { client, sent, cookies, stored } = openOld(mode && { mode })
    const answer = await client.call('login', credentials)
    expect('access_token' in answer).toBe(false)
    expect([await client.isSignedIn(), stored(), cookies, await countOf('sessions')]).toEqual([
      ...[false, undefined, [], before],
    ])
    expect(await refusalOf(client.call('getMe'))).toBe('invalid_refresh_token')
    expect(sent).toEqual(['POST /auth/login', 'POST /auth/refresh'])
    expect(await client.isSignedIn()).toBe(false)
  })

  it('stays signed in as before, and as no other user', async () => {
    const other = { email: 'grace@example.com', password: PASSWORD }
    const { id } = await signedIn()
    await giveTotp({ id })
    await turnTwoStepOn({ id })
    const { client } = openOld()
    await client.call('register', { body: other })
    await client.call('login', { body: other })
    await client.call('login', credentials)
    expect((await client.call('getMe')).email).toBe(other.email)
  })

  it('goes on with a session from before, and asks for the password once where two factors are needed', async () => {
    const asked = vi.fn(() => PASSWORD)
    const { client, id, sent } = await signedIn({ askPassword: asked })
    await grant({ id, email, accessToken: '', refreshToken: '' }, 'admin')
    await giveTotp({ id })
    await turnTwoStepOn({ id })
    expect((await client.call('getMe')).email).toBe(email)
    expect(await refusalOf(client.call('requestExport'))).toBe('second_factor_required')
    expect(await refusalOf(client.call('listUsers'))).toBe('second_factor_required')
    expect(asked).toHaveBeenCalledTimes(2)
    expect(sent.filter((line) => line.endsWith('step-up'))).toHaveLength(2)
    later(20)
    expect((await client.call('getMe')).email).toBe(email)
    await client.signOut()
  })

  it('restores the account, and gets no session for it', async () => {
    const { client, id } = await signedIn()
    await client.call('deleteMe')
    const offer = await client.call('login', credentials)
    if (!('restore_token' in offer)) throw new Error('no offer')
    await giveTotp({ id })
    await turnTwoStepOn({ id })
    const opened = openOld()
    await opened.client.call('restoreAccount', { body: { token: offer.restore_token } })
    expect([await opened.client.isSignedIn(), opened.stored()]).toEqual([false, undefined])
    expect(await row('SELECT status FROM users')).toEqual({ status: 'active' })
  })
})
