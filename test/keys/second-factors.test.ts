import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { mailCodeOf } from '../../src/crypto/mail-code.ts'
import { type Call, call, get, newProvenPerson, PASSWORD, post } from '../support/api.ts'
import { jobContext } from '../support/job-context.ts'
import { envWithKeys } from '../support/root-keys.ts'
import {
  codeOf,
  enrolmentOf,
  giveRecoveryCodes,
  giveTotp,
  mfaTokenOf,
  prove,
  turnTwoStepOn,
} from '../support/second-factors.ts'
import { keysIn, runCron } from '../support/service.ts'
import { change, countOf, events, prove as proveMailbox, row } from '../support/stores.ts'

beforeEach(() => {
  vi.setSystemTime(Math.floor(Date.now() / 30_000) * 30_000 + 1000)
})

afterEach(() => {
  vi.useRealTimers()
})

const BEFORE = envWithKeys([1])
const BOTH = envWithKeys([2, 1])
const LEAKED = { ...BOTH, DISTRUSTED_ROOT_KEYS: '1' } as Env
const AFTER = envWithKeys([2])

const refused = { status: 401, body: { code: 'invalid_second_factor' } }

/** Root key 1 has encrypted everything of this person. */
async function newOwner() {
  const ada = await newProvenPerson({}, { env: BEFORE })
  const [secret, codes] = [await giveTotp(ada), await giveRecoveryCodes(ada)]
  await turnTwoStepOn(ada)
  return { ada, secret, codes }
}

const wraps = async () =>
  Promise.all((await keysIn(env.VAULT, 'keys/')).map(async (path) => (await (await env.VAULT.get(path))?.text())?.[0]))

const totp = (method: string, options: Call) => call('/api/v1/users/me/totp', { method, ...options })

test('D4 an authenticator app signs in, is replaced and removed after its root key has gone', async () => {
  const { ada, secret, codes } = await newOwner()
  const stored = await row('SELECT secret_enc FROM totp_factors')
  await runCron(BOTH)
  expect(new Set(await wraps())).toEqual(new Set(['2']))
  // The data key is the same, so the secret was not encrypted anew.
  expect(await row('SELECT secret_enc FROM totp_factors')).toEqual(stored)
  // The first step hashes the password under the newest root key, although the second step is missing.
  await mfaTokenOf(ada, { env: BOTH })
  await env.KEY_CACHE.delete(`dek:${ada.id}`)

  const options = { env: AFTER }
  const first = await prove(await mfaTokenOf(ada, options), { totp: codeOf(secret) }, options)
  expect([first.status, first.body.user]).toMatchObject([200, { email: ada.email }])
  const code = await prove(await mfaTokenOf(ada, options), { recovery_code: codes[0] ?? '' }, options)
  expect([code.status, code.body.recovery_codes_left]).toEqual([200, 9])
  const stepped = await post(
    '/auth/step-up',
    { totp: codeOf(secret, 1) },
    { ...options, token: code.body.access_token },
  )
  expect(stepped.status).toBe(200)

  const recent = { ...options, token: stepped.body.access_token }
  const offer = (await post('/users/me/totp/options', {}, recent)).body
  const replaced = await post('/users/me/totp', { ticket: offer.ticket, code: codeOf(offer.secret) }, recent)
  expect(replaced.status).toBe(201)
  expect(await prove(await mfaTokenOf(ada, options), { totp: codeOf(secret, 1) }, options)).toMatchObject(refused)
  const again = await prove(await mfaTokenOf(ada, options), { totp: codeOf(offer.secret, 1) }, options)
  const last = { ...options, token: again.body.access_token }
  const off = await call('/api/v1/users/me/two-step', { method: 'PUT', body: { enabled: false }, ...last })
  expect([off.status, (await totp('DELETE', last)).status]).toEqual([200, 204])
  expect([await countOf('totp_factors'), await countOf('recovery_codes')]).toEqual([0, 0])
  const alone = await post('/auth/login', { email: ada.email, password: PASSWORD }, options)
  expect((await get('/auth/session', alone.body.access_token, options)).body.acr).toBe('aal1')
})

/** A token for the second step that root key 1 has sealed, and a code. */
async function begin() {
  const { ada, secret } = await newOwner()
  return { token: await mfaTokenOf(ada, { env: BEFORE }), code: { totp: codeOf(secret) } }
}

test('D4 a sign-in that began under the root key before ends while that key is trusted', async () => {
  const { token, code } = await begin()
  expect((await prove(token, code, { env: BOTH })).status).toBe(200)
  expect(await prove(token, { recovery_code: 'any' }, { env: AFTER })).toMatchObject(refused)
})

test.each([
  ['is distrusted', LEAKED],
  ['has gone', AFTER],
])('D4 a sign-in that began under a root key that %s does not end, and counts no code', async (_, using) => {
  const { token, code } = await begin()
  await runCron(BOTH)
  expect(await prove(token, code, { env: using })).toMatchObject(refused)
  expect(await row('SELECT last_step, failures FROM totp_factors')).toEqual({ last_step: 0, failures: 0 })
  expect(await countOf('spent_tickets')).toBe(0)
})

test.each([
  ['trusted', BOTH, 201],
  ['distrusted', LEAKED, 401],
])('D4 a secret that was offered under a %s root key is confirmed, or not', async (_, using, status) => {
  const ada = await newProvenPerson({}, { env: BEFORE })
  const offer = (await post('/users/me/totp/options', {}, { env: BEFORE, token: ada.accessToken })).body
  const signedIn = await post('/auth/step-up', { password: PASSWORD }, { env: BOTH, token: ada.accessToken })
  const token = signedIn.body.access_token
  const body = { ticket: offer.ticket, code: codeOf(offer.secret) }
  expect((await post('/users/me/totp', body, { env: using, token })).status).toBe(status)
  expect(await countOf('totp_factors')).toBe(status === 201 ? 1 : 0)
})

test.each([
  ['trusted', BOTH, 201],
  ['distrusted', LEAKED, 400],
])(
  'D4 an enrolment that began under a %s root key ends with the code that it mailed, or not',
  async (_, using, status) => {
    const ada = await newProvenPerson({}, { env: BEFORE })
    await proveMailbox(ada)
    await turnTwoStepOn(ada)
    const { token, id } = await enrolmentOf(ada)
    const mailed = await mailCodeOf((await jobContext(Date.now(), BEFORE)).ring, id)
    const offer = (await post('/auth/enrol/totp/options', { enrolment_token: token }, { env: BEFORE })).body
    const body = { enrolment_token: token, ticket: offer.ticket, code: codeOf(offer.secret), mail_code: mailed }
    expect((await post('/auth/enrol/totp', body, { env: using })).status).toBe(status)
    expect(await countOf('totp_factors')).toBe(status === 201 ? 1 : 0)
  },
)

test('D4 fifty wrong codes are fifty over a rotation, although the counts of the windows begin anew', async () => {
  const { ada, secret } = await newOwner()
  const token = await mfaTokenOf(ada, { env: BEFORE })
  await change('UPDATE totp_factors SET failures = 50')
  expect(await prove(token, { totp: codeOf(secret) }, { env: BOTH })).toMatchObject(refused)
  expect(await events('user.second_factor_failed')).toMatchObject([{ detail: { reason: 'too_many_failures' } }])
})
