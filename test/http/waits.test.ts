import { afterEach, describe, expect, test, vi } from 'vitest'
import { call, newPerson, PASSWORD, type Person, post } from '../support/api.ts'
import { giveReset } from '../support/factor-resets.ts'
import { newAdmin } from '../support/operators.ts'
import { answerChallenge, givePasskey, newDevice } from '../support/passkeys.ts'
import { giveReturn, giveToken, prepareRequest } from '../support/requests.ts'
import {
  codeOf,
  giveRecoveryCodes,
  giveTotp,
  mfaTokenOf,
  turnTwoStepOn,
  wrongCodeOf,
} from '../support/second-factors.ts'
import { begin, handedBack, newAccount, openProviders, signInWith, socialSettings } from '../support/social.ts'
import { prove } from '../support/stores.ts'
import { recordWaits, type WaitRecorder } from '../support/waits.ts'

// Counts round trips in sequence. A client waits for each of them, some tens of milliseconds at a time. A
// change that adds one must explain why.

const ME = '/api/v1/users/me'
const LOGIN = '/api/v1/auth/login'

/** A user whose data key, and the system key of the month, are cached in this isolate. */
async function warm(): Promise<{ recorder: WaitRecorder; person: Person }> {
  const recorder = recordWaits()
  const { env } = recorder
  const person = await newPerson({ full_name: 'Ada' }, { env })
  await post('/auth/login', { email: 'nobody@example.com', password: PASSWORD }, { env })
  return { recorder, person }
}

/** After every answer with a recorded event: the event is sent to the queue as the database returned it. */
const SENDING = ['AUDIT_QUEUE.sendBatch']

/** The count, and at the same time the read of the network's entry in KV. */
const COUNTED = ['DB.batch', 'LIMITS.get']

