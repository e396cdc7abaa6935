import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createClient, type SentInit } from '../../src/client/client.ts'
import { isProblem } from '../../src/client/problem.ts'
import type { StoredSession } from '../../src/client/session.ts'
import { call, ORIGIN, PASSWORD } from '../support/api.ts'
import { openMailbox, tokenIn } from '../support/mailbox.ts'
import { SIZES } from '../support/sizes.ts'
import { change, row } from '../support/stores.ts'

const APP = 'https://app.latchkey.test'
const email = 'ada@example.com'

/** A connection to the service that records all requests, and keeps cookies like a browser. */
function openWire({ origin, respond }: { origin?: string; respond?: (path: string) => Response | undefined } = {}) {
  const sent: string[] = []
  const cookies = new Map<string, string>()
  async function wire(url: URL, { method, headers, body, credentials }: SentInit): Promise<Response> {
    sent.push(`${method} ${url.pathname}`)
    const stood = respond?.(url.pathname)
    if (stood) return stood
    const request = new Request(url, { method, headers, body: body ?? null })
    if (origin) request.headers.set('origin', origin)
    const jar = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    if (credentials === 'include' && jar !== '') request.headers.set('cookie', jar)
    const answer = await call('', { request, env: { ...env, COOKIE_ORIGINS: APP } as Env })
    for (const cookie of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
      if (value === '') cookies.delete(name)
      else cookies.set(name, value)
    }
    const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body)
    return new Response(text === '' ? null : text, { status: answer.status, headers: answer.headers })
  }
  return { wire, sent, cookies, count: (line: string) => sent.filter((one) => one === line).length }
}

async function signedIn(options: Parameters<typeof openWire>[0] = {}) {
  const opened = openWire(options)
  const client = createClient({ origin: ORIGIN, fetch: opened.wire })
  await client.call('register', { body: { email, password: PASSWORD, full_name: 'Ada Lovelace' } })
  await client.call('login', { body: { email, password: PASSWORD } })
  return { client, ...opened }
}

afterEach(() => vi.useRealTimers())

const REFRESH = 'POST /api/v1/auth/refresh'

describe('the client', () => {
  it('supports a user from registration to sign-out', async () => {
    const { client } = await signedIn()
    const me = await client.call('getMe')
    expect(me.profile.full_name).toBe('Ada Lovelace')
    const changed = await client.call('updateMe', { body: { bio: 'Computes.' } })
    expect(changed.profile.bio).toBe('Computes.')
    const consent = await client.call('decideConsent', {
      params: { document: 'terms' },
      body: { version: '1', decision: 'granted' },
    })
    expect(consent).toMatchObject({ document: 'terms', decision: 'granted' })
    expect((await client.call('listActivity', { query: { limit: '1' } })).events).toHaveLength(1)
    await client.call('stepUp', { body: { password: PASSWORD } })
    expect(await client.call('deleteMe')).toMatchObject({ status: 'deleted' })
    await expect(client.call('getMe')).rejects.toMatchObject({ code: 'invalid_refresh_token' })
    expect(await client.isSignedIn()).toBe(false)
  })

  it('steps up once and sends the same request again if a recent sign-in is required', async () => {
    const { wire, count } = openWire()
    let asked = 0
    const askPassword = () => (++asked < 3 ? PASSWORD : undefined)
    const client = createClient({ origin: ORIGIN, fetch: wire, askPassword })
    await client.call('register', { body: { email, password: PASSWORD } })
    await client.call('login', { body: { email, password: PASSWORD } })
    const { id } = await client.call('requestExport')
    vi.setSystemTime(Date.now() + 6 * 60_000)
    const download = () => client.call('downloadExport', { params: { id } })
    const bundles = await Promise.all([download(), download()])
    for (const bundle of bundles) expect(bundle.manifest.format).toBe('latchkey-export/1')
    expect([asked, count('POST /api/v1/auth/step-up')]).toEqual([1, 1])
    asked = 3
    vi.setSystemTime(Date.now() + 6 * 60_000)
    await expect(download()).rejects.toMatchObject({ code: 'step_up_required' })
  })

  it.each(SIZES)('refreshes once for %i calls with an expired access token', async (size) => {
    const { client, count } = await signedIn()
    vi.setSystemTime(Date.now() + 16 * 60_000)
    const answers = await Promise.all(Array.from({ length: size }, () => client.call('checkSession')))
    expect(answers.every(({ active }) => active)).toBe(true)
    expect(count(REFRESH)).toBe(1)
  })

  it('refreshes once for calls whose access token the service rejects, and sends each of them again', async () => {
    let stale = 3
    const refusal = { type: '', title: '', status: 401, instance: '', code: 'invalid_access_token', request_id: '' }
    const { client, count } = await signedIn({
      respond: (path) =>
        path === '/api/v1/users/me' && stale-- > 0
          ? Response.json(refusal, { status: 401, headers: { 'content-type': 'application/problem+json' } })
          : undefined,
    })
    const all = await Promise.all([client.call('getMe'), client.call('getMe'), client.call('getMe')])
    expect(all.map((me) => me.email)).toEqual([email, email, email])
    expect(count(REFRESH)).toBe(1)
    expect(count('GET /api/v1/users/me')).toBe(6)
  })

  it('keeps the session if the service does not answer a refresh', async () => {
    let isDown = false
    const { client } = await signedIn({
      respond: () => (isDown ? new Response('bad gateway', { status: 502 }) : undefined),
    })
    vi.setSystemTime(Date.now() + 16 * 60_000)
    isDown = true
    await expect(client.call('getMe')).rejects.toMatchObject({ code: 'unavailable' })
    isDown = false
    expect((await client.call('getMe')).email).toBe(email)
  })

  it('continues a stored session, and removes it when it signs out', async () => {
    const { wire } = openWire()
    let stored: StoredSession | undefined
    const store = {
      load: () => stored,
      save: (session: StoredSession | undefined) => {
        stored = session
      },
    }
    const first = createClient({ origin: ORIGIN, fetch: wire, store })
    await first.call('register', { body: { email, password: PASSWORD } })
    await first.call('login', { body: { email, password: PASSWORD } })
    const second = createClient({ origin: ORIGIN, fetch: wire, store })
    expect((await second.call('getMe')).email).toBe(email)
    const kept = stored
    await second.signOut()
    expect(stored).toBeUndefined()
    stored = kept
    await expect(createClient({ origin: ORIGIN, fetch: wire, store }).call('getMe')).rejects.toMatchObject({
      code: 'invalid_refresh_token',
    })
  })

  it('distinguishes problems by their code', async () => {
    const { client } = await signedIn()
    const taken = client.call('register', { body: { email, password: PASSWORD } })
    await expect(taken).rejects.toSatisfy((error) => isProblem(error, 'email_taken'))
    await expect(taken).rejects.toSatisfy((error) => isProblem(error) && !isProblem(error, 'not_found'))
    const wrong = client.call('changePassword', { body: { current_password: 'wrong', new_password: PASSWORD } })
    await expect(wrong).rejects.toMatchObject({ code: 'invalid_credentials', problem: { status: 401 } })
    expect(isProblem(new Error('email_taken'), 'email_taken')).toBe(false)
  })
})

