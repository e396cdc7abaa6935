import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import gateway from '../../docs/examples/gateway.ts'
import resourceServer from '../../docs/examples/resource-server-hono.ts'
import worker from '../../src/index.ts'
import { newPerson, ORIGIN, PASSWORD, post } from '../support/api.ts'

const ask = async (request: Request): Promise<Response> => await worker.fetch(request, env, createExecutionContext())

afterEach(() => vi.restoreAllMocks())

describe('the gateway', () => {
  const LATCHKEY = { fetch: ask }
  const send = (authorization: string) =>
    gateway.fetch(new Request('https://api.example.com/reports', { headers: { authorization } }), { LATCHKEY })

  it('lets a live session through and hands on who it is', async () => {
    const { id, accessToken } = await newPerson()
    const answer = await send(`Bearer ${accessToken}`)
    expect(await answer.json()).toEqual({ path: '/reports', user_id: id, roles: [] })
  })

  it('refuses no token, and a session that was ended', async () => {
    expect((await send('')).status).toBe(401)
    const { accessToken, refreshToken } = await newPerson()
    await post('/auth/logout', { refresh_token: refreshToken })
    const answer = await send(`Bearer ${accessToken}`)
    expect({ status: answer.status, challenge: answer.headers.get('www-authenticate') }).toEqual({
      status: 401,
      challenge: expect.stringContaining('Bearer'),
    })
  })
})

describe('the resource server with Hono', () => {
  const settings = { ISSUER: ORIGIN, AUDIENCE: 'latchkey' }
  const send = (path: string, token: string, bindings = settings) =>
    resourceServer.request(path, { headers: { authorization: `Bearer ${token}` } }, bindings)

  beforeEach(() => {
    vi.spyOn(globalThis, 'fetch').mockImplementation((input, init) => ask(new Request(input, init)))
  })

  it('answers a client with a token of this issuer and audience', async () => {
    const { id, accessToken } = await newPerson()
    expect(await (await send('/', accessToken)).json()).toEqual({ user_id: id })
    expect((await send('/', accessToken, { ...settings, AUDIENCE: 'another' })).status).toBe(401)
    expect((await send('/', `${accessToken.slice(0, -4)}AAAA`)).status).toBe(401)
    expect((await send('/', '')).status).toBe(401)
  })

  it('asks for the role', async () => {
    const { id, accessToken, email } = await newPerson()
    expect((await send('/reports', accessToken)).status).toBe(403)
    await env.DB.prepare('INSERT INTO user_roles (role, user_id) VALUES (?, ?)').bind('analyst', id).run()
    const { body } = await post('/auth/login', { email, password: PASSWORD })
    expect((await send('/reports', body.access_token)).status).toBe(200)
  })
})
