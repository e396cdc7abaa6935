import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Answer, createHttpClient, expectStatus, type HttpClient } from '../../bench/support/http-client.ts'
import { applySchema } from '../../bench/support/migrate.ts'
import { type ServedWorker, serveWorker } from '../../bench/support/serve.ts'

// The bundle in a workerd of its own. There each request has its own lifetime, as in production.
const PLACES = 8
const PASSWORD = 'correct horse battery staple'
const SIGN_IN = { method: 'POST', path: '/api/v1/auth/login' } as const

/**
 * Sends a sign-in and disconnects. workerd then ends that request wherever it is, as for a client that is
 * gone.
 */
const CALLER = {
  name: 'caller',
  script: `export default {
    async fetch(request, { WORKER }) {
      const gone = new AbortController()
      setTimeout(() => gone.abort(), 60)
      const answer = WORKER.fetch(new Request(request, { signal: gone.signal }))
      return new Response(await answer.then(({ status }) => status, () => 'gone'))
    },
  }`,
}

let worker: ServedWorker
let client: HttpClient
let token: string

const bodyOf = (number: number) => ({ email: `overload-${number}@example.com`, password: PASSWORD })
const signIn = (number: number) => client.send({ ...SIGN_IN, body: bodyOf(number) })
const check = () => client.send({ method: 'GET', path: '/api/v1/auth/session', token })

const statusesOf = (answers: readonly Answer[]) => {
  const counts: Record<number, number> = {}
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

beforeAll(async () => {
  const vars = { ROOT_KEYS: `1:${randomBytes(32).toString('base64url')}`, HASH_LINE_LENGTH: String(PLACES) }
  worker = await serveWorker({ name: 'latchkey', configPath: 'wrangler.toml', vars, caller: CALLER })
  await applySchema(worker.miniflare, 'migrations')
  client = createHttpClient(worker.origin, 100)
  const register = (number: number) =>
    client.send({ method: 'POST', path: '/api/v1/auth/register', body: bodyOf(number) })
  for (let number = 0; number < 4; number++) await expectStatus(201, register(number))
  token = JSON.parse(await expectStatus(200, signIn(0))).access_token
}, 60_000)

afterAll(async () => {
  client.close()
  await worker[Symbol.asyncDispose]()
})

describe('a Worker that is asked for more hashes than it can make', () => {
  test('H6 sheds sign-ins that do not fit into the hash queue, and answers token checks before the queue is empty', async () => {
    const order: string[] = []
    const noting = async (name: string, pending: Promise<Answer>) => {
      const answer = await pending
      order.push(`${name} ${answer.status}`)
      return answer
    }
    const signIns = Array.from({ length: 40 }, (_, i) => noting('sign-in', signIn(i % 4)))
    const checks = Array.from({ length: 20 }, () => noting('check', check()))
    expect(statusesOf(await Promise.all(checks))).toEqual({ 200: 20 })
    const answers = await Promise.all(signIns)
    expect(Object.keys(statusesOf(answers))).toEqual(['200', '503'])
    expect(statusesOf(answers)[200]).toBeGreaterThanOrEqual(PLACES)
    expect(order.lastIndexOf('check 200')).toBeLessThan(order.lastIndexOf('sign-in 200'))
    for (const { status, headers, body } of answers) {
      if (status === 200) continue
      expect(headers).toMatchObject({ 'retry-after': '3', 'content-type': 'application/problem+json; charset=utf-8' })
      expect(JSON.parse(body)).toMatchObject({ status: 503, code: 'unavailable' })
    }
    await expectStatus(200, signIn(0))
  })

  test('H6 is not held up by requests that were cut off while they waited', async () => {
    const { origin } = await worker.miniflare.unsafeGetDirectURL(CALLER.name)
    const cutOff = createHttpClient(origin, PLACES)
    for (let round = 0; round < 3; round++) {
      const before = await countSessions()
      const waiting = Array.from({ length: PLACES }, (_, i) => cutOff.send({ ...SIGN_IN, body: bodyOf(i % 4) }))
      const answers = await Promise.all(waiting)
      const survivors = answers.filter(({ body }) => body === '200').length
      expect(survivors).toBeLessThan(PLACES)
      // One request may have committed its session, and been interrupted before its answer.
      const begun = await countSessions()
      expect(begun - before).toBeGreaterThanOrEqual(survivors)
      expect(begun - before).toBeLessThanOrEqual(survivors + 1)
      const next = await Promise.all([retried(0), retried(1), retried(2)])
      expect(statusesOf(next)).toEqual({ 200: 3 })
      // The others were not merely unanswered: they never had their turn in the queue.
      expect(await countSessions()).toBe(begun + next.length)
    }
    cutOff.close()
    expect(statusesOf(await Promise.all([check(), signIn(3)]))).toEqual({ 200: 2 })
  })
})

async function countSessions(): Promise<number> {
  const db = await worker.miniflare.getD1Database('DB')
  return (await db.prepare('SELECT count(*) AS n FROM sessions').first<number>('n')) ?? 0
}

/**
 * As a client does that respects `Retry-After`, only sooner, because places of ended requests are freed after
 * a moment.
 */
async function retried(number: number): Promise<Answer> {
  for (let attempt = 0; ; attempt++) {
    const answer = await signIn(number)
    if (answer.status !== 503 || attempt === 40) return answer
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
