import { beforeEach, expect, test } from 'vitest'
import scaling from '../../docs/scaling.md?raw'
import { call, get, newPerson, PASSWORD, type Person, post } from '../support/api.ts'
import { event, record } from '../support/audit-events.ts'
import { type Costs, countCosts } from '../support/costs.ts'
import { giveReset } from '../support/factor-resets.ts'
import {
  answerChallenge,
  answerStepUp,
  finishPasskey,
  givePasskey,
  newDevice,
  passkeyOptions,
  removePasskey,
  sendAnswer,
} from '../support/passkeys.ts'
import {
  giveCode,
  giveReturn,
  type PreparedRequest,
  prepareRequest,
  type RouteName,
  routeNames,
} from '../support/requests.ts'
import {
  codeOf,
  giveRecoveryCodes,
  giveTotp,
  mfaTokenOf,
  prove,
  turnTwoStepOn,
  wrongCodeOf,
} from '../support/second-factors.ts'
import { deliver, runCron } from '../support/service.ts'
import { change, prove as proveAddress } from '../support/stores.ts'
import { prepareSample, send } from '../support/trials.ts'

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

let secret = ''
let codes: string[] = []
let token = ''
/** What an authenticator has answered, with its ticket. */
let answer: unknown

const giveFactors = async () => {
  ;[secret, codes] = [await giveTotp(person), await giveRecoveryCodes(person)]
  await turnTwoStepOn(person)
}
const giveTotpToOwner = async () => {
  await proveAddress(person)
  await giveTotp(person)
}
const beginSignIn = async () => {
  await giveFactors()
  token = await mfaTokenOf(person, { env })
}
type Work = readonly [prepare: () => Promise<unknown>, run: () => Promise<unknown>]

/** The sample request of a route, prepared before it is counted. */
function ofSample(name: RouteName): Work {
  let sample: PreparedRequest | undefined
  const prepare = async () => {
    sample = await prepareRequest(name, person)
  }
  return [prepare, async () => sample && call(sample.path, { ...sample.call, env })]
}

/** What concerns second factors and mailed sign-ins, and what has to be there before. */
const OF_FACTORS: Record<string, Work> = {
  'sign in, the first of two steps': [giveFactors, () => signIn(PASSWORD)],
  '`POST /auth/mfa`, a code of the app': [beginSignIn, () => prove(token, { totp: codeOf(secret) }, { env })],
  '`POST /auth/mfa`, a wrong code': [beginSignIn, () => prove(token, { totp: wrongCodeOf(secret) }, { env })],
  '`POST /auth/mfa`, a recovery code': [beginSignIn, () => prove(token, { recovery_code: codes[0] ?? '' }, { env })],
  '`POST /auth/step-up`, a code of the app': [
    giveFactors,
    () => own('/auth/step-up', { method: 'POST', body: { totp: codeOf(secret) } }),
  ],
  '`POST /auth/passkey/options`': [
    async () => undefined,
    () => post('/auth/passkey/options', undefined, { env, method: 'POST' }),
  ],
  '`POST /auth/passkey`': [
    async () => {
      answer = await answerChallenge((await givePasskey(person)).device)
    },
    () => sendAnswer(answer, { env }),
  ],
  '`POST /users/me/passkeys`': [
    async () => {
      await proveAddress(person)
      const { body } = await passkeyOptions(person)
      answer = { ticket: body.ticket, credential: await newDevice().create(body.public_key) }
    },
    () => finishPasskey(person, answer, { env }),
  ],
  '`POST /auth/mfa`, a passkey': [
    async () => {
      const { device } = await givePasskey(person)
      await turnTwoStepOn(person)
      const { body } = await signIn(PASSWORD)
      answer = { mfa_token: body.mfa_token, credential: await device.get(body.public_key) }
    },
    () => post('/auth/mfa', answer, { env }),
  ],
  '`POST /auth/step-up`, a passkey': [
    async () => {
      answer = await answerStepUp(person, (await givePasskey(person)).device)
    },
    () => own('/auth/step-up', { method: 'POST', body: answer }),
  ],
  '`POST /auth/step-up`, a code of a provider': [
    async () => {
      answer = await giveCode(person, 'sign-in')
    },
    () => own('/auth/step-up', { method: 'POST', body: answer }),
  ],
  '`DELETE /users/me/passkeys/:id`': [
    async () => {
      token = (await givePasskey(person)).id
    },
    () => removePasskey(person, token, { env }),
  ],
  '`GET /users/me/factors`': [giveFactors, () => own('/users/me/factors')],
  '`POST /users/me/totp/options`': [
    () => proveAddress(person),
    () => own('/users/me/totp/options', { method: 'POST' }),
  ],
  '`POST /users/me/totp`': [
    async () => {
      await proveAddress(person)
      const { body } = await own('/users/me/totp/options', { method: 'POST' })
      ;({ secret, ticket: token } = body)
    },
    () => own('/users/me/totp', { method: 'POST', body: { ticket: token, code: codeOf(secret) } }),
  ],
  '`DELETE /users/me/totp`': [() => giveTotp(person), () => own('/users/me/totp', { method: 'DELETE' })],
  '`POST /users/me/recovery-codes`': [giveTotpToOwner, () => own('/users/me/recovery-codes', { method: 'POST' })],
  '`PUT /users/me/two-step`': [
    giveTotpToOwner,
    () => own('/users/me/two-step', { method: 'PUT', body: { enabled: true } }),
  ],
  '`DELETE /users/me/factor-reset`': [
    () => giveReset(person),
    () => own('/users/me/factor-reset', { method: 'DELETE' }),
  ],
  '`POST /auth/enrol/mail`': ofSample('POST /api/v1/auth/enrol/mail'),
  '`POST /auth/enrol/totp/options`': ofSample('POST /api/v1/auth/enrol/totp/options'),
  '`POST /auth/enrol/totp`': ofSample('POST /api/v1/auth/enrol/totp'),
  '`POST /auth/enrol/passkeys/options`': ofSample('POST /api/v1/auth/enrol/passkeys/options'),
  '`POST /auth/enrol/passkeys`': ofSample('POST /api/v1/auth/enrol/passkeys'),
  '`POST /auth/email`': ofSample('POST /api/v1/auth/email'),
  '`POST /auth/email/confirm`': ofSample('POST /api/v1/auth/email/confirm'),
  '`POST /auth/return`': ofSample('POST /api/v1/auth/return'),
  'the exchange of its code': [
    async () => {
      answer = await giveReturn(person)
    },
    () => post('/auth/oauth/token', answer, { env }),
  ],
  'a reset of second factors by the cron': [
    async () => {
      await runCron(env, FIVE_MINUTES)
      await giveFactors()
      await giveReset(person, { dueAt: Date.now() - 1 })
    },
    () => runCron(env, FIVE_MINUTES),
  ],
}

