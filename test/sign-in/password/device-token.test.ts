import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, test, vi } from 'vitest'
import {
  type Answer,
  burst,
  type Call,
  call,
  newPerson,
  PASSWORD,
  type Person,
  post,
  statuses,
} from '../../support/api.ts'
import { openMailbox, tokenIn } from '../../support/mailbox.ts'
import { plainPasswords } from '../../support/passwords.ts'
import { envWithKeys } from '../../support/root-keys.ts'
import { change, counts, events, row, rows } from '../../support/stores.ts'
import { recordWaits } from '../../support/waits.ts'

afterEach(() => {
  vi.useRealTimers()
})

const ORIGIN = 'https://latchkey.test'
const NEW_PASSWORD = 'another horse battery staple'
const { app, compared } = plainPasswords()

let requests = 0
/** Each request has its own IP address: these tests are about the lockout, not about the network's quota. */
const elsewhere = () => ({ 'cf-connecting-ip': `198.51.${(++requests >> 8) & 0xff}.${requests & 0xff}` })

interface SignIn extends Call {
  readonly deviceToken?: string | undefined
  readonly members?: object
}

const login = (email: string, password: string, { deviceToken, members, ...options }: SignIn = {}) =>
  post(
    '/auth/login',
    { email, password, ...(deviceToken !== undefined && { device_token: deviceToken }), ...members },
    { app, ...options, headers: { ...elsewhere(), ...options.headers } },
  )

const guess = (email: string, times: number, options: SignIn = {}) => burst(times, () => login(email, 'guess', options))

/** A person who has signed in on a device. */
async function owner(options: Call = {}): Promise<Person & { readonly deviceToken: string }> {
  const person = await newPerson({}, { app, ...options })
  const { body } = await login(person.email, PASSWORD)
  return { ...person, deviceToken: body.device_token }
}

/** Sets the count of failures in a row without making the attempts. */
async function failInARow(email: string, count: number): Promise<void> {
  await guess(email, 1)
  await change('UPDATE attempts SET count = ? WHERE ends_at > ?', count, Date.now() + 29 * 86_400_000)
  await endRecentFailures()
}

/** Ends the windows of 15 minutes, of networks as well. */
async function endRecentFailures(): Promise<void> {
  await change('DELETE FROM attempts WHERE ends_at < ?', Date.now() + 29 * 86_400_000)
  await change('UPDATE attempts SET recent_count = 0, recent_ends_at = 0')
}

const inARow = () => row('SELECT count, ends_at FROM attempts WHERE ends_at > ?', Date.now() + 29 * 86_400_000)

const visible = ({ status, body, headers }: Answer) => {
  const { request_id: _, ...shown } = body
  return { status, shown, headers: [...headers].filter(([name]) => name !== 'x-request-id') }
}

describe('an account whose address gets ten wrong passwords a second from rotating IPv6 networks', () => {
  const rotating = (i: number) => ({ 'cf-connecting-ip': `2001:db8:${(i * 7).toString(16)}:${i.toString(16)}::1` })
  const attack = (email: string, seconds: number) =>
    burst(10 * seconds, (i) => login(email, 'guess', { headers: rotating(i + ++requests) }))

  test('T1 signs in with a device token, any number of times', async () => {
    const { email, deviceToken } = await owner()
    await attack(email, 2)
    expect((await login(email, PASSWORD)).status).toBe(401)
    const first = await login(email, PASSWORD, { deviceToken })
    expect(first.status).toBe(200)
    await attack(email, 1)
    expect((await login(email, PASSWORD, { deviceToken: first.body.device_token })).status).toBe(200)
    expect((await login(email, PASSWORD)).status).toBe(401)
  })

  test.each(['body', 'cookie'])('T1 signs in right after a reset, with the device token in the %s', async (place) => {
    const mailbox = openMailbox()
    const { email } = await owner({ env: mailbox.env })
    await mailbox.collect()
    await attack(email, 2)
    await post('/auth/reset-password', { email }, { env: mailbox.env })
    const body = { token: tokenIn((await mailbox.collect())[0]), new_password: NEW_PASSWORD }
    const mode = place === 'body' ? { session_mode: 'token' } : {}
    const reset = await post('/auth/reset-password/confirm', { ...body, ...mode }, { app, headers: { origin: ORIGIN } })
    await attack(email, 2)
    expect((await login(email, NEW_PASSWORD)).status).toBe(401)
    const cookie = { cookie: reset.headers.get('set-cookie')?.split(';')[0] ?? '', origin: ORIGIN }
    const shown = place === 'body' ? { deviceToken: reset.body.device_token } : { headers: cookie }
    expect(reset.status).toBe(place === 'body' ? 200 : 204)
    expect((await login(email, NEW_PASSWORD, shown)).status).toBe(200)
  })
})

