import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { routes } from '../../src/app/all-routes.ts'
import { type Answer, call, newPerson, type Person, post } from '../support/api.ts'
import { type FaultPlan, faultyEnv, killedAt, laggingKv } from '../support/faulty-env.ts'
import { interceptStores } from '../support/intercept-stores.ts'
import { plainApp as app } from '../support/passwords.ts'
import { prepareRequest, type RouteName, routeNames } from '../support/requests.ts'
import {
  changesOf,
  prepareSample,
  prepareTrial,
  send,
  settingsFor,
  sweep,
  type Trial,
  variantNames,
} from '../support/trials.ts'
import { recordWaits } from '../support/waits.ts'

afterEach(() => {
  vi.useRealTimers()
})

/** Every call of every route. `npm test` takes one in ten, always the same ones. */
const isExhaustive = (env as Env & { FAULTS: string }).FAULTS === 'all'
const SAMPLE = 10

/** What a fault does at one call of a store. */
const mishaps: Readonly<Record<string, (at: number) => FaultPlan>> = {
  'fails once': (at) => (_, index) => (index === at ? 'fail' : 'none'),
  'takes effect and its reply is lost': (at) => (_, index) => (index === at ? 'lose-reply' : 'none'),
  'is the last thing that happens': (at) => killedAt(at, 'lose-reply'),
  'is the last thing that happens, and nobody hears of it': (at) => (_, index) => (index === at ? 'kill' : 'none'),
}

/** A call that only reads has no effect whose reply could be lost. */
const isRead = (store: string) => /\.(get|first|all|list|head|limit|text|json)$/.test(store)

/**
 * Work in two steps, each of which is complete: a restored account can be signed in to, with or without this
 * session, and so can an account whose address was proven.
 */
const FIRST_STEPS: Readonly<Record<string, (change: string) => boolean>> = {
  'POST /api/v1/auth/restore': (change) => !/^(live|events) /.test(change),
  'POST /api/v1/auth/email/confirm': (change) => !/^(live|events) /.test(change),
}

/** The first batch uses up a challenge and does nothing else. A person can ask for another one. */
const CHALLENGED: readonly string[] = [
  'POST /api/v1/auth/passkey',
  'POST /api/v1/auth/mfa, a passkey',
  'POST /api/v1/auth/step-up, a passkey',
  'POST /api/v1/auth/step-up, a security key',
  'POST /api/v1/auth/sign-up/passkey',
  'POST /api/v1/users/me/passkeys',
]

function expectHonest({ status, headers, body }: Answer): void {
  if (status < 500) return
  expect(headers.get('content-type')).toBe('application/problem+json; charset=utf-8')
  expect(body).toMatchObject({ status, code: expect.stringMatching(/^(unavailable|internal_error)$/) })
}

/**
 * Pages call no store. The callback of a provider needs a sealed state:
 * test/sign-in/federated/faults.test.ts.
 */
const asking = [
  ...routeNames.filter((name) => !/ \/account\/| \/docs|openapi|change-password|callback/.test(name)),
  ...variantNames,
]

/** The calls and the result of the request without a fault. */
async function undisturbed(name: RouteName) {
  const whole = await prepareTrial(name)
  const { env: watched, calls } = faultyEnv(env, () => 'none')
  const { status } = await send(whole, watched)
  await sweep(name)
  return { status, calls, done: await changesOf(whole) }
}

/** Sends the request with a fault at one of its calls. */
async function disturbed(name: RouteName, plan: FaultPlan) {
  const trial = await prepareTrial(name)
  const { env: faulty, killed, bury } = faultyEnv(env, plan)
  const sent = send(trial, faulty)
  const answer = await Promise.race([sent, killed])
  if (answer !== 'killed') expectHonest(answer)
  await sweep(name)
  const changes = await changesOf(trial)
  bury()
  await Promise.allSettled([sent])
  return { status: answer === 'killed' ? answer : answer.status, changes }
}

describe('a store that fails', () => {
  let counter = 0

  test.each(asking)(
    'H3 H6 U1 leaves all of the work done or none of it: %s',
    async (name) => {
      const { status: expected, calls, done } = await undisturbed(name)
      expect(expected).toBeLessThan(400)
      for (const [mishap, plan] of Object.entries(mishaps)) {
        for (const [at, store] of calls.entries()) {
          if (isRead(store) && mishap !== 'fails once') continue
          if (!isExhaustive && counter++ % SAMPLE !== 0) continue
          const { status, changes } = await disturbed(name, plan(at))
          const place = `call ${at} (${store}) ${mishap}: ${status}`
          const isStep = FIRST_STEPS[name] ?? (() => true)
          const isChallengeAlone = CHALLENGED.includes(name) && changes.join() === 'tickets'
          if (typeof status === 'number' && status < 300) expect(changes, place).toEqual(done)
          else if (changes.length > 0 && !isChallengeAlone)
            expect(changes.filter(isStep), place).toEqual(done.filter(isStep))
        }
      }
    },
    isExhaustive ? 600_000 : 60_000,
  )
})

