import { env } from 'cloudflare:workers'
import { describe, expect, test, vi } from 'vitest'
import { type Answer, call, newPerson, type Person } from '../support/api.ts'
import { aroundStores } from '../support/around-stores.ts'
import { type FaultPlan, faultyEnv, killedAt } from '../support/faulty-env.ts'
import { plainPasswords } from '../support/passwords.ts'
import { type PreparedRequest, prepareRequest, type RouteName, routeNames } from '../support/requests.ts'
import { runCron } from '../support/service.ts'
import { rows } from '../support/stores.ts'

const { app } = plainPasswords()

/** What a mishap does at one call of a store. */
const mishaps: Readonly<Record<string, (at: number) => FaultPlan>> = {
  'fails once': (at) => (_, index) => (index === at ? 'fail' : 'none'),
  'takes effect and its reply is lost': (at) => (_, index) => (index === at ? 'lose-reply' : 'none'),
  'is the last thing that happens': (at) => killedAt(at, 'lose-reply'),
}

/** What lies in the database about a person, and how much of it: whatever a request may leave half done. */
async function stateOf({ id, email }: Pick<Person, 'id' | 'email'>): Promise<Record<string, unknown>> {
  const about = {
    user: 'SELECT status, is_verified, security_epoch, email_index FROM users WHERE id = ?1',
    credential: 'SELECT password_hash FROM credentials WHERE user_id = ?1',
    logins: 'SELECT provider, count(*) AS n FROM social_logins WHERE user_id = ?1 GROUP BY 1',
    profile: 'SELECT full_name_enc IS NULL, bio_enc IS NULL FROM user_profiles WHERE user_id = ?1',
    live: 'SELECT count(*) AS n, sum(generation) FROM sessions WHERE user_id = ?1 AND revoked_at IS NULL',
    ended: 'SELECT revoke_reason, count(*) AS n FROM sessions WHERE user_id = ?1 AND revoked_at > 0 GROUP BY 1',
    tokens: 'SELECT purpose, consumed_at IS NULL, count(*) AS n FROM one_time_tokens WHERE user_id = ?1 GROUP BY 1, 2',
    mails: 'SELECT template, count(*) AS n FROM mail_jobs WHERE user_id = ?1 GROUP BY 1',
    exports: 'SELECT status, count(*) AS n FROM exports WHERE user_id = ?1 GROUP BY 1',
    erasures: 'SELECT basis FROM erasures WHERE user_id = ?1',
    consents: 'SELECT document, decision FROM consents WHERE user_id = ?1',
    events: 'SELECT action, outcome, count(*) AS n FROM audit_events WHERE subject_id = ?1 GROUP BY 1, 2',
    people: 'SELECT count(*) AS n FROM users WHERE ?1 IS NOT NULL',
    orders: 'SELECT (SELECT count(*) FROM credentials) - (SELECT count(*) FROM users) AS n WHERE ?1 IS NOT NULL',
  }
  const found = Object.entries(about).map(async ([name, query]) => [name, await rows(query, id)] as const)
  const state = Object.fromEntries(await Promise.all(found))
  return JSON.parse(JSON.stringify(state).replaceAll(id, 'ID').replaceAll(email, 'EMAIL'))
}

interface Trial {
  readonly person: Person
  readonly request: PreparedRequest
  readonly before: Record<string, unknown>
}

async function prepareTrial(name: RouteName): Promise<Trial> {
  const person = await newPerson({}, { app })
  const request = await prepareRequest(name, person)
  return { person, request, before: await stateOf(person) }
}

const send = ({ request }: Trial, using: Env): Promise<Answer> =>
  call(request.path, { app, ...request.call, env: using })

/** Which parts of a person's state differ, from what to what. Hashes and indexes are as good as any other. */
async function changesOf({ person, before }: Trial): Promise<string[]> {
  const after = await stateOf(person)
  const normal = (value: unknown) =>
    JSON.stringify(value).replace(/"(email_index|password_hash)":"([^"]*)"/g, (_, key) => `"${key}":"…"`)
  return Object.keys(after)
    .filter((part) => JSON.stringify(after[part]) !== JSON.stringify(before[part]))
    .map((part) => (part === 'people' ? 'people' : `${part} ${normal(before[part])} -> ${normal(after[part])}`))
    .sort()
}