describe('device tokens collected by a person who once knew the password', () => {
  test.each([2, 16])('T1 give no guess at the next password, %i at once', async (size) => {
    const mailbox = openMailbox()
    const { email } = await owner({ env: mailbox.env })
    const gathered = await Promise.all(
      Array.from({ length: size }, async () => (await login(email, PASSWORD)).body.device_token as string),
    )
    await mailbox.collect()
    await post('/auth/reset-password', { email }, { env: mailbox.env })
    const token = tokenIn((await mailbox.collect())[0])
    const reset = await post(
      '/auth/reset-password/confirm',
      { token, new_password: NEW_PASSWORD, session_mode: 'token' },
      { app },
    )
    await guess(email, 11)
    // Each one counts as no token. So the lockout of the address applies, even to the right password.
    const answers = await burst(size, (i) => login(email, NEW_PASSWORD, { deviceToken: gathered[i] }))
    expect(statuses(answers)).toEqual({ 401: size })
    expect((await login(email, NEW_PASSWORD, { deviceToken: reset.body.device_token })).status).toBe(200)
  })
})

describe('a device token', () => {
  test('is issued by a sign-in and by a restore', async () => {
    const { email, accessToken, deviceToken } = await owner()
    expect(deviceToken).toMatch(/^lk_dev_/)
    await call('/api/v1/users/me', { method: 'DELETE', token: accessToken })
    const offer = await login(email, PASSWORD)
    expect(offer.body.device_token).toBeUndefined()
    const restored = await post('/auth/restore', { token: offer.body.restore_token }, { app })
    expect(restored.body.device_token).toMatch(/^lk_dev_/)
  })

  test('is in a cookie in cookie mode, which only an allowed origin may use', async () => {
    const { email } = await owner()
    const signedIn = await login(email, PASSWORD, { members: { session_mode: 'cookie' }, headers: { origin: ORIGIN } })
    expect(signedIn.body.device_token).toBeUndefined()
    const cookie = signedIn.headers.getSetCookie().find((one) => one.startsWith('__Host-lk_dev=')) ?? ''
    expect(cookie).toMatch(/^__Host-lk_dev=lk_dev_[^;]+; Max-Age=15552000; Path=\/; HttpOnly; Secure; SameSite=Lax$/)
    await guess(email, 11)
    const [sent = ''] = cookie.split(';')
    expect((await login(email, PASSWORD, { headers: { cookie: sent, origin: 'https://evil.test' } })).status).toBe(401)
    expect((await login(email, PASSWORD, { headers: { cookie: sent } })).status).toBe(401)
    expect((await login(email, PASSWORD, { headers: { cookie: sent, origin: ORIGIN } })).status).toBe(200)
  })

  test('has SameSite=None where the session cookie has it', async () => {
    const { email } = await owner()
    const options = { env: { ...env, COOKIE_SAME_SITE: 'None' }, headers: { origin: ORIGIN } } as const
    const { headers } = await login(email, PASSWORD, { members: { session_mode: 'cookie' }, ...options })
    expect(headers.getSetCookie().find((one) => one.startsWith('__Host-lk_dev='))).toMatch(/SameSite=None/)
  })

  test('is not set for a page of a foreign origin, and a reset reports the refusal only if asked for a cookie', async () => {
    const mailbox = openMailbox()
    const { email } = await owner({ env: mailbox.env })
    await mailbox.collect()
    await post('/auth/reset-password', { email }, { env: mailbox.env })
    const body = { token: tokenIn((await mailbox.collect())[0]), new_password: NEW_PASSWORD }
    const evil = { app, headers: { origin: 'https://evil.test' } }
    const asked = await post('/auth/reset-password/confirm', { ...body, session_mode: 'cookie' }, evil)
    expect(asked).toMatchObject({ status: 403, body: { code: 'origin_not_allowed' } })
    const silent = await post('/auth/reset-password/confirm', body, evil)
    expect([silent.status, silent.headers.get('set-cookie')]).toEqual([204, null])
  })

  test('counts as none when it is wrong, expired or of another address', async () => {
    const [one, other] = [await owner(), await owner()]
    await guess(one.email, 11)
    const tokens = [other.deviceToken, `${one.deviceToken.slice(0, -2)}AA`, 'lk_dev_', '']
    for (const deviceToken of tokens) expect((await login(one.email, PASSWORD, { deviceToken })).status).toBe(401)
    vi.useFakeTimers({ now: Date.now() + 181 * 86_400_000, toFake: ['Date'] })
    await guess(one.email, 11)
    expect((await login(one.email, PASSWORD, { deviceToken: one.deviceToken })).status).toBe(401)
  })

  test('survives a rotation of the root key', async () => {
    const { email, deviceToken } = await owner()
    const rotated = envWithKeys([2, 1])
    await guess(email, 11, { env: rotated })
    expect((await login(email, PASSWORD, { env: rotated })).status).toBe(401)
    expect((await login(email, PASSWORD, { deviceToken, env: rotated })).status).toBe(200)
  })

  test('has ten attempts in 15 minutes, and then uses those of the address', async () => {
    const { email, deviceToken } = await owner()
    compared.length = 0
    await guess(email, 10, { deviceToken })
    expect((await counts()).filter((count) => count === 10)).toHaveLength(2)
    // The address still has its own ten attempts, and no failure in a row.
    expect((await login(email, 'guess', { deviceToken })).status).toBe(401)
    expect(compared).toHaveLength(11)
    expect((await login(email, PASSWORD, { deviceToken })).status).toBe(200)
    await guess(email, 20, { deviceToken })
    compared.length = 0
    expect((await login(email, PASSWORD, { deviceToken })).status).toBe(401)
    expect(compared).toEqual([])
    vi.useFakeTimers({ now: Date.now() + 15 * 60_000, toFake: ['Date'] })
    expect((await login(email, PASSWORD, { deviceToken })).status).toBe(200)
  })

  test('has a hundred attempts in all without a success', async () => {
    const { email, deviceToken } = await owner()
    await guess(email, 1, { deviceToken })
    await change('UPDATE attempts SET count = 99 WHERE ends_at > ?', Date.now() + 170 * 86_400_000)
    expect((await login(email, 'guess', { deviceToken })).status).toBe(401)
    expect(await inARow()).toMatchObject({ count: 100 })
    await guess(email, 10)
    compared.length = 0
    expect((await login(email, PASSWORD, { deviceToken })).status).toBe(401)
    expect(compared).toEqual([])
  })

  test('does not count on the address, and a success clears only the address’s failures in a row', async () => {
    const { email, deviceToken } = await owner()
    await guess(email, 4)
    await guess(email, 3, { deviceToken })
    expect((await counts()).filter((count) => count > 2)).toEqual([3, 3, 4, 4])
    expect((await login(email, PASSWORD, { deviceToken })).status).toBe(200)
    expect((await counts()).filter((count) => count > 2)).toEqual([4])
    expect(await rows('SELECT count FROM attempts WHERE recent_count = 4')).toEqual([{ count: 0 }])
  })

  test.each([2, 16])('T1 takes one attempt for each of %i concurrent wrong passwords', async (size) => {
    const { email, deviceToken } = await owner()
    compared.length = 0
    await guess(email, size, { deviceToken })
    // The device has ten attempts of its own. The rest counts on the address.
    expect(compared).toHaveLength(size)
    const onAddress = Math.max(0, size - 10)
    expect(await counts()).toEqual(
      expect.arrayContaining([size, size, ...(onAddress > 1 ? [onAddress, onAddress] : [])]),
    )
    compared.length = 0
    await guess(email, 40, { deviceToken })
    expect(compared).toHaveLength(20 - size)
  })

  test.each([2, 16])('T1 lets in all of %i concurrent right passwords', async (size) => {
    const { email, deviceToken } = await owner()
    await guess(email, 11)
    expect(statuses(await burst(size, () => login(email, PASSWORD, { deviceToken })))).toEqual({ 200: size })
  })
})

