import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { ProviderIdentity } from '../../src/core/identity-provider.ts'
import { newTimeOrderedId } from '../../src/core/ids.ts'
import { mailCodeOf } from '../../src/crypto/mail-code.ts'
import { sealTicket } from '../../src/crypto/ticket.ts'
import { getKeyProgress } from '../../src/keys/get-key-progress.ts'
import { resolveIdentity } from '../../src/sign-in/federated/resolve-identity.ts'
import { burst, call, newPerson, PASSWORD, type Person, post, signIn, statuses } from '../support/api.ts'
import { listenToConsole } from '../support/console.ts'
import { jobContext } from '../support/job-context.ts'
import { newDevice } from '../support/passkeys.ts'
import { plainApp as app } from '../support/passwords.ts'
import { envWithKeys, rootKeys } from '../support/root-keys.ts'
import { keysIn, rows, runCron } from '../support/service.ts'
import { SIZES } from '../support/sizes.ts'

// The operator has removed root key 1 while all data is still under it.
const tooEarly = envWithKeys([2])

let person: Person
let logged: ReturnType<typeof listenToConsole>

beforeEach(async () => {
  person = await newPerson({ full_name: 'Ada' })
  logged = listenToConsole()
})
afterEach(() => {
  vi.restoreAllMocks()
})

const login = (email: string, using: Env) => post('/auth/login', { email, password: PASSWORD }, { env: using })

test('sign-in answers misconfigured, for known and unknown addresses alike, and the log has the version (D4, E1, H4)', async () => {
  for (const email of [person.email, 'nobody@example.com']) {
    const { status, body, headers } = await login(email, tooEarly)
    expect([status, body.code, headers.get('retry-after')]).toEqual([503, 'misconfigured', '60'])
    expect(JSON.stringify(body)).not.toMatch(/ROOT_KEYS|version/)
  }
  expect(logged.text()).toContain('{"level":"error","event":"root_key_missing","versions":[1]}')
  const failures = await rows("SELECT detail FROM audit_events WHERE action = 'user.sign_in_failed'")
  expect(failures).toEqual([{ detail: '{"reason":"root_key_missing"}' }, { detail: '{"reason":"root_key_missing"}' }])
})

test('a request for a link gets the same answer for known and unknown addresses (D4, E2)', async () => {
  for (const path of ['/auth/reset-password', '/auth/verify-email/resend', '/auth/email', '/auth/sign-up']) {
    for (const email of [person.email, 'nobody@example.com']) {
      const { status, body } = await post(path, { email }, { env: tooEarly })
      expect([path, status, body.code]).toEqual([path, 503, 'misconfigured'])
    }
  }
})

test('registration is refused, so that no address gets a second account, and leaves no key (D4)', async () => {
  for (const email of [person.email, 'new@example.com']) {
    const { status, body } = await post('/auth/register', { email, password: PASSWORD }, { env: tooEarly })
    expect([status, body.code]).toEqual([503, 'misconfigured'])
  }
  expect(await rows('SELECT id FROM users')).toEqual([{ id: person.id }])
  expect(await keysIn(env.VAULT, 'keys/')).toEqual([`keys/${person.id}`])
  expect(await rows("SELECT id FROM audit_events WHERE action = 'user.registration_refused'")).toEqual([])
})

test('a sign-up without a password is refused as well, at each step, and leaves no key (D4, L6)', async () => {
  const { ring } = await jobContext(Date.now(), tooEarly)
  const [id, using] = [newTimeOrderedId(Date.now()), { env: tooEarly }]
  const account = { email: person.email, profile: {}, consents: [], expiresAtMs: Date.now() + 60_000 }
  const request = await sealTicket(ring, 'mail-sign-in', { ...account, id, signUp: account })
  const misconfigured = { status: 503, body: { code: 'misconfigured' } }
  const code = await mailCodeOf(ring, id)
  expect(await post('/auth/email/confirm', { request, code }, using)).toMatchObject(misconfigured)
  const token = await sealTicket(ring, 'sign-up', { ...account, id: crypto.randomUUID() })
  const { body } = await post('/auth/sign-up/passkey/options', { sign_up_token: token }, using)
  const credential = await newDevice().create(body.public_key)
  const made = { sign_up_token: token, ticket: body.ticket, credential }
  expect(await post('/auth/sign-up/passkey', made, using)).toMatchObject(misconfigured)
  expect(await rows('SELECT id FROM users')).toEqual([{ id: person.id }])
  expect(await keysIn(env.VAULT, 'keys/')).toEqual([`keys/${person.id}`])
})

