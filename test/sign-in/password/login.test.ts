import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { type Answer, burst, type Call, get, newPerson, PASSWORD, post, statuses } from '../../support/api.ts'
import { beforeBatch, failing, interceptStores } from '../../support/intercept-stores.ts'
import { plainApp as app, plainPasswords, watchComparisons } from '../../support/passwords.ts'
import { actions, change, countOf, databaseText, events, row } from '../../support/stores.ts'

afterEach(() => {
  vi.useRealTimers()
})

const WINDOW_MS = 15 * 60_000
const login = (email: string, password: string, options: Call = {}) => post('/auth/login', { email, password }, options)

/** The parts of an answer that an attacker can see. */
const visible = ({ status, headers, body: { request_id, ...body } }: Answer) => ({
  status,
  headers: [...headers].filter(([name]) => name !== 'x-request-id'),
  body,
})

describe('sign-in', () => {
  test('answers with tokens and the user, and records the sign-in', async () => {
    const { id, email } = await newPerson()
    const answer = await login(email.toUpperCase(), PASSWORD)
    expect(answer.body).toEqual({
      access_token: expect.any(String),
      token_type: 'Bearer',
      device_token: expect.stringMatching(/^lk_dev_/),
      expires_in: 900,
      refresh_token: expect.stringMatching(/^lk_rt_/),
      refresh_expires_in: 7 * 86_400,
      user: { id, email, is_verified: false },
    })
    const [, event] = await events('user.signed_in')
    expect(event).toMatchObject({ actor_id: id, subject_id: id, outcome: 'success', pii_enc: expect.any(String) })
    expect(await databaseText()).not.toContain(answer.body.refresh_token)
  })

  test('E1 gives the same answer for an unknown address, a wrong password, no password and a lockout', async () => {
    const wrong = await newPerson()
    const passwordless = await newPerson()
    const locked = await newPerson()
    await change('UPDATE credentials SET password_hash = NULL WHERE user_id = ?', passwordless.id)
    await burst(10, () => login(locked.email, 'not the password'))
    const answers = [
      await login('nobody@example.com', PASSWORD),
      await login(wrong.email, 'not the password'),
      await login(passwordless.email, PASSWORD),
      await login(locked.email, PASSWORD),
    ]
    const [first, ...others] = answers.map(visible)
    expect(first).toMatchObject({ status: 401, body: { code: 'invalid_credentials' } })
    for (const other of others) expect(other).toEqual(first)
    const reasons = (await events('user.sign_in_failed')).slice(10).map(({ detail }) => detail.reason)
    expect(reasons).toEqual(['unknown_address', 'wrong_password', 'no_password', 'locked'])
  })

  test('E1 computes one hash whether the address is unknown, the password wrong or the account locked', async () => {
    const { email } = await newPerson()
    const { app, compared } = watchComparisons()
    const strict = { ...env, SIGN_IN_MAX_FAILURES: '3' }
    await login('nobody@example.com', PASSWORD, { app, env: strict })
    expect(compared).toEqual([null])
    for (let i = 0; i < 3; i++) await login(email, 'not the password', { app, env: strict })
    expect(compared.slice(1)).toEqual(Array(3).fill(expect.any(String)))
    await login(email, PASSWORD, { app, env: strict })
    expect(compared.slice(4)).toEqual([null])
  })

  test('P1 P2 accepts 256 characters, all of which count, in either Unicode normal form', async () => {
    const password = `ä 🔑${'x'.repeat(252)}y`
    const { email } = await newPerson()
    await post('/auth/register', { email: 'long@example.com', password })
    expect((await login('long@example.com', password.normalize('NFD'))).status).toBe(200)
    expect((await login('long@example.com', `${password.slice(0, -1)}z`)).status).toBe(401)
    expect((await login(email, 'x'.repeat(4097))).status).toBe(422)
  })
})