describe('a hundred failures in a row', () => {
  const addresses: [string, () => Promise<string>][] = [
    ['a known address', async () => (await owner()).email],
    ['an unknown address', async () => 'nobody@example.com'],
  ]

  test.each(addresses)('T1 lock %s until a reset, even when the window is over', async (_, find) => {
    const email = await find()
    await failInARow(email, 99)
    compared.length = 0
    await guess(email, 1)
    expect(await inARow()).toMatchObject({ count: 100 })
    const before = compared.length
    await endRecentFailures()
    expect((await login(email, PASSWORD)).status).toBe(401)
    expect(compared).toHaveLength(before)
    vi.useFakeTimers({ now: Date.now() + 29 * 86_400_000, toFake: ['Date'] })
    expect((await login(email, PASSWORD)).status).toBe(401)
    expect(compared).toHaveLength(before)
  })

  test('T1 let in a device token, which clears them', async () => {
    const { email, deviceToken } = await owner()
    await failInARow(email, 100)
    expect((await login(email, PASSWORD)).status).toBe(401)
    expect((await login(email, PASSWORD, { deviceToken })).status).toBe(200)
    expect((await login(email, PASSWORD)).status).toBe(200)
  })

  test('T1 let in a reset', async () => {
    const mailbox = openMailbox()
    const { email } = await owner({ env: mailbox.env })
    await mailbox.collect()
    await failInARow(email, 100)
    await post('/auth/reset-password', { email }, { env: mailbox.env })
    const token = tokenIn((await mailbox.collect())[0])
    await post('/auth/reset-password/confirm', { token, new_password: NEW_PASSWORD }, { app })
    expect((await login(email, NEW_PASSWORD)).status).toBe(200)
  })

  test('are counted only where a password was compared: a flood within one window counts ten', async () => {
    const { email } = await owner()
    await guess(email, 30)
    expect(await inARow()).toMatchObject({ count: 10 })
  })

  test('are cleared by a success, and 30 days after the last failure', async () => {
    const { email } = await owner()
    const start = Date.now()
    await failInARow(email, 60)
    vi.useFakeTimers({ now: start + 20 * 86_400_000, toFake: ['Date'] })
    await guess(email, 1)
    expect(await inARow()).toEqual({ count: 61, ends_at: start + 50 * 86_400_000 })
    vi.setSystemTime(start + 50 * 86_400_000)
    await guess(email, 1)
    expect(await inARow()).toMatchObject({ count: 1 })
    expect((await login(email, PASSWORD)).status).toBe(200)
    expect(await rows('SELECT * FROM attempts WHERE ends_at > ?', start + 51 * 86_400_000)).toEqual([])
  })
})

