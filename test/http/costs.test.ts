import { beforeEach, expect, test } from 'vitest'
import scaling from '../../docs/scaling.md?raw'
import { call, get, newPerson, PASSWORD, type Person, post } from '../support/api.ts'
import { event, record } from '../support/audit-events.ts'
import { type Costs, countCosts } from '../support/costs.ts'
import { deliver, runCron } from '../support/service.ts'
import { change } from '../support/stores.ts'

// Statements and rows, not milliseconds: a deployment pays for them, and they occupy D1's single writer. A
// change that raises a number must explain why, here and in docs/scaling.md.

const FIVE_MINUTES = '*/5 * * * *'

const { env, during } = countCosts()
let person: Person

beforeEach(async () => {
  person = await newPerson({ full_name: 'Ada' }, { env })
  await post('/auth/login', { email: 'nobody@example.com', password: PASSWORD }, { env })
})

const signIn = (password: string) => post('/auth/login', { email: person.email, password }, { env })
const own = (path: string, options = {}) => get(path, person.accessToken, { env, ...options })
const withRefreshToken = (path: string, ip = '203.0.113.7') =>
  post(path, { refresh_token: person.refreshToken }, { env, headers: { 'cf-connecting-ip': ip } })

const OPERATIONS: Record<string, () => Promise<unknown>> = {
  register: () => post('/auth/register', { email: 'new@example.com', password: PASSWORD }, { env }),
  'sign in': () => signIn(PASSWORD),
  'sign in, wrong password': () => signIn('not the password'),
  refresh: () => withRefreshToken('/auth/refresh'),
  'refresh from another network, recorded': () => withRefreshToken('/auth/refresh', '198.51.100.7'),
  'sign out': () => withRefreshToken('/auth/logout'),
  '`GET /users/me`': () => own('/users/me'),
  // Counting takes one statement and six rows. Without it, one user could occupy D1's single writer.
  '`PATCH /users/me`': () => own('/users/me', { method: 'PATCH', body: { bio: 'Computes.' } }),
  '`GET /auth/session`, the first in five seconds of an isolate': () => own('/auth/session'),
  'checking a token offline': () => call('/.well-known/jwks.json', { env }),
  'archiving 100 events': () => deliver(hundredEvents, env),
  'the five-minute cron, nothing to do': () => runCron(env, FIVE_MINUTES),
}

const hundredEvents = Array.from({ length: 100 }, (_, n) => event(n))

test.each(Object.entries(OPERATIONS))('costs what docs/scaling.md says: %s', async (name, run) => {
  if (name === 'archiving 100 events') {
    // The first batch of a deployment also writes the first segment.
    await record([event(1000)])
    await deliver([event(1000)], env)
    await record(hundredEvents)
    await change('UPDATE audit_events SET sent_at = NULL, subject_id = ?', person.id)
  }
  // The first run of a deployment seals the erasure requests of the version before.
  if (name.startsWith('the five-minute cron')) await run()
  expect(rowOf(name, await during(run))).toBe(documentedRow(name))
})

const rowOf = (name: string, costs: Costs): string =>
  `| ${[name, ...Object.values(costs).map((count) => (count === 0 ? '' : count.toLocaleString('en')))].join(' | ')} |`
    .replaceAll('|  |', '| |')
    .replaceAll('|  |', '| |')

const documentedRow = (name: string) => scaling.split('\n').find((line) => line.startsWith(`| ${name} |`))