test.each(Object.entries(OF_FACTORS))('costs what docs/scaling.md says: %s', async (name, [prepare, run]) => {
  await prepare()
  expect(rowOf(name, await during(run))).toBe(documentedRow(name))
})

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

/** Routes that have a row under another name. */
const NAMED: readonly string[] = ['auth/register', 'auth/login', 'auth/refresh', 'auth/logout', 'auth/session']

const rowsOfTable = [...Object.keys(OPERATIONS), ...Object.keys(OF_FACTORS)].flatMap((name) => name.split('`')[1] ?? [])
const hasRow = (name: RouteName) =>
  NAMED.some((path) => name.endsWith(` /api/v1/${path}`)) || rowsOfTable.includes(name.replace('/api/v1', ''))
const others = routeNames.filter((name) => !hasRow(name) && !name.includes('/admin/'))

test('no route that docs/scaling.md leaves out costs more than it says', async () => {
  const documented = /at most (\d+) statements, which write (\d+) rows and read up to (\d+)/.exec(scaling)
  const [statements, rowsWritten, rowsRead] = documented?.slice(1).map(Number) ?? []
  const dear: unknown[] = []
  for (const name of others) {
    const sample = await prepareSample(name)
    const costs = await during(() => send(sample, env))
    const isQuiet = name.includes('/api/v1/') || costs.rowsWritten + costs.messages === 0
    const isWithin =
      costs.statements <= (statements ?? 0) &&
      costs.rowsWritten <= (rowsWritten ?? 0) &&
      costs.rowsRead <= (rowsRead ?? 0)
    if (!isQuiet || !isWithin) dear.push([name, costs])
  }
  // One that costs more needs a row of its own.
  expect(dear).toEqual([])
})

const rowOf = (name: string, costs: Costs): string =>
  `| ${[name, ...Object.values(costs).map((count) => (count === 0 ? '' : count.toLocaleString('en')))].join(' | ')} |`
    .replaceAll('|  |', '| |')
    .replaceAll('|  |', '| |')

const documentedRow = (name: string) => scaling.split('\n').find((line) => line.startsWith(`| ${name} |`))