describe('E1 with and without a device token, before and after a hundred failures in a row', () => {
  const states: [string, number][] = [
    ['before', 0],
    ['after', 100],
  ]

  test.each(states)(
    'an unknown address, a wrong password and a lockout get the same answer after the same waits: %s',
    async (_, failures) => {
      const [known, locked, device] = [await owner(), await owner(), await owner()]
      for (const email of [known.email, 'nobody@example.com', device.email])
        if (failures > 0) await failInARow(email, failures)
      await guess(locked.email, 11)
      const { env: recorded, measure } = recordWaits()
      await login('warm-up@example.com', 'guess', { env: recorded })
      const asks = [
        { email: known.email },
        { email: known.email, device_token: device.deviceToken },
        { email: device.email, device_token: device.deviceToken },
        { email: 'nobody@example.com' },
        { email: 'nobody@example.com', device_token: device.deviceToken },
        { email: locked.email },
      ]
      const seen: unknown[] = []
      for (const ask of asks) {
        const answer = await post('/auth/login', { ...ask, password: 'guess' }, { app, headers: elsewhere() })
        seen.push(visible(answer))
        const { rounds } = await measure('/api/v1/auth/login', {
          app,
          body: { ...ask, password: 'guess' },
          headers: elsewhere(),
        })
        seen.push(rounds.length)
      }
      expect(new Set(seen.map((one) => JSON.stringify(one))).size).toBe(2)
      expect((await events('user.sign_in_failed')).length).toBeGreaterThan(0)
    },
  )
})
