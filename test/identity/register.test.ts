import { afterEach, describe, expect, test, vi } from 'vitest'
import { burst, PASSWORD, post, statuses } from '../support/api.ts'
import { listenToConsole } from '../support/console.ts'
import { failing, failingAt } from '../support/intercept-stores.ts'
import { appOfTestUsers } from '../support/passwords.ts'
import { SIZES } from '../support/sizes.ts'
import { countOf, databaseText, events, keyOwners, row } from '../support/stores.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

const register = (body: Record<string, unknown>, options = {}) =>
  post('/auth/register', { email: 'ada@example.com', password: PASSWORD, ...body }, options)

const SPELLINGS = [
  'ada@bücher.example',
  'ADA@BÜCHER.example',
  ' Ada@xn--bcher-kva.example ',
  'ada@bu\u0308cher.EXAMPLE',
  'aDa@ｂücher．example',
]

describe('registration', () => {
  test('D1 answers 201 with a location, and stores no member in readable form', async () => {
    const canary = {
      email: 'canary.mail@canary-domain.example',
      full_name: 'Canary Name',
      phone_number: '+4915112345678',
    }
    const answer = await register({ ...canary, preferences: { theme: 'canary-theme' } })
    expect(answer.status).toBe(201)
    expect(answer.headers.get('location')).toBe('/api/v1/users/me')
    expect(answer.body).toEqual({ id: expect.any(String), message: 'User registered successfully.' })
    expect(await keyOwners()).toEqual([answer.body.id])
    const stored = await databaseText()
    for (const value of [/canary/i, /4915112345678/, /203\.0\.113/, PASSWORD]) expect(stored).not.toMatch(value)
  })

  test('P4 gives two people with the same password different hashes', async () => {
    await register({ email: 'ada@example.com' })
    await register({ email: 'bob@example.com' })
    const { n } = await row('SELECT count(DISTINCT password_hash) AS n FROM credentials')
    expect(n).toBe(2)
  })

  test('A5 refuses a known address in any spelling with 409 and stores nothing of the second', async () => {
    const first = await register({ email: SPELLINGS[0] })
    const second = await register({ email: SPELLINGS[4] })
    expect(second).toMatchObject({ status: 409, body: { code: 'email_taken' } })
    expect(await keyOwners()).toEqual([first.body.id])
    expect(await countOf('users')).toBe(1)
  })

  test.each(SIZES)('A5 U1 registers one address once when %i spellings arrive at once', async (size) => {
    const answers = await burst(size, (i) =>
      register({ email: SPELLINGS[i % SPELLINGS.length] }, { app: appOfTestUsers }),
    )
    expect(statuses(answers)).toEqual({ 201: 1, 409: size - 1 })
    const winner = answers.find(({ status }) => status === 201)?.body.id
    expect(await row('SELECT id FROM users')).toEqual({ id: winner })
    expect(await row('SELECT user_id FROM credentials')).toEqual({ user_id: winner })
    expect(await row('SELECT user_id FROM user_profiles')).toEqual({ user_id: winner })
    expect(await events('user.registered')).toMatchObject([{ outcome: 'success', subject_id: winner }])
    expect(await events('user.registration_refused')).toHaveLength(size - 1)
    expect(await keyOwners()).toEqual([winner])
  })

  test.each([
    ['no password', { password: undefined }, '/password'],
    ['a password of 7 characters', { password: 'abcdef7' }, '/password'],
    ['a common password', { password: 'Superman' }, '/password'],
    ['a password of 1,025 bytes', { password: 'x'.repeat(1025) }, '/password'],
    ['a password that is the address', { password: 'ada@example.com' }, '/password'],
    ['a password that is the name', { password: 'lovelace1', full_name: 'Ada Lovelace' }, '/password'],
    ['a password with a lone surrogate', { password: 'long enough \ud800' }, '/password'],
    ['an address list', { email: 'a@example.com,b@example.com' }, '/email'],
    ['two at signs', { email: 'a@example.com@example.org' }, '/email'],
    ['a full-width at sign', { email: 'ada＠example.com' }, '/email'],
    ['a comment', { email: 'ada(x)@example.com' }, '/email'],
    ['a display name', { email: 'Ada <ada@example.com>' }, '/email'],
    ['a header injection', { email: 'ada@example.com\r\nBcc: eve@example.com' }, '/email'],
    ['255 bytes of address', { email: `a@${'b'.repeat(60)}.${'c.'.repeat(95)}com` }, '/email'],
    ['an address that is a number', { email: 7 }, '/email'],
    ['an unknown member', { role: 'admin' }, '/role'],
    ['a status', { status: 'active' }, '/status'],
    ['an id', { id: crypto.randomUUID() }, '/id'],
    ['is_verified', { is_verified: true }, '/is_verified'],
    ['a national phone number', { phone_number: '0151 1234' }, '/phone_number'],
    ['a name with NUL', { full_name: 'a\0b' }, '/full_name'],
    ['preferences over 8 KiB', { preferences: { a: 'x'.repeat(8192) } }, '/preferences'],
  ])('A2 A5 P1 P3 refuses %s with 422 that points at the member, and stores nothing', async (_, body, pointer) => {
    const answer = await register(body)
    expect(answer).toMatchObject({ status: 422, body: { code: 'validation_failed', errors: [{ pointer }] } })
    expect(await countOf('users')).toBe(0)
    expect(await countOf('audit_events')).toBe(0)
    expect(await keyOwners()).toEqual([])
  })
})

describe('registration while a store fails', () => {
  test.each([
    ['500', 'D1_ERROR: near "canary.sql": syntax error: SQLITE_ERROR'],
    ['503', 'D1_ERROR: Network connection lost, canary.sql'],
  ])('H3 H6 answers %s without internals when D1 fails, and keeps the key for the job', async (status, message) => {
    const output = listenToConsole()
    const body = { email: 'canary@example.com', full_name: 'Canary Name' }
    const answer = await register(body, { env: failingAt('DB.batch', 2, message) })
    expect(String(answer.status)).toBe(status)
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8')
    expect(JSON.stringify(answer.body)).not.toMatch(/canary|SQLITE|D1_|batch/i)
    expect(output.text()).toContain(answer.body.request_id)
    expect(output.text()).not.toMatch(/canary|Network|syntax/i)
    expect(await countOf('users')).toBe(0)
    expect(await keyOwners()).toHaveLength(1)
  })

  test('H6 answers 503 and writes no row when the vault is down', async () => {
    const answer = await register({}, { env: failing((call) => call.startsWith('VAULT'), 'canary') })
    expect(answer).toMatchObject({ status: 503, body: { code: 'unavailable' } })
    expect(answer.headers.get('retry-after')).toBe('5')
    expect(await countOf('users')).toBe(0)
    expect(await countOf('audit_events')).toBe(0)
  })

  test('H6 registers while KV is down', async () => {
    const answer = await register({}, { env: failing((call) => /^(KEY_CACHE|SESSIONS|LIMITS)/.test(call), 'canary') })
    expect(answer.status).toBe(201)
    expect(await keyOwners()).toEqual([answer.body.id])
  })
})