describe('waits in a row before the answer, with a warm isolate', () => {
  test('M16 sign-in: one batch before the hash, one after; KV is read during the first', async () => {
    const { recorder, person } = await warm()
    const waits = await recorder.measure(LOGIN, { body: { email: person.email, password: PASSWORD } })
    expect(waits.answer.status).toBe(200)
    expect(waits.rounds).toEqual([COUNTED, ['DB.batch', 'SESSIONS.put']])
    expect(waits.after).toEqual(SENDING)
  })

  test('M16 the first step of a sign-in with two factors: the same two, and no session in KV', async () => {
    const { recorder, person } = await warm()
    await giveTotp(person)
    await turnTwoStepOn(person)
    const waits = await recorder.measure(LOGIN, { body: { email: person.email, password: PASSWORD } })
    expect(waits.answer.body.mfa_required).toBe(true)
    expect(waits.rounds).toEqual([COUNTED, ['DB.batch']])
  })

  test.each(['totp', 'recovery_code'])('M16 the second step (%s): one batch to count, one to sign in', async (name) => {
    const { recorder, person } = await warm()
    const [secret, [recoveryCode]] = [await giveTotp(person), await giveRecoveryCodes(person)]
    await turnTwoStepOn(person)
    const token = await mfaTokenOf(person, { env: recorder.env })
    const body = { mfa_token: token, [name]: name === 'totp' ? codeOf(secret) : recoveryCode }
    const waits = await recorder.measure('/api/v1/auth/mfa', { body })
    expect(waits.answer.status).toBe(200)
    expect(waits.rounds).toEqual([COUNTED, ['DB.batch', 'SESSIONS.put']])
  })

  test('M16 a wrong second factor: one batch to count, one to record it', async () => {
    const { recorder, person } = await warm()
    const secret = await giveTotp(person)
    await turnTwoStepOn(person)
    const token = await mfaTokenOf(person, { env: recorder.env })
    const body = { mfa_token: token, totp: wrongCodeOf(secret) }
    const waits = await recorder.measure('/api/v1/auth/mfa', { body })
    expect([waits.answer.status, waits.rounds]).toEqual([401, [COUNTED, ['DB.batch']]])
  })

  test('M16 a sign-in with a passkey: nothing for the options, one batch to read, one to sign in', async () => {
    const { recorder, person } = await warm()
    const { device } = await givePasskey(person)
    const offer = await recorder.measure('/api/v1/auth/passkey/options', { method: 'POST' })
    expect([offer.answer.status, offer.rounds, offer.after]).toEqual([200, [], []])
    const { ticket, public_key: options } = offer.answer.body
    const body = { ticket, credential: await device.get(options) }
    const waits = await recorder.measure('/api/v1/auth/passkey', { body })
    expect([waits.answer.status, waits.rounds]).toEqual([200, [COUNTED, ['DB.batch', 'SESSIONS.put']]])
    const wrong = await recorder.measure('/api/v1/auth/passkey', {
      body: { ...body, ...(await answerChallenge(device, { userHandle: null })) },
    })
    expect([wrong.answer.status, wrong.rounds]).toEqual([401, [COUNTED, ['DB.batch']]])
  })

  test('M16 adding a passkey: one batch for the options, one to use the challenge up, one to store', async () => {
    const { recorder, person } = await warm()
    await prove(person)
    const token = person.accessToken
    const offer = await recorder.measure(`${ME}/passkeys/options`, { method: 'POST', token, body: {} })
    const { ticket, public_key: options } = offer.answer.body
    const body = { ticket, credential: await newDevice().create(options) }
    const waits = await recorder.measure(`${ME}/passkeys`, { token, body })
    expect([waits.answer.status, offer.rounds, waits.rounds]).toEqual([
      201,
      [['DB.batch']],
      [['DB.batch'], ['DB.batch']],
    ])
  })

  test('returning to an application: one batch; the exchange there: the count, the code, then one batch', async () => {
    const { recorder, person } = await warm()
    const { path, call: asked } = await prepareRequest('POST /api/v1/auth/return', person)
    const made = await recorder.measure(path, asked)
    expect([made.answer.status, made.rounds, made.after]).toEqual([200, [['DB.batch']], []])
    const waits = await recorder.measure('/api/v1/auth/oauth/token', { body: await giveReturn(person) })
    expect([waits.answer.status, waits.rounds]).toEqual([200, [COUNTED, ['DB.batch'], ['DB.batch', 'SESSIONS.put']]])
  })

  // The account is restored in a batch of its own, and then signs in through the gate like any other. The
  // third batch of a mailed link completes the notice to the owner, and no answer waits for it.
  test.each([
    ['restore', ['DB.batch', 'SESSIONS.put']],
    ['recover', ['DB.batch', 'DB.batch', 'SESSIONS.put']],
  ] as const)('M16 accepting an offer (%s): the count, and two batches', async (purpose, last) => {
    const { recorder, person } = await warm()
    await call(ME, { method: 'DELETE', token: person.accessToken, env: recorder.env })
    const waits = await recorder.measure('/api/v1/auth/restore', {
      body: { token: await giveToken(person, purpose) },
    })
    expect(waits.answer.status).toBe(200)
    expect(waits.rounds).toEqual([COUNTED, ['DB.batch'], last])
  })

  test.each([
    ['a wrong password', (person: Person) => ({ email: person.email, password: 'not the password' })],
    ['an unknown address', () => ({ email: 'nobody@example.com', password: PASSWORD })],
  ])('E1 a sign-in rejected for %s: the same two', async (_, body) => {
    const { recorder, person } = await warm()
    const waits = await recorder.measure(LOGIN, { body: body(person) })
    expect(waits.answer.status).toBe(401)
    expect(waits.rounds).toEqual([COUNTED, ['DB.batch']])
    expect(waits.after).toEqual(['DB.batch', ...SENDING])
  })

  test('reading the profile: one statement', async () => {
    const { recorder, person } = await warm()
    const waits = await recorder.measure(ME, { token: person.accessToken })
    expect(waits).toMatchObject({ answer: { status: 200 }, rounds: [['DB.first']], after: [] })
  })

  test('changing the profile: one batch', async () => {
    const { recorder, person } = await warm()
    const waits = await recorder.measure(ME, { method: 'PATCH', token: person.accessToken, body: { bio: 'Computes.' } })
    expect(waits).toMatchObject({ answer: { status: 200 }, rounds: [['DB.batch']], after: SENDING })
  })

  test('refresh: one batch', async () => {
    const { recorder, person } = await warm()
    const waits = await recorder.measure('/api/v1/auth/refresh', { body: { refresh_token: person.refreshToken } })
    expect(waits).toMatchObject({ answer: { status: 200 }, rounds: [['DB.batch']], after: [] })
  })

  test('refresh from another network, which is recorded, and a retry: one batch', async () => {
    const { recorder, person } = await warm()
    const body = { refresh_token: person.refreshToken }
    const headers = { 'cf-connecting-ip': '198.51.100.7' }
    const recorded = await recorder.measure('/api/v1/auth/refresh', { body, headers })
    expect(recorded).toMatchObject({ answer: { status: 200 }, rounds: [['DB.batch']], after: SENDING })
    const retry = await recorder.measure('/api/v1/auth/refresh', { body })
    expect(retry).toMatchObject({ answer: { status: 200 }, rounds: [['DB.batch']], after: [] })
  })

  test('logout: one batch, and the tombstone after it', async () => {
    const { recorder, person } = await warm()
    const waits = await recorder.measure('/api/v1/auth/logout', { body: { refresh_token: person.refreshToken } })
    expect(waits).toMatchObject({
      answer: { status: 204 },
      rounds: [['DB.batch']],
      after: ['SESSIONS.put', ...SENDING],
    })
  })

  test("a reset of second factors: an operator's request reads the key first; cancelling it is one batch", async () => {
    const { recorder, person } = await warm()
    const admin = await newAdmin()
    await prove(person)
    await giveRecoveryCodes(person)
    const path = `/api/v1/admin/users/${person.id}/reset-factors`
    const body = { reason: 'support_case' }
    const requested = await recorder.measure(path, { body, token: admin.accessToken })
    expect(requested).toMatchObject({ answer: { status: 202 }, rounds: [['DB.batch']] })
    const inSession = { method: 'DELETE', token: person.accessToken } as const
    const cancelled = await recorder.measure(`${ME}/factor-reset`, inSession)
    expect(cancelled).toMatchObject({ answer: { status: 204 }, rounds: [['DB.batch']] })
    await giveReset(person)
    const link = await recorder.measure('/api/v1/auth/keep-factors', {
      body: { token: await giveToken(person, 'keep') },
    })
    expect(link).toMatchObject({ answer: { status: 204 }, rounds: [COUNTED, ['DB.batch']] })
  })

  test('the session check: one read from KV, and for the next seconds nothing', async () => {
    const { recorder, person } = await warm()
    const waits = await recorder.measure('/api/v1/auth/session', { token: person.accessToken })
    expect(waits).toMatchObject({ answer: { status: 200 }, rounds: [['SESSIONS.get', 'SESSIONS.get']], after: [] })
    const again = await recorder.measure('/api/v1/auth/session', { token: person.accessToken })
    expect(again).toMatchObject({ answer: { status: 200 }, rounds: [], after: [] })
  })

  // One wait more than the work itself needs, because a request over the quota must cause neither a hash nor
  // a key in the vault.
  test('registration: the count, the key while the password is hashed, then one batch', async () => {
    const { recorder } = await warm()
    const waits = await recorder.measure('/api/v1/auth/register', {
      body: { email: 'new@example.com', password: PASSWORD },
    })
    expect(waits.answer.status).toBe(201)
    expect(waits.rounds).toEqual([[...COUNTED, 'LIMITS.get'], ['VAULT.put'], ['DB.batch', 'KEY_CACHE.put']])
  })

  test.each([
    ...['/livez', '/.well-known/jwks.json', '/.well-known/openid-configuration', '/nowhere'],
    ...['/.well-known/webauthn', '/.well-known/passkey-endpoints'],
  ])('%s: none', async (path) => {
    const { measure } = recordWaits()
    expect((await measure(path)).rounds).toEqual([])
  })
})

