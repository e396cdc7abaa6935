import { describe, expect, it } from 'vitest'
import { createClient, type SentInit } from '../../src/client/client.ts'
import type { StoredSession } from '../../src/client/session.ts'

const ORIGIN = 'https://latchkey.test'

interface Held {
  readonly line: string
  readonly body: Record<string, string>
  readonly token: string | undefined
  readonly answer: (body: unknown, status?: number) => void
}

/** A service whose requests the test answers in any order. */
function holdBack() {
  const held: Held[] = []
  const sent: Held[] = []
  const waiting: (() => void)[] = []
  const fetch = (url: URL, { method, headers, body }: SentInit) => {
    const { promise, resolve } = Promise.withResolvers<Response>()
    const one = {
      line: `${method} ${url.pathname.split('/').at(-1)}`,
      body: JSON.parse(body ?? '{}'),
      token: headers.authorization?.slice(7),
      answer: (value: unknown, status = 200) => {
        const type = status < 400 ? 'application/json' : 'application/problem+json'
        resolve(
          new Response(status === 204 ? null : JSON.stringify(value), { status, headers: { 'content-type': type } }),
        )
      },
    }
    held.push(one)
    sent.push(one)
    for (const wake of waiting.splice(0)) wake()
    return promise
  }
  /** Waits for the oldest unanswered request of this kind. */
  async function next(line: string): Promise<Held> {
    for (;;) {
      const at = held.findIndex((one) => one.line === line)
      const [one] = at < 0 ? [] : held.splice(at, 1)
      if (one !== undefined) return one
      await new Promise<void>((wake) => waiting.push(wake))
    }
  }
  return { fetch, next, sent }
}

const base64url = (value: object) => btoa(JSON.stringify(value)).replaceAll('=', '')

/** Tokens of one session. As in the service, the access token contains the session id. */
const tokensOf = (person: string, generation = 1, expiresIn = 900) => ({
  access_token: `h.${base64url({ sub: person, sid: `session of ${person}`, generation })}.s`,
  token_type: 'Bearer',
  expires_in: expiresIn,
  refresh_token: `${person} ${generation}`,
  refresh_expires_in: 604_800,
})

const EXPIRED = 0
const REFUSED = { code: 'invalid_refresh_token', title: '' }
const signedOut = { code: 'invalid_refresh_token' }

function memory(initial?: StoredSession) {
  const kept: { session: StoredSession | undefined } = { session: initial }
  return {
    kept,
    store: {
      load: () => kept.session,
      save: (session: StoredSession | undefined) => {
        kept.session = session
      },
    },
  }
}

async function open(options: { readonly store?: ReturnType<typeof memory>['store']; readonly mode?: 'cookie' } = {}) {
  const service = holdBack()
  const client = createClient({ origin: ORIGIN, fetch: service.fetch, ...options })
  const signIn = async (person: string, expiresIn?: number) => {
    const login = client.call('login', { body: { email: `${person}@example.com`, password: 'x' } })
    const request = await service.next('POST login')
    request.answer(tokensOf(person, 1, expiresIn))
    await login
  }
  return { ...service, client, signIn }
}

