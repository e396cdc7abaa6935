import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { routes } from '../../src/app/all-routes.ts'
import { createHashQueue } from '../../src/crypto/hash-queue/hash-queue.ts'
import { call, newPerson, PASSWORD, post } from '../support/api.ts'
import { countCalls } from '../support/intercept-stores.ts'
import { plainApp, plainPasswords } from '../support/passwords.ts'
import { prepareRequest } from '../support/requests.ts'
import { codeOf, giveTotp } from '../support/second-factors.ts'
import { actions, counts } from '../support/stores.ts'

beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => undefined)
})

afterEach(() => {
  vi.restoreAllMocks()
})

const named = routes.map((route) => ({ ...route, name: `${route.method} ${route.path}` }))
const hashing = named.filter(({ hashesPassword }) => hashesPassword).map(({ name }) => name)
const asking = named.filter(({ path }) => !/^\/(account|docs|openapi)/.test(path))

/** An application whose hash queue is full until it is released. */
function saturated() {
  let line = createHashQueue(0)
  return {
    ...plainPasswords({
      assertCapacity: () => line.assertCapacity(),
      enter: () => line.enter(),
      noteShortRequest: () => line.noteShortRequest(),
    }),
    free() {
      line = createHashQueue(10)
    },
  }
}

/** Starts a sign-in that has sent one byte of its body. @returns ends the body, and returns the answer */
function unendingSignIn(app: ReturnType<typeof plainPasswords>['app']) {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
  const writer = writable.getWriter()
  const headers = { 'content-type': 'application/json' }
  const request = new Request('https://latchkey.test/api/v1/auth/login', { method: 'POST', headers, body: readable })
  const answer = Promise.resolve(app.fetch(request, env, createExecutionContext()))
  void writer.write(new TextEncoder().encode('{'))
  return () => writer.close().then(() => answer)
}

/** A valid request for a route, which succeeds if the hash queue has room. */
async function prepare(name: string) {
  const person = await newPerson({}, { app: plainApp })
  return { person, request: await prepareRequest(name, person) }
}

describe('while the hash queue is full', () => {
  test.each(hashing)('H6 rejects with 503 before anything is read, counted or stored: %s', async (name) => {
    const { app, free } = saturated()
    const { request } = await prepare(name)
    const [before, recorded] = [await counts(), await actions()]
    const { env: counted, calls } = countCalls()
    const shed = await call(request.path, { ...request.call, app, env: counted })
    expect(shed).toMatchObject({ status: 503, body: { code: 'unavailable', status: 503 } })
    expect(shed.headers.get('retry-after')).toBe('3')
    expect(shed.headers.get('content-type')).toBe('application/problem+json; charset=utf-8')
    expect(calls).toEqual([])
    expect([await counts(), await actions()]).toEqual([before, recorded])
    free()
    expect((await call(request.path, { ...request.call, app })).status).toBeLessThan(300)
  })

  test('H6 rejects no other route, and every route that hashes declares it', async () => {
    const { app } = saturated()
    const refused: string[] = []
    for (const { name } of asking) {
      const { request } = await prepare(name)
      if ((await call(request.path, { ...request.call, app })).status === 503) refused.push(name)
    }
    expect(refused).toEqual(hashing)
  })

  test('H6 lets a step-up with a code pass, because it hashes nothing', async () => {
    const { app } = saturated()
    const { person } = await prepare('POST /api/v1/auth/login')
    const totp = codeOf(await giveTotp(person))
    const answer = await post('/auth/step-up', { totp }, { app, token: person.accessToken })
    expect(answer.status).toBe(200)
  })

  test('H6 gives no place in the queue to a request whose body never ends', async () => {
    const line = createHashQueue(8)
    const { app } = plainPasswords(line)
    const person = await newPerson({}, { app })
    const unended = Array.from({ length: 20 }, () => unendingSignIn(app))
    expect((await post('/auth/login', { email: person.email, password: PASSWORD }, { app })).status).toBe(200)
    for (const end of unended) expect((await end()).status).toBe(400)
  })

  test('E1 does not reveal whether the account exists, is locked, or has this password', async () => {
    const { app, free } = saturated()
    const { person } = await prepare('POST /api/v1/auth/login')
    const bodies = [
      { email: person.email, password: PASSWORD },
      { email: person.email, password: 'not the password' },
      { email: 'nobody@example.com', password: PASSWORD },
    ]
    const answers = await Promise.all(bodies.map((body) => post('/auth/login', body, { app })))
    const shown = answers.map(({ status, headers, body: { request_id: _, ...rest } }) => {
      const kept = [...headers].filter(([header]) => header !== 'x-request-id')
      return { status, kept, rest }
    })
    expect(new Set(shown.map((answer) => JSON.stringify(answer))).size).toBe(1)
    free()
  })

  test('T1 counts no attempt for a rejected request, so an overload locks no account', async () => {
    const { app, free } = saturated()
    const { person } = await prepare('POST /api/v1/auth/login')
    const signIn = () => post('/auth/login', { email: person.email, password: PASSWORD }, { app })
    for (let i = 0; i < 20; i++) expect((await signIn()).status).toBe(503)
    free()
    expect((await signIn()).status).toBe(200)
  })
})
