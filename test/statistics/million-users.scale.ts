import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { blindIndex } from '../../src/crypto/blind-index.ts'
import { type Answer, type Call, call, type Person, post } from '../support/api.ts'
import { jobContext } from '../support/job-context.ts'
import { insertUsers } from '../support/many-users.ts'
import { ask, newAdmin, newUser, signInPlainly } from '../support/operators.ts'
import { plainApp as app } from '../support/passwords.ts'
import { recordQueries } from '../support/query-plans.ts'
import { rows, runCron } from '../support/service.ts'
import { median } from './distribution.ts'

const FEW = 10_000
const MANY = 1_000_000
const CHUNK = 20_000
const SAMPLES = 25
const DUE = 50

async function populate(from: number, to: number): Promise<void> {
  const { ring } = await jobContext()
  const domain = await blindIndex(ring.newest, 'emailDomainIndex', 'example.com')
  const inserts = insertUsers(Date.now(), MANY)
  for (let first = from; first <= to; first += CHUNK) {
    const range = [first, Math.min(to, first + CHUNK - 1), domain]
    await env.DB.batch(inserts.map((insert) => env.DB.prepare(insert).bind(...range)))
  }
}

type Measured = Readonly<Record<string, () => Promise<Answer>>>

/** Requests of operators and users, without the cost of a password hash. */
async function questions(admin: Person, person: Person, using: Env): Promise<Measured> {
  const options: Call = { env: using }
  const [[middle], [somebody]] = await Promise.all([
    rows<{ created_at: number; id: string }>(
      'SELECT created_at, id FROM users ORDER BY created_at LIMIT 1 OFFSET (SELECT count(*) / 2 FROM users)',
    ),
    rows<{ id: string }>("SELECT id FROM users WHERE status = 'suspended' LIMIT 1"),
  ])
  const cursor = `${middle?.created_at}.${middle?.id}`
  const list = (query: string) => () => ask(admin, `/users?${query}`, options)
  const login = { email: person.email, password: 'correct horse battery staple' }
  return {
    'sign-in': () => post('/auth/login', login, { ...options, app }),
    'own profile': () => call('/api/v1/users/me', { ...options, token: person.accessToken }),
    'one address': list(`email=${person.email}`),
    'newest users': list('limit=20'),
    'users, from the middle': list(`limit=20&cursor=${cursor}`),
    'a domain of half of all': list(`email_domain=example.com&cursor=${cursor}`),
    suspended: list(`status=suspended&cursor=${cursor}`),
    'suspended of that domain': list(`status=suspended&email_domain=example.com&cursor=${cursor}`),
    'holders of a role': list('role=support'),
    'a span of time': list(`created_before=${new Date(middle?.created_at ?? 0).toISOString()}`),
    'events about one': () => ask(admin, `/audit?subject=${somebody?.id}`, options),
    'events of an action': () => ask(admin, `/audit?action=user.registered&limit=50`, options),
    'pending erasures': () => ask(admin, '/erasures?state=pending', options),
    statistics: () => ask(admin, '/stats', options),
  }
}

/**
 * Finds scans of the tables that grow with the number of users. The index of unarchived events is exempt,
 * because it holds only the events of minutes.
 */
const scansIn = (plans: readonly string[]): readonly string[] =>
  plans.filter(
    (step) =>
      /^SCAN (users|credentials|user_profiles|audit_events|user_roles|sessions|erasures)\b/.test(step) &&
      !step.endsWith('USING INDEX audit_events_unarchived'),
  )

/** Measures the median of each request in milliseconds, and expects that no plan scans a large table. */
async function measure(admin: Person, person: Person): Promise<Record<string, number>> {
  const recorder = recordQueries()
  const measured = await questions(admin, person, recorder.env)
  const medians: Record<string, number> = {}
  for (const [name, send] of Object.entries(measured)) {
    const times: number[] = []
    for (let i = 0; i < SAMPLES + 3; i++) {
      const begun = performance.now()
      const { status } = await send()
      if (i >= 3) times.push(performance.now() - begun)
      expect(status, name).toBe(200)
    }
    expect(scansIn(await recorder.plans()), name).toEqual([])
    medians[name] = median(times)
  }
  return medians
}

/** The same person with a new access token. */
async function renewed(person: Person): Promise<Person> {
  const { body } = await signInPlainly(person)
  return { ...person, accessToken: body.access_token, refreshToken: body.refresh_token }
}

/** Makes some erasures due, and runs the purge. @returns milliseconds */
async function purge(): Promise<number> {
  await env.DB.prepare(
    'UPDATE erasures SET due_at = 1 WHERE user_id IN (SELECT user_id FROM erasures WHERE completed_at IS NULL LIMIT ?)',
  )
    .bind(DUE)
    .run()
  const before = await rows('SELECT user_id FROM erasures WHERE completed_at IS NOT NULL')
  const recorder = recordQueries()
  const begun = performance.now()
  await runCron(recorder.env)
  const elapsed = performance.now() - begun
  expect(scansIn(await recorder.plans())).toEqual([])
  const after = await rows('SELECT user_id FROM erasures WHERE completed_at IS NOT NULL')
  expect(after.length - before.length).toBe(DUE)
  return elapsed
}

test(`${MANY} users: search, pages, statistics, sign-in and purge use an index`, async () => {
  const [admin, person] = [await newAdmin(), await newUser()]
  const results: Record<string, number>[] = []
  let filled = 0
  const report: string[] = []
  for (const count of [FEW, MANY]) {
    const begun = performance.now()
    await populate(filled + 1, count)
    filled = count
    report.push(`${count} users after ${Math.round((performance.now() - begun) / 1000)} s`)
    // Creating the users takes longer than an access token is valid.
    const [operator, user] = [await renewed(admin), await renewed(person)]
    results.push({ ...(await measure(operator, user)), [`daily jobs with ${DUE} due`]: await purge() })
  }
  const [few = {}, many = {}] = results
  for (const [name, ms] of Object.entries(many)) report.push(`${name}: ${few[name]?.toFixed(1)} -> ${ms.toFixed(1)} ms`)
  const counted = await rows('SELECT sum(users) AS n FROM user_counts')
  expect(counted).toEqual([{ n: MANY + 2 }])
  expect((await signInPlainly(person)).status).toBe(200)
  show(report)
})

// biome-ignore lint/suspicious/noConsole: the figures are the purpose of this script
const show = (lines: readonly string[]) => console.log(lines.join('\n'))