// Requests to the provider come on top: one at the callback, and one for the address of a new user.
describe('waits in a row before the answer of a social sign-in, with a warm isolate', () => {
  afterEach(() => {
    vi.restoreAllMocks()
  })

  const PATH = '/api/v1/auth/oauth'

  /** A user who has signed in with GitHub before, and also has a password. */
  async function warmUp() {
    const providers = await openProviders()
    const recorder = recordWaits(socialSettings)
    const { env } = recorder
    const account = newAccount()
    const { body } = await signInWith(providers, 'github', account, { env })
    const returning = async (who = account) => {
      const begun = await begin('github', { env })
      const path = `${PATH}/github/callback?${providers.consent(begun.location, who)}`
      return { begun, path, headers: { cookie: begun.cookie } }
    }
    return { recorder, account, returning, token: body.access_token as string }
  }

  test('the start: the count', async () => {
    const { recorder } = await warmUp()
    const query = new URLSearchParams({ redirect_uri: 'https://app.example/callback', code_challenge: 'x'.repeat(43) })
    const waits = await recorder.measure(`${PATH}/github/start?${query}`)
    expect(waits).toMatchObject({ answer: { status: 302 }, rounds: [COUNTED] })
  })

  test('the callback of a returning user: the count, the state, the code', async () => {
    const { recorder, returning } = await warmUp()
    const { path, headers } = await returning()
    const { answer, rounds } = await recorder.measure(path, { headers })
    expect(handedBack(answer).get('code')).not.toBeNull()
    expect(rounds).toEqual([COUNTED, ['DB.first'], ['DB.first']])
  })

  // The three checks before a user is created: the identity is unused, no root key is missing, the address is
  // unused.
  test('the callback of a new user: three more, then the key and one batch', async () => {
    const { recorder, returning } = await warmUp()
    const { path, headers } = await returning(newAccount())
    const { answer, rounds } = await recorder.measure(path, { headers })
    expect(handedBack(answer).get('code')).not.toBeNull()
    expect(rounds.slice(0, 5)).toEqual([COUNTED, ['DB.first'], ['DB.first'], ['DB.all'], ['DB.first']])
    expect(rounds.slice(5)).toEqual([['VAULT.put'], ['DB.batch', 'KEY_CACHE.put']])
  })

  test('the exchange: the count, the code, then one batch', async () => {
    const { recorder, returning } = await warmUp()
    const { begun, path, headers } = await returning()
    const handed = handedBack(await call(path, { headers, env: recorder.env }))
    const body = { code: handed.get('code'), code_verifier: begun.verifier }
    const waits = await recorder.measure(`${PATH}/token`, { body })
    expect(waits.answer.status).toBe(200)
    expect(waits.rounds).toEqual([COUNTED, ['DB.batch'], ['DB.batch', 'SESSIONS.put']])
  })

  test('the list of identities: one batch; removing one: the count, the read of the identity, one batch', async () => {
    const { recorder, token } = await warmUp()
    const listed = await recorder.measure(`${ME}/identities`, { token })
    expect(listed).toMatchObject({ answer: { status: 200 }, rounds: [['DB.batch']], after: [] })
    const id = listed.answer.body.identities[0].id
    const { answer, rounds } = await recorder.measure(`${ME}/identities/${id}`, { method: 'DELETE', token })
    expect(answer.body.code).toBe('last_credential')
    expect(rounds).toEqual([[...COUNTED, 'LIMITS.get'], ['DB.first'], ['DB.batch']])
  })
})