describe('the limit of failed attempts', () => {
  test('T1 compares at most 10 of 40 concurrent guesses, and then refuses the right password', async () => {
    const { email } = await newPerson()
    const { app, compared } = watchComparisons()
    const answers = await burst(40, () => login(email, 'not the password', { app }))
    expect(statuses(answers)).toEqual({ 401: 40 })
    expect(compared.filter((stored) => stored !== null)).toHaveLength(10)
    const refused = await login(email, PASSWORD, { app })
    expect(refused).toMatchObject({ status: 401, body: { code: 'invalid_credentials' } })
    expect(compared.filter((stored) => stored !== null)).toHaveLength(10)
  })

  test('T1 holds for 200 guesses from 50 IP addresses, in every spelling of the e-mail address', async () => {
    const { app, compared } = plainPasswords()
    await post('/auth/register', { email: 'ada@bücher.example', password: PASSWORD }, { app })
    const spellings = ['ada@bücher.example', 'ADA@xn--bcher-kva.example', ' ada@BÜCHER.example']
    await burst(200, (i) => {
      const headers = { 'cf-connecting-ip': `198.51.100.${i % 50}`, 'x-forwarded-for': `10.0.0.${i}` }
      return login(String(spellings[i % 3]), `guess ${i}`, { app, headers })
    })
    expect(compared).toHaveLength(10)
    // Two rows for the networks of the registration, and one for the failures of the account.
    expect(await countOf('attempts')).toBe(2 + 50 + 1)
  })

  test('T1 locks an unknown address like a known one', async () => {
    await burst(12, () => login('nobody@example.com', 'guess', { app }))
    const reasons = (await events('user.sign_in_failed')).map(({ detail }) => detail.reason)
    expect(reasons.filter((reason) => reason === 'locked')).toHaveLength(2)
  })

  test('T1 ends with the window, not before, and guessing does not extend it', async () => {
    const { email } = await newPerson({}, { app })
    const start = Date.now()
    vi.setSystemTime(start)
    await burst(10, () => login(email, 'guess', { app }))
    vi.setSystemTime(start + WINDOW_MS - 1000)
    expect((await login(email, PASSWORD, { app })).status).toBe(401)
    vi.setSystemTime(start + WINDOW_MS + 1000)
    expect((await login(email, PASSWORD, { app })).status).toBe(200)
  })

  test('T1 starts again after a success', async () => {
    const { email } = await newPerson({}, { app })
    for (let round = 0; round < 2; round++) {
      await burst(9, () => login(email, 'guess', { app }))
      expect((await login(email, PASSWORD, { app })).status).toBe(200)
      // The remaining rows count the registration and the network.
      expect(await countOf('attempts')).toBe(3)
    }
  })

  test.each([2, 11, 16, 20])('T1 lets in all of %i concurrent right passwords', async (size) => {
    const { email } = await newPerson({}, { app })
    expect(statuses(await burst(size, () => login(email, PASSWORD, { app })))).toEqual({ 200: size })
    expect(await events('user.sign_in_failed')).toEqual([])
  })

  test('T1 allows no comparison above the limit when one right password is among 100 guesses', async () => {
    const { app, compared } = plainPasswords()
    const { email } = await newPerson({}, { app })
    compared.length = 0
    const answers = await burst(100, (i) => login(email, i === 3 ? PASSWORD : 'guess', { app }))
    expect(statuses(answers)).toEqual({ 200: 1, 401: 99 })
    // Ten before the success cleared the counter, and ten after it.
    expect(compared.length).toBeLessThanOrEqual(20)
    expect(await events('user.sign_in_failed')).toHaveLength(99)
    await burst(10, () => login(email, 'guess', { app }))
    expect((await login(email, PASSWORD, { app })).status).toBe(401)
  })

  test('T2 leaves a signed-in session working', async () => {
    const person = await newPerson({}, { app })
    await burst(20, () => login(person.email, 'guess', { app }))
    expect((await get('/users/me', person.accessToken)).status).toBe(200)
    expect((await post('/auth/refresh', { refresh_token: person.refreshToken })).status).toBe(200)
  })
})

describe('the state of the account', () => {
  test('E1 reveals a suspension only after the right password', async () => {
    const { id, email } = await newPerson()
    await change("UPDATE users SET status = 'suspended' WHERE id = ?", id)
    expect(await login(email, 'not the password')).toMatchObject({ status: 401, body: { code: 'invalid_credentials' } })
    expect(await login(email, PASSWORD)).toMatchObject({ status: 403, body: { code: 'account_suspended' } })
    expect(await countOf('sessions')).toBe(1)
  })

  test('E1 reveals an unverified address only after the right password, and only if the setting requires it', async () => {
    const { id, email } = await newPerson()
    const strict = { ...env, REQUIRE_VERIFIED_EMAIL: 'true' }
    expect((await login(email, 'not the password', { env: strict })).status).toBe(401)
    expect(await login(email, PASSWORD, { env: strict })).toMatchObject({
      status: 403,
      body: { code: 'email_unverified' },
    })
    await change('UPDATE users SET is_verified = 1 WHERE id = ?', id)
    expect((await login(email, PASSWORD, { env: strict })).status).toBe(200)
  })

  test.each([
    ['a suspension', "UPDATE users SET status = 'suspended'"],
    ['a raised epoch', 'UPDATE users SET security_epoch = security_epoch + 1'],
  ])('R5 lets %s between the two batches win', async (_, statement) => {
    const { email } = await newPerson()
    const raced = beforeBatch(2, () => change(statement))
    expect((await login(email, PASSWORD, { env: raced })).status).toBe(401)
    expect(await countOf('sessions')).toBe(1)
    expect((await events('user.signed_in')).length).toBe(1)
    expect(await events('user.sign_in_failed')).toMatchObject([{ detail: { reason: 'changed_meanwhile' } }])
  })

  test('D6 refuses a person whose key was destroyed, as the vault confirms', async () => {
    const { id, email } = await newPerson()
    await env.VAULT.delete(`keys/${id}`)
    await env.KEY_CACHE.delete(`dek:${id}`)
    const answer = await login(email, PASSWORD, { env: { ...env } })
    expect(answer).toMatchObject({ status: 401, body: { code: 'invalid_credentials' } })
    expect(await events('user.sign_in_failed')).toMatchObject([{ detail: { reason: 'erased' } }])
  })
})

