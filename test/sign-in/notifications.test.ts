import { env } from 'cloudflare:workers'
import { afterEach, expect, test, vi } from 'vitest'
import { toBase64url } from '../../src/crypto/encoding.ts'
import { call, newPerson, PASSWORD, post } from '../support/api.ts'
import { secretOf } from '../support/keys.ts'
import { openMailbox } from '../support/mailbox.ts'
import { prove, rows } from '../support/stores.ts'

afterEach(() => {
  vi.useRealTimers()
})

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0'
const NEWER_FIREFOX = FIREFOX.replaceAll('128.0', '131.0')
const SAFARI =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15'

const templates = async () => (await rows('SELECT template FROM mail_jobs ORDER BY id')).map(({ template }) => template)

test('a sign-in from a new device is mailed to the owner with time and device, one from a known device is not', async () => {
  const mailbox = openMailbox()
  const ada = await newPerson({}, { env: mailbox.env, headers: { 'user-agent': FIREFOX } })
  await prove(ada)
  await mailbox.collect()
  const login = (userAgent: string) =>
    post(
      '/auth/login',
      { email: ada.email, password: PASSWORD },
      { env: mailbox.env, headers: { 'user-agent': userAgent } },
    )
  await login(NEWER_FIREFOX)
  expect(await mailbox.collect()).toEqual([])
  await login(SAFARI)
  const [mail] = await mailbox.collect()
  expect(mail?.to).toBe(ada.email)
  expect(mail?.text).toContain('Safari on macOS')
  expect(mail?.text).toContain(String(new Date().getUTCFullYear()))
  await login(SAFARI)
  expect(await mailbox.collect()).toEqual([])
})

test('a rotation of the root key does not make a known device new', async () => {
  const mailbox = openMailbox()
  const headers = { 'user-agent': FIREFOX }
  const ada = await newPerson({}, { env: mailbox.env, headers })
  await prove(ada)
  await mailbox.collect()
  const { ROOT_KEYS } = env as unknown as { ROOT_KEYS: string }
  const rotated = { ...mailbox.env, ROOT_KEYS: `2:${toBase64url(secretOf(2))},${ROOT_KEYS}` }
  expect((await post('/auth/login', { email: ada.email, password: PASSWORD }, { env: rotated, headers })).status).toBe(
    200,
  )
  expect(await mailbox.collect()).toEqual([])
})

test('a device is stored as a keyed fingerprint, which differs between users', async () => {
  const [ada, grace] = [
    await newPerson({}, { headers: { 'user-agent': FIREFOX } }),
    await newPerson({}, { headers: { 'user-agent': FIREFOX } }),
  ]
  const indexes = await rows('SELECT user_id, device_index FROM sessions')
  expect(indexes.map(({ user_id }) => user_id).sort()).toEqual([ada.id, grace.id].sort())
  expect(new Set(indexes.map(({ device_index }) => device_index)).size).toBe(2)
  for (const { device_index } of indexes) expect(device_index).toMatch(/^1\.[\w-]{43}$/)
})

test('a reused refresh token ends the session, and the owner is mailed once', async () => {
  const mailbox = openMailbox()
  const ada = await newPerson({}, { env: mailbox.env })
  await prove(ada)
  await mailbox.collect()
  await post('/auth/refresh', { refresh_token: ada.refreshToken })
  vi.setSystemTime(Date.now() + 11_000)
  const options = { env: mailbox.env, headers: { 'user-agent': SAFARI } }
  for (let i = 0; i < 3; i++) await post('/auth/refresh', { refresh_token: ada.refreshToken }, options)
  const mails = await mailbox.collect()
  expect(mails).toHaveLength(1)
  expect(mails[0]?.text).toContain('Safari on macOS')
})

test('a deletion and a restore are mailed to the owner', async () => {
  const mailbox = openMailbox()
  const { env } = mailbox
  const ada = await newPerson({}, { env })
  await prove(ada)
  await mailbox.collect()
  await call('/api/v1/users/me', { method: 'DELETE', token: ada.accessToken, env })
  const [deleted] = await mailbox.collect()
  expect(deleted?.text).toContain('https://latchkey.test/account/restore')
  expect(deleted?.text).not.toContain('token=')
  const offer = await post('/auth/login', { email: ada.email, password: PASSWORD }, { env })
  await post('/auth/restore', { token: offer.body.restore_token }, { env })
  expect(await mailbox.collect()).toHaveLength(1)
  expect(await templates()).toEqual(['verify-email', 'account-deleted', 'account-restored'])
})