describe('a KV that is behind, or takes no more', () => {
  const refusesSameKey = () =>
    faultyEnv(env, (store) => (/^(SESSIONS|KEY_CACHE|LIMITS)\.(put|delete)$/.test(store) ? 'fail' : 'none')).env
  const ways: Readonly<Record<string, () => Env>> = {
    'answers every write with 429': refusesSameKey,
    'shows what it showed a minute ago': () => laggingKv(env),
  }
  const changing = asking.filter((name) => !name.startsWith('GET'))

  test.each(Object.entries(ways))('H6 T6 changes nothing of what a request does: %s', async (_, behind) => {
    for (const name of isExhaustive ? changing : changing.filter((_name, index) => index % SAMPLE === 0)) {
      const { status, done } = await undisturbed(name)
      const trial = await prepareTrial(name)
      expect((await send(trial, behind())).status, name).toBe(status)
      await sweep(name)
      expect(await changesOf(trial), name).toEqual(done)
    }
  })

  /**
   * All routes except `GET /auth/session` for resource servers, and those that need an export of their own.
   */
  const guarded = routes
    .filter(({ access, path }) => access !== 'public' && !/auth\/session$|export\/:id/.test(path))
    .map(({ method, path }) => `${method} ${path}`)

  test('J4 keeps a revoked session revoked: at once where the database is read, within two minutes elsewhere', async () => {
    const ends: ((person: Person) => Promise<unknown>)[] = [
      ({ refreshToken }) => post('/auth/logout', { refresh_token: refreshToken }, { app }),
      ({ accessToken }) => call('/api/v1/users/me', { app, method: 'DELETE', token: accessToken }),
    ]
    for (const end of ends) {
      const person = await newPerson({}, { app })
      const behind = laggingKv(env)
      const edge = () => call('/api/v1/auth/session', { app, token: person.accessToken, env: behind })
      expect((await edge()).status).toBe(200)
      const requests = []
      for (const name of guarded) requests.push(await prepareRequest(name, person))
      await end(person)
      for (const { path, call: prepared } of requests)
        expect((await call(path, { app, ...prepared, env: behind })).status, path).toBe(401)
      // Its answer may be two minutes old, because KV is a minute old and the answer allows caching for one
      // more minute.
      for (const seconds of [61, 59]) {
        vi.setSystemTime(Date.now() + seconds * 1000)
        expect((await edge()).status).toBe(401)
      }
      vi.useRealTimers()
    }
  })
})

describe('stores that answer late', () => {
  test.each(asking.filter((name, index) => isExhaustive || (!name.startsWith('GET') && index % 3 === 0)))(
    'H6 change nothing of what a request does: %s',
    async (name) => {
      const { status, done } = await undisturbed(name)
      const { person, request, before } = await prepareTrial(name)
      // Holds every call until the request does nothing but wait for it.
      const { answer } = await recordWaits(settingsFor(request)).measure(request.path, { app, ...request.call })
      await sweep(name)
      expect(answer.status).toBe(status)
      expect(await changesOf({ person, request, before })).toEqual(done)
    },
  )
})

describe('a store that does not answer', () => {
  const hanging = (isHung: (store: string) => boolean) =>
    interceptStores((store, run) => (isHung(store) ? new Promise<never>(() => undefined) : run()))

  test('H6 keeps no request waiting when it is a cache or a queue', async () => {
    const hung = hanging((store) => /^(SESSIONS|KEY_CACHE|LIMITS)\.get|^(AUDIT|MAIL)_QUEUE|^BURST|^EMAIL/.test(store))
    const samples = []
    for (const name of asking) samples.push({ name, sample: await prepareSample(name) })
    const answers = samples.map(async ({ name, sample }) => [name, await answerOf(sample, hung)])
    expect(await Promise.race([Promise.all(answers), giveUp()])).toHaveLength(asking.length)
  })
})

/** Only the status: the work after the answer is not awaited. */
const answerOf = (sample: Pick<Trial, 'request'>, using: Env): Promise<number> =>
  new Promise((resolve, reject) => {
    const request = new Request(`https://latchkey.test${sample.request.path}`, toInit(sample))
    const behind = { waitUntil: () => undefined, passThroughOnException: () => undefined, props: {} }
    Promise.resolve(app.fetch(request, using, behind as unknown as ExecutionContext)).then(
      ({ status }) => resolve(status),
      reject,
    )
  })

function toInit({ request: { call: sent } }: Pick<Trial, 'request'>): RequestInit {
  const headers = new Headers({ 'cf-connecting-ip': '203.0.113.7' })
  if (sent.token !== undefined) headers.set('authorization', `Bearer ${sent.token}`)
  if (sent.body !== undefined) headers.set('content-type', 'application/json')
  return { method: sent.method ?? 'GET', headers, body: sent.body === undefined ? null : JSON.stringify(sent.body) }
}

const giveUp = () => new Promise<'given up'>((resolve) => setTimeout(() => resolve('given up'), 30_000))