describe('a pending refresh', () => {
  it('restores nothing after signOut, which ends the session with the refresh token that it has', async () => {
    const { kept, store } = memory()
    const { client, next, signIn } = await open({ store })
    await signIn('ada', EXPIRED)
    const reading = client.call('getMe')
    const refresh = await next('POST refresh')
    const leaving = client.signOut()
    expect(await client.isSignedIn()).toBe(false)
    refresh.answer(tokensOf('ada', 2))
    await expect(reading).rejects.toMatchObject(signedOut)
    const logout = await next('POST logout')
    expect(logout.body).toEqual({ refresh_token: 'ada 1' })
    logout.answer(null, 204)
    await leaving
    expect([await client.isSignedIn(), kept.session]).toEqual([false, undefined])
  })

  it.each([200, 401])('does not overwrite the login of another user, whatever its answer (%i)', async (status) => {
    const { client, next, sent, signIn } = await open()
    await signIn('ada', EXPIRED)
    const reading = client.call('getMe')
    const refresh = await next('POST refresh')
    const login = client.call('login', { body: { email: 'eve@example.com', password: 'x' } })
    refresh.answer(status === 200 ? tokensOf('ada', 2) : REFUSED, status)
    if (status === 200) (await next('GET me')).answer({ id: 'ada' })
    if (status === 200) expect(await reading).toEqual({ id: 'ada' })
    else await expect(reading).rejects.toMatchObject(signedOut)
    ;(await next('POST login')).answer(tokensOf('eve'))
    await login
    const after = client.call('getMe')
    const request = await next('GET me')
    expect(request.token).toBe(tokensOf('eve').access_token)
    request.answer({ id: 'eve' })
    expect(await after).toEqual({ id: 'eve' })
    expect(sent.filter(({ line }) => line === 'POST refresh')).toHaveLength(1)
  })

  it('is finished before a login is sent, because the cookie of the last answer counts', async () => {
    const { client, next, sent, signIn } = await open({ mode: 'cookie' })
    await signIn('ada', EXPIRED)
    const reading = client.call('getMe')
    const refresh = await next('POST refresh')
    const login = client.call('login', { body: { email: 'eve@example.com', password: 'x' } })
    await Promise.resolve()
    expect(sent.map(({ line }) => line)).toEqual(['POST login', 'POST refresh'])
    refresh.answer(tokensOf('ada', 2))
    ;(await next('GET me')).answer({ id: 'ada' })
    await reading
    ;(await next('POST login')).answer(tokensOf('eve'))
    await login
  })

  it('that is rejected after signOut and another login does not affect that login', async () => {
    const { kept, store } = memory()
    const { client, next, signIn } = await open({ store })
    await signIn('ada', EXPIRED)
    const reading = client.call('getMe')
    const refresh = await next('POST refresh')
    const leaving = client.signOut()
    const login = client.call('login', { body: { email: 'eve@example.com', password: 'x' } })
    refresh.answer(REFUSED, 401)
    await expect(reading).rejects.toMatchObject(signedOut)
    ;(await next('POST logout')).answer(null, 204)
    await leaving
    ;(await next('POST login')).answer(tokensOf('eve'))
    await login
    expect(kept.session?.refreshToken).toBe('eve 1')
  })
})

describe('a pending login', () => {
  it('is undone by a signOut, also at the service', async () => {
    const { client, next } = await open()
    const login = client.call('login', { body: { email: 'ada@example.com', password: 'x' } })
    const request = await next('POST login')
    const leaving = client.signOut()
    request.answer(tokensOf('ada'))
    await expect(login).rejects.toMatchObject(signedOut)
    const logout = await next('POST logout')
    expect(logout.body).toEqual({ refresh_token: 'ada 1' })
    logout.answer(null, 204)
    await leaving
    expect(await client.isSignedIn()).toBe(false)
  })

  it('that was called after the signOut stays', async () => {
    const { client, next, signIn } = await open()
    await signIn('ada')
    const leaving = client.signOut()
    const login = client.call('login', { body: { email: 'eve@example.com', password: 'x' } })
    ;(await next('POST logout')).answer(null, 204)
    ;(await next('POST login')).answer(tokensOf('eve'))
    await Promise.all([leaving, login])
    expect(await client.isSignedIn()).toBe(true)
  })

  it('of two users: the user of the last call is signed in', async () => {
    const { client, next } = await open()
    const logins = ['ada', 'eve'].map((name) =>
      client.call('login', { body: { email: `${name}@example.com`, password: 'x' } }),
    )
    for (const name of ['ada', 'eve']) (await next('POST login')).answer(tokensOf(name))
    await Promise.all(logins)
    expect(await client.accessToken()).toBe(tokensOf('eve').access_token)
  })

  it('that fails keeps the previous session', async () => {
    const { client, next, signIn } = await open()
    await signIn('ada')
    const login = client.call('login', { body: { email: 'eve@example.com', password: 'x' } })
    ;(await next('POST login')).answer({ code: 'invalid_credentials', title: '' }, 401)
    await expect(login).rejects.toMatchObject({ code: 'invalid_credentials' })
    expect(await client.accessToken()).toBe(tokensOf('ada').access_token)
  })
})