describe('a hash under an old cost', () => {
  const cheap = { ...env }
  const dear = { ...env, ARGON2_ITERATIONS: '3' }
  const storedHash = async () => String((await row('SELECT password_hash AS phc FROM credentials')).phc)

  test('P4 is renewed after the right password', async () => {
    const { email } = await newPerson({}, { env: cheap })
    expect((await login(email, PASSWORD, { env: dear })).status).toBe(200)
    expect(await storedHash()).toContain(',t=3,')
    expect((await login(email, PASSWORD, { env: dear })).status).toBe(200)
    expect((await actions()).filter((action) => action === 'user.password_rehashed')).toHaveLength(1)
  })

  test('P4 is renewed after the answer', async () => {
    const { email } = await newPerson({}, { env: cheap })
    const { app, hashed } = watchComparisons()
    let hashedBefore: number | undefined
    const watched: Call['app'] = {
      async fetch(...args) {
        const response = await app.fetch(...args)
        hashedBefore = hashed.length
        return response
      },
    }
    expect((await login(email, PASSWORD, { app: watched, env: dear })).status).toBe(200)
    expect(hashedBefore).toBe(0)
    expect(hashed).toHaveLength(1)
  })

  test('P4 stays, and the sign-in succeeds, if the renewal fails', async () => {
    const { email } = await newPerson({}, { env: cheap })
    let batches = 0
    const broken = interceptStores(
      (call, run) => {
        if (call === 'DB.batch' && ++batches === 3) return Promise.reject(new Error('down'))
        return run()
      },
      { ARGON2_ITERATIONS: '3' },
    )
    expect((await login(email, PASSWORD, { env: broken })).status).toBe(200)
    expect(batches).toBe(3)
    expect(await storedHash()).toContain(',t=2,')
  })

  test('P4 does not overwrite a password that was changed meanwhile', async () => {
    const { email } = await newPerson({}, { env: cheap })
    let batches = 0
    const raced = interceptStores(
      async (call, run) => {
        if (call === 'DB.batch' && ++batches === 3) await change("UPDATE credentials SET password_hash = 'newer'")
        return run()
      },
      { ARGON2_ITERATIONS: '3' },
    )
    expect((await login(email, PASSWORD, { env: raced })).status).toBe(200)
    expect(await storedHash()).toBe('newer')
    expect(await actions()).not.toContain('user.password_rehashed')
  })

  test('P5 whose cost an attacker raised above the limit matches no password and causes no error', async () => {
    const { email } = await newPerson()
    const poisoned = (await storedHash()).replace(/m=\d+,t=\d+/, 'm=99999,t=99')
    await change('UPDATE credentials SET password_hash = ?', poisoned)
    expect(await login(email, PASSWORD)).toMatchObject({ status: 401, body: { code: 'invalid_credentials' } })
  })
})

describe('sign-in while stores fail', () => {
  test('H6 works with KV and R2 down, and the event then has no device', async () => {
    const { email } = await newPerson()
    const answer = await login(email, PASSWORD, { env: failing((call) => !call.startsWith('DB'), 'down') })
    expect(answer).toMatchObject({ status: 200, body: { user: { email } } })
    const [before, after] = await events('user.signed_in')
    expect(before?.pii_enc).not.toBeNull()
    expect(after?.pii_enc).toBeNull()
    expect((await post('/auth/refresh', { refresh_token: answer.body.refresh_token })).status).toBe(200)
  })

  test('H6 gives the same refusals with KV and R2 down', async () => {
    const { email } = await newPerson()
    const down = failing((call) => !call.startsWith('DB'), 'down')
    const answers = [
      await login(email, 'not the password', { env: down }),
      await login('nobody@example.com', PASSWORD, { env: down }),
    ]
    expect(answers.map(visible)[0]).toEqual(answers.map(visible)[1])
    expect(answers[0]?.status).toBe(401)
  })

  test.each([1, 2])(
    'H3 H6 answers 503 without internals when batch %i of D1 fails, and opens no session',
    async (number) => {
      vi.spyOn(console, 'error').mockImplementation(() => undefined)
      const { email } = await newPerson()
      let batches = 0
      const broken = interceptStores((call, run) =>
        call === 'DB.batch' && ++batches === number ? Promise.reject(new Error('D1_ERROR: canary lost')) : run(),
      )
      const answer = await login(email, PASSWORD, { env: broken })
      expect(answer).toMatchObject({ status: 503, body: { code: 'unavailable' } })
      expect(JSON.stringify(answer.body)).not.toMatch(/canary|D1/)
      expect(await countOf('sessions')).toBe(1)
      vi.restoreAllMocks()
    },
  )
})