test('a social sign-in without a matching account is refused, and creates no account (D4, S3)', async () => {
  const ctx = await jobContext(Date.now(), tooEarly)
  const details = async () => ({ email: person.email, isEmailVerified: true })
  const identity = { subject: 'subject-7', details } as unknown as ProviderIdentity
  const rateLimit = { flowId: crypto.randomUUID(), provider: 'acme', identity, consents: [], mayLinkOrRegister: true }
  await expect(resolveIdentity({ ...ctx, locale: 'en' }, rateLimit)).rejects.toThrow('misconfigured')
  expect(await rows('SELECT id FROM users')).toEqual([{ id: person.id }])
  expect(await keysIn(env.VAULT, 'keys/')).toEqual([`keys/${person.id}`])
})

test('readiness answers misconfigured, and the cron logs the missing key and destroys nothing (D4)', async () => {
  expect((await call('/readyz', { env: tooEarly })).body.code).toBe('misconfigured')
  await runCron(tooEarly)
  expect(logged.text()).toContain('root_key_missing')
  expect(await keysIn(env.VAULT, 'keys/')).toEqual([`keys/${person.id}`])
  const { versions } = await getKeyProgress(await jobContext(Date.now(), tooEarly))
  expect(versions).toMatchObject([
    { version: 2, state: 'current', indexes: 0 },
    { version: 1, state: 'missing', indexes: 1, passwords: 1, wrapped_keys: null },
  ])
})

test('once the key is configured again, nothing is lost and no key is reported missing (D4)', async () => {
  await login(person.email, tooEarly)
  await post('/auth/register', { email: 'new@example.com', password: PASSWORD }, { env: tooEarly })
  await runCron(tooEarly)
  for (const using of [env, envWithKeys([2, 1])]) {
    const tokens = await signIn(person.email, PASSWORD, { env: using })
    const me = await call('/api/v1/users/me', { token: tokens.accessToken, env: using })
    expect(me.body).toMatchObject({ id: person.id, email: person.email, profile: { full_name: 'Ada' } })
    expect((await call('/readyz', { env: using })).status).toBe(200)
  }
})

test('a person of whom only the data key is under it can sign in, and gets misconfigured instead of an erasure (D4)', async () => {
  const wrapped = await (await env.VAULT.get(`keys/${person.id}`))?.text()
  const both = envWithKeys([2, 1])
  await runCron(both)
  await signIn(person.email, PASSWORD, { env: both })
  await env.VAULT.put(`keys/${person.id}`, wrapped ?? '')
  await env.KEY_CACHE.delete(`dek:${person.id}`)
  await env.DB.exec('UPDATE root_keys SET drained_at = 1 WHERE version = 1')
  const { status, body } = await login(person.email, tooEarly)
  expect(status).toBe(200)
  const me = await call('/api/v1/users/me', { token: body.access_token, env: tooEarly })
  expect([me.status, me.body.code]).toEqual([503, 'misconfigured'])
  expect(logged.text()).toContain('{"level":"error","event":"root_key_missing","version":1}')
})

test('a key that was configured but never used may be removed (D4)', async () => {
  await runCron(envWithKeys([1, 2]))
  await login('nobody@example.com', envWithKeys([2, 1]))
  expect((await login('nobody@example.com', env)).status).toBe(401)
})

test('another secret for a version in use is treated as a missing key (D4)', async () => {
  const swapped = { ...env, ROOT_KEYS: `1:${rootKeys(2).slice(2)}` } as Env
  expect((await login(person.email, swapped)).body.code).toBe('misconfigured')
  expect(
    (await post('/auth/register', { email: 'new@example.com', password: PASSWORD }, { env: swapped })).status,
  ).toBe(503)
  expect((await getKeyProgress(await jobContext(Date.now(), swapped))).versions).toMatchObject([
    { version: 1, state: 'missing' },
  ])
})

test.each(SIZES)('none of %i concurrent registrations succeeds while a key is missing (D4)', async (count) => {
  const answers = await burst(count, (i) =>
    post(
      '/auth/register',
      { email: i % 2 ? person.email : `new${i}@example.com`, password: PASSWORD },
      { app, env: tooEarly },
    ),
  )
  expect(statuses(answers)).toEqual({ 503: count })
  expect(await rows('SELECT id FROM users')).toEqual([{ id: person.id }])
})