it('a rejected call is not repeated as a user who signed in in the meantime', async () => {
  const { client, next, sent, signIn } = await open()
  await signIn('ada')
  const writing = client.call('updateMe', { body: { bio: "Ada's" } })
  const request = await next('PATCH me')
  await signIn('eve')
  request.answer({ code: 'invalid_access_token', title: '' }, 401)
  await expect(writing).rejects.toMatchObject(signedOut)
  expect(sent.filter(({ line }) => line === 'PATCH me')).toHaveLength(1)
})

it('a pending step-up restores no token after signOut', async () => {
  const { client, next, signIn } = await open()
  await signIn('ada')
  const proving = client.call('stepUp', { body: { password: 'x' } })
  const request = await next('POST step-up')
  const leaving = client.signOut()
  request.answer({ access_token: tokensOf('ada', 2).access_token, token_type: 'Bearer', expires_in: 900 })
  ;(await next('POST logout')).answer(null, 204)
  await Promise.all([proving, leaving])
  expect(await client.isSignedIn()).toBe(false)
})

describe('another tab', () => {
  it('that has refreshed the same session: its tokens are used, and the old one is not sent again', async () => {
    const { kept, store } = memory()
    const { client, next, sent, signIn } = await open({ store })
    await signIn('ada', EXPIRED)
    const { access_token: accessToken, refresh_token: refreshToken } = tokensOf('ada', 2)
    kept.session = { accessToken, refreshToken, expiresAtMs: 0 }
    const reading = client.call('getMe')
    const refresh = await next('POST refresh')
    expect(refresh.body).toEqual({ refresh_token: 'ada 2' })
    refresh.answer(tokensOf('ada', 3))
    ;(await next('GET me')).answer({ id: 'ada' })
    await reading
    expect(sent.filter(({ line }) => line === 'POST refresh')).toHaveLength(1)
  })

  it('that has signed in another user: no earlier call is sent as that user', async () => {
    const { kept, store } = memory()
    const { client, next, signIn } = await open({ store })
    await signIn('ada', EXPIRED)
    const { access_token: accessToken, refresh_token: refreshToken } = tokensOf('eve')
    kept.session = { accessToken, refreshToken, expiresAtMs: Date.now() + 900_000 }
    await expect(client.call('updateMe', { body: { bio: "Ada's" } })).rejects.toMatchObject(signedOut)
    const after = client.call('getMe')
    const request = await next('GET me')
    expect(request.token).toBe(accessToken)
    request.answer({ id: 'eve' })
    await after
    expect(kept.session?.refreshToken).toBe('eve 1')
  })

  it('that has signed in another user while a refresh was rejected, or before signOut: that session stays', async () => {
    const { kept, store } = memory()
    const { client, next, signIn } = await open({ store })
    await signIn('ada', EXPIRED)
    const reading = client.call('getMe')
    const refresh = await next('POST refresh')
    const { access_token: accessToken, refresh_token: refreshToken } = tokensOf('eve')
    const theirs = { accessToken, refreshToken, expiresAtMs: 0 }
    kept.session = theirs
    refresh.answer(REFUSED, 401)
    await expect(reading).rejects.toMatchObject(signedOut)
    expect(kept.session).toBe(theirs)
  })

  it('that shares the cookie and has signed in another user: the call that notices this is not sent', async () => {
    const { client, next, sent, signIn } = await open({ mode: 'cookie' })
    await signIn('ada', EXPIRED)
    const writing = client.call('updateMe', { body: { bio: "Ada's" } })
    ;(await next('POST refresh')).answer(tokensOf('eve'))
    await expect(writing).rejects.toMatchObject(signedOut)
    expect(sent.map(({ line }) => line)).not.toContain('PATCH me')
    expect(await client.isSignedIn()).toBe(false)
  })
})