describe('waits in a row before the answer, with a cold isolate', () => {
  test('reading the profile: the key is read at the same time as the row', async () => {
    const { person } = await warm()
    const { measure } = recordWaits()
    const waits = await measure(ME, { token: person.accessToken })
    expect(waits.rounds).toEqual([['DB.first', 'KEY_CACHE.get']])
  })

  // Loading the data key of a known account takes waits that an unknown address does not have. A rejected
  // sign-in must not wait for it.
  test('E1 a rejected sign-in: as many for a known address as for an unknown one', async () => {
    const { person } = await warm()
    const { env, measure } = recordWaits()
    await post('/auth/login', { email: 'nobody@example.com', password: PASSWORD }, { env })
    const unknown = await measure(LOGIN, { body: { email: 'stranger@example.com', password: PASSWORD } })
    const known = await measure(LOGIN, { body: { email: person.email, password: 'not the password' } })
    expect(known.rounds).toHaveLength(unknown.rounds.length)
  })
})

describe('the recorder itself', () => {
  test('counts a wait that depends on another, and counts calls that start together once', async () => {
    const { env, measure } = recordWaits()
    const app = {
      async fetch() {
        await Promise.all([env.SESSIONS.get('a'), env.LIMITS.get('b')])
        await env.DB.prepare('SELECT 1').first()
        return new Response()
      },
    }
    const { rounds } = await measure('/', { app })
    expect(rounds).toEqual([['LIMITS.get', 'SESSIONS.get'], ['DB.first']])
  })
})