describe('the device token', () => {
  it('is sent with the next sign-in: after signing out, from a store, and after a reset', async () => {
    const bodies: { readonly path: string; readonly body: Record<string, unknown> }[] = []
    const { wire } = openWire()
    const watching = (url: URL, init: SentInit) => {
      bodies.push({ path: url.pathname, body: JSON.parse(init.body ?? '{}') })
      return wire(url, init)
    }
    let saved: string | undefined
    const deviceStore = {
      load: () => saved,
      save(token: string) {
        saved = token
      },
    }
    const start = () => createClient({ origin: ORIGIN, fetch: watching, deviceStore })
    const client = start()
    await client.call('register', { body: { email, password: PASSWORD } })
    const logins = () => bodies.filter(({ path }) => path === '/api/v1/auth/login').map(({ body }) => body.device_token)
    const first = await client.call('login', { body: { email, password: PASSWORD } })
    expect(saved).toMatch(/^lk_dev_/)
    expect(first).toMatchObject({ device_token: saved })
    const kept = saved
    await client.signOut()
    expect(saved).toBe(kept)
    await start().call('login', { body: { email, password: PASSWORD } })
    expect(logins()).toEqual([undefined, kept])
    expect(saved).not.toBe(kept)
    await expect(start().call('resetPassword', { body: { token: 'x', new_password: PASSWORD } })).rejects.toThrow()
    expect(bodies.at(-1)?.body).toMatchObject({ session_mode: 'token' })
  })
})

describe('confirming a new address', () => {
  const NEW = 'countess@example.com'

  async function pendingChange(client: ReturnType<typeof createClient>) {
    await client.call('changeEmail', { body: { new_email: NEW } })
    const mailbox = openMailbox()
    const { id } = await row("SELECT id FROM mail_jobs WHERE template = 'confirm-email'")
    mailbox.messages.push({ id: String(id) })
    return tokenIn((await mailbox.collect())[0])
  }

  it('uses the session of the client', async () => {
    const { client } = await signedIn()
    await client.call('verifyEmail', { body: { token: await pendingChange(client) } })
    expect((await client.call('getMe')).email).toBe(NEW)
  })

  it('fails without a session, and an ended session does not prevent the confirmation of a registration', async () => {
    const { client, wire } = await signedIn()
    const token = await pendingChange(client)
    const stranger = createClient({ origin: ORIGIN, fetch: wire })
    const refusal = await stranger.call('verifyEmail', { body: { token } }).catch((error: unknown) => error)
    expect(isProblem(refusal, 'invalid_access_token')).toBe(true)
    await change('UPDATE users SET security_epoch = security_epoch + 1')
    vi.setSystemTime(Date.now() + 900_000)
    const other = await client.call('verifyEmail', { body: { token: 'lk_verify_x' } }).catch((error: unknown) => error)
    expect(isProblem(other, 'invalid_token')).toBe(true)
  })
})

describe('in cookie mode', () => {
  it('leaves the refresh token to the browser, refreshes after a reload, and signs out', async () => {
    const { wire, cookies } = openWire({ origin: APP })
    const page = () => createClient({ origin: ORIGIN, fetch: wire, mode: 'cookie' })
    const first = page()
    await first.call('register', { body: { email, password: PASSWORD } })
    const answer = await first.call('login', { body: { email, password: PASSWORD } })
    expect(answer).not.toHaveProperty('refresh_token')
    expect([...cookies.keys()]).toEqual(['__Host-lk_rt', '__Host-lk_dev'])
    const reloaded = page()
    expect((await reloaded.call('getMe')).email).toBe(email)
    await reloaded.signOut()
    expect([...cookies.keys()]).toEqual(['__Host-lk_dev'])
    await expect(page().call('getMe')).rejects.toMatchObject({ code: 'invalid_refresh_token' })
  })

  it('gets no session for a page on another origin', async () => {
    const { wire } = openWire({ origin: 'https://elsewhere.test' })
    const client = createClient({ origin: ORIGIN, fetch: wire, mode: 'cookie' })
    await client.call('register', { body: { email, password: PASSWORD } })
    await expect(client.call('login', { body: { email, password: PASSWORD } })).rejects.toMatchObject({
      code: 'origin_not_allowed',
    })
  })
})