/** Exports are built behind the answer, and by the next cron if that was cut off. */
async function sweep(name: string): Promise<void> {
  if (!name.includes('/export')) return
  vi.setSystemTime(Date.now() + 10 * 60_000)
  await runCron(env, '*/5 * * * *')
  vi.useRealTimers()
}

/** A call that only reads has no second half to lose. */
const isRead = (store: string) => /\.(get|first|all|list|head|limit|text|json)$/.test(store)

/** Work in two steps, each whole: an account that is restored is open to its password, with or without this session. */
const FIRST_STEPS: Readonly<Record<string, (change: string) => boolean>> = {
  'POST /api/v1/auth/restore': (change) => !/^(live|events) /.test(change),
}

function expectHonest({ status, headers, body }: Answer): void {
  if (status < 500) return
  expect(headers.get('content-type')).toBe('application/problem+json; charset=utf-8')
  expect(body).toMatchObject({ status, code: expect.stringMatching(/^(unavailable|internal_error)$/) })
}

/** Pages ask no store, and a provider calls back with what only it can have sealed. The operators' routes have faults of their own in test/operators. */
const asking = routeNames.filter(
  (name) => !/ \/(api\/v1\/admin|account)\/| \/docs|openapi|change-password|callback/.test(name),
)

describe('a store that fails', () => {
  test.each(asking)('H3 H6 U1 leaves all of the work done or none of it: %s', async (name) => {
    const whole = await prepareTrial(name)
    const { env: watched, calls } = faultyEnv(env, () => 'none')
    const expected = await send(whole, watched)
    expect(expected.status).toBeLessThan(400)
    await sweep(name)
    const done = await changesOf(whole)

    for (const [mishap, plan] of Object.entries(mishaps)) {
      for (const [at, store] of calls.entries()) {
        if (isRead(store) && mishap !== 'fails once') continue
        const trial = await prepareTrial(name)
        const answer = await send(trial, faultyEnv(env, plan(at)).env)
        await sweep(name)
        const changes = await changesOf(trial)
        const place = `call ${at} (${store}) ${mishap}: ${answer.status}`
        expectHonest(answer)
        const isStep = FIRST_STEPS[name] ?? (() => true)
        if (answer.status < 300) expect(changes, place).toEqual(done)
        else if (changes.length > 0) expect(changes.filter(isStep), place).toEqual(done.filter(isStep))
      }
    }
  })
})

describe('a store that does not answer', () => {
  const hanging = (isHung: (store: string) => boolean) =>
    aroundStores((store, run) => (isHung(store) ? new Promise<never>(() => undefined) : run()))

  test('H6 keeps no request waiting when it is a cache or a queue', async () => {
    const hung = hanging((store) => /^(SESSIONS|KEY_CACHE|LIMITS)\.get|^(AUDIT|MAIL)_QUEUE|^BURST|^EMAIL/.test(store))
    const trials = []
    for (const name of asking) trials.push({ name, trial: await prepareTrial(name) })
    const answers = trials.map(async ({ name, trial }) => [name, await answerOf(trial, hung)])
    expect(await Promise.race([Promise.all(answers), giveUp()])).toHaveLength(asking.length)
  })
})

/** The status alone: what hangs behind the answer is not waited for. */
const answerOf = (trial: Trial, using: Env): Promise<number> =>
  new Promise((resolve, reject) => {
    const request = new Request(`https://latchkey.test${trial.request.path}`, toInit(trial))
    const behind = { waitUntil: () => undefined, passThroughOnException: () => undefined, props: {} }
    Promise.resolve(app.fetch(request, using, behind as unknown as ExecutionContext)).then(
      ({ status }) => resolve(status),
      reject,
    )
  })

function toInit({ request: { call: sent } }: Trial): RequestInit {
  const headers = new Headers({ 'cf-connecting-ip': '203.0.113.7' })
  if (sent.token !== undefined) headers.set('authorization', `Bearer ${sent.token}`)
  if (sent.body !== undefined) headers.set('content-type', 'application/json')
  return { method: sent.method ?? 'GET', headers, body: sent.body === undefined ? null : JSON.stringify(sent.body) }
}

const giveUp = () => new Promise<'given up'>((resolve) => setTimeout(() => resolve('given up'), 30_000))
