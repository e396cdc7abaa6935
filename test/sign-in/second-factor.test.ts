import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { UserId } from '../../src/core/ids.ts'
import { clearCounters } from '../../src/rate-limits/clear-counters.ts'
import { findCounters } from '../../src/rate-limits/find-counters.ts'
import { burst, call, get, newPerson, PASSWORD, type Person, post, statuses } from '../support/api.ts'
import { beforeBatch, failing, interceptStores } from '../support/intercept-stores.ts'
import { jobContext } from '../support/job-context.ts'
import { openMailbox } from '../support/mailbox.ts'
import { giveToken } from '../support/requests.ts'
import {
  codeOf,
  giveRecoveryCodes,
  giveTotp,
  mfaTokenOf,
  prove,
  turnTwoStepOn,
  wrongCodeOf,
} from '../support/second-factors.ts'
import { SIZES } from '../support/sizes.ts'
import { change, countOf, counts, events, prove as proveMailbox, row, rows } from '../support/stores.ts'

// The clock stands near the beginning of a step, so that no code becomes another one during a test.
beforeEach(() => {
  vi.setSystemTime(Math.floor(Date.now() / 30_000) * 30_000 + 1000)
})

afterEach(() => {
  vi.useRealTimers()
})

async function newOwner(): Promise<{ ada: Person; secret: string; codes: string[] }> {
  const ada = await newPerson()
  const [secret, codes] = [await giveTotp(ada), await giveRecoveryCodes(ada)]
  await turnTwoStepOn(ada)
  return { ada, secret, codes }
}

const refused = { status: 401, body: { code: 'invalid_second_factor' } }
const failures = async () => (await row('SELECT failures FROM totp_factors')).failures
const later = (ms: number) => vi.setSystemTime(Date.now() + ms)
const openedBy = (answers: readonly { status: number }[]) => answers.filter(({ status }) => status === 200).length

describe('the second step of a sign-in', () => {
  test.each([
    ['app', ['pwd', 'otp', 'mfa']],
    ['code', ['pwd', 'recovery', 'mfa']],
  ])('M2 M14 opens a session of level aal2 that renews: %s', async (factor, amr) => {
    const { ada, secret, codes } = await newOwner()
    const typed = factor === 'app' ? { totp: codeOf(secret) } : { recovery_code: codes[0] ?? '' }
    const { status, body } = await prove(await mfaTokenOf(ada), typed)
    expect([status, body.user]).toMatchObject([200, { id: ada.id, email: ada.email }])
    // The first step has typed the address, so this device gets attempts of its own.
    expect(body.device_token).toMatch(/^lk_dev_/)
    const session = await get('/auth/session', body.access_token)
    expect(session.body).toMatchObject({ acr: 'aal2', amr })
    const refreshed = await post('/auth/refresh', { refresh_token: body.refresh_token })
    expect(refreshed.status).toBe(200)
    expect((await get('/auth/session', refreshed.body.access_token)).body).toMatchObject({ acr: 'aal2', amr })
  })

  test('M2 keeps the time of the first step: a mailed link never counts as a recent sign-in', async () => {
    const ada = await newPerson()
    const secret = await giveTotp(ada)
    await proveMailbox(ada)
    await call('/api/v1/users/me', { method: 'DELETE', token: ada.accessToken })
    await turnTwoStepOn(ada)
    const first = await post('/auth/restore', { token: await giveToken(ada, 'recover') })
    const { body } = await prove(first.body.mfa_token, { totp: codeOf(secret) })
    expect(await row('SELECT amr, auth_time FROM sessions WHERE revoked_at IS NULL')).toEqual({
      amr: '["email","otp","mfa"]',
      auth_time: 0,
    })
    expect(body.access_token).toBeDefined()
  })

  test('M1 takes its ticket nowhere else', async () => {
    const { ada } = await newOwner()
    const token = await mfaTokenOf(ada)
    expect((await get('/users/me', token)).status).toBe(401)
    expect((await post('/auth/refresh', { refresh_token: token })).status).toBe(401)
    expect((await post('/auth/restore', { token })).status).toBe(400)
    expect((await post('/auth/reset-password/confirm', { token, new_password: PASSWORD })).status).toBe(400)
  })

  test('refuses alike a wrong code, an altered, expired or spent ticket, and a changed account', async () => {
    const { ada, secret, codes } = await newOwner()
    const token = await mfaTokenOf(ada)
    expect(await prove(token, { totp: wrongCodeOf(secret) })).toMatchObject(refused)
    expect(await prove(token, { recovery_code: 'no code' })).toMatchObject(refused)
    expect(await prove(`${token.slice(0, -4)}AAAA`, { totp: codeOf(secret) })).toMatchObject(refused)
    expect((await prove(token, { totp: codeOf(secret) })).status).toBe(200)
    expect(await prove(token, { recovery_code: codes[0] ?? '' })).toMatchObject(refused)
    expect(await prove(token, { totp: codeOf(secret, 1) })).toMatchObject(refused)
    const [expired, changed] = [await mfaTokenOf(ada), await mfaTokenOf(ada)]
    await change('UPDATE users SET security_epoch = security_epoch + 1')
    expect(await prove(changed, { recovery_code: codes[1] ?? '' })).toMatchObject(refused)
    later(5 * 60_000)
    expect(await prove(expired, { recovery_code: codes[1] ?? '' })).toMatchObject(refused)
    const failed = await events('user.second_factor_failed')
    expect(failed.map(({ detail: { method, reason } }) => `${method} ${reason}`).sort()).toEqual([
      'otp ticket_spent',
      'otp wrong_code',
      'recovery changed_meanwhile',
      'recovery ticket_spent',
      'recovery wrong_code',
    ])
  })

  test.each(["status = 'suspended'", 'security_epoch = security_epoch + 1'])(
    'M3 opens no session if the account changes between the two waits: %s',
    async (assignment) => {
      const { ada, secret } = await newOwner()
      const [token, before] = [await mfaTokenOf(ada), await countOf('sessions')]
      const lastSignIn = await row('SELECT last_login_at FROM users')
      await change('DELETE FROM attempts')
      later(1000)
      const using = beforeBatch(2, () => change(`UPDATE users SET ${assignment}`))
      expect(await prove(token, { totp: codeOf(secret) }, { env: using })).toMatchObject(refused)
      expect([await countOf('sessions'), await countOf('spent_tickets')]).toEqual([before, 0])
      expect((await row('SELECT last_step FROM totp_factors')).last_step).toBe(0)
      // Another session of the account makes no sign-in of it.
      expect([await counts(), await row('SELECT last_login_at FROM users')]).toEqual([[1, 1, 1], lastSignIn])
    },
  )

  test('takes back what both steps counted for the network', async () => {
    const { ada, secret } = await newOwner()
    // The account has no other session than the one that is opened.
    await change('DELETE FROM sessions')
    await change('DELETE FROM attempts')
    await prove(await mfaTokenOf(ada), { totp: codeOf(secret) })
    expect((await row('SELECT coalesce(sum(count), 0) AS n FROM attempts')).n).toBe(0)
  })

  test('takes back no wrong passwords of the network if the first step had none', async () => {
    const [{ ada, secret }, options] = [await newOwner(), { headers: { 'cf-connecting-ip': '198.51.100.77' } }]
    await proveMailbox(ada)
    await change("UPDATE users SET status = 'deleted', deleted_at = 1, purge_after = ?", Date.now() + 1_000_000)
    await change('DELETE FROM attempts')
    const wrong = { email: 'nobody@example.com', password: PASSWORD }
    await post('/auth/login', wrong, options)
    const counted = async () => (await row('SELECT count(*) AS n FROM attempts WHERE count > 0 AND ends_at > 0')).n
    const [token, before] = [await giveToken(ada, 'recover'), await counted()]
    const first = await post('/auth/restore', { token }, options)
    expect((await prove(first.body.mfa_token, { totp: codeOf(secret) }, options)).status).toBe(200)
    expect(await counted()).toBe(Number(before) + 1)
  })
})

describe('a code', () => {
  test.each(SIZES)('M5 opens one session for one code, sent %i times at once', async (size) => {
    const { ada, secret } = await newOwner()
    const tokens = await Promise.all(Array.from({ length: 2 }, () => mfaTokenOf(ada)))
    const before = await countOf('sessions')
    const answers = await burst(size, (at) => prove(tokens[at % 2] ?? '', { totp: codeOf(secret) }))
    expect(openedBy(answers)).toBe(1)
    expect([await countOf('sessions'), await countOf('spent_tickets')]).toEqual([before + 1, 1])
  })

  test('M5 is refused again, and so is an earlier one', async () => {
    const { ada, secret } = await newOwner()
    expect((await prove(await mfaTokenOf(ada), { totp: codeOf(secret) })).status).toBe(200)
    for (const step of [0, -1])
      expect(await prove(await mfaTokenOf(ada), { totp: codeOf(secret, step) })).toMatchObject(refused)
    expect((await events('user.second_factor_failed')).map(({ detail }) => detail.reason)).toEqual([
      'used_code',
      'used_code',
    ])
    expect((await prove(await mfaTokenOf(ada), { totp: codeOf(secret, 1) })).status).toBe(200)
  })

  test.each(SIZES)('M9 uses a recovery code once, sent %i times at once', async (size) => {
    const { ada, codes } = await newOwner()
    const tokens = await Promise.all(Array.from({ length: 2 }, () => mfaTokenOf(ada)))
    const answers = await burst(size, (at) => prove(tokens[at % 2] ?? '', { recovery_code: codes[0] ?? '' }))
    expect(openedBy(answers)).toBe(1)
    expect(await prove(await mfaTokenOf(ada), { recovery_code: codes[0] ?? '' })).toMatchObject(refused)
    expect((await events('user.second_factor_failed')).map(({ detail }) => detail.reason)).toContain('used_code')
    expect(await events('recovery_code.used')).toMatchObject([{ subject_id: ada.id, detail: { left: 9 } }])
  })

  test.each(SIZES)('M9 opens one session with a ticket, and uses up one of %i recovery codes', async (size) => {
    const { ada } = await newOwner()
    const codes = [...(await giveRecoveryCodes(ada)), ...(await giveRecoveryCodes(ada))]
    const token = await mfaTokenOf(ada)
    const answers = await burst(size, (at) => prove(token, { recovery_code: codes[at % codes.length] ?? '' }))
    expect(statuses(answers)).toEqual({ 200: 1, 401: size - 1 })
    expect((await row('SELECT count(used_at) AS n FROM recovery_codes')).n).toBe(1)
  })

  test('M9 of recovery is typed in any case and without dashes, tells how many are left, and is mailed', async () => {
    const [{ ada, codes }, box, grace] = [await newOwner(), openMailbox(), await newPerson()]
    await giveTotp(grace)
    await giveRecoveryCodes(grace)
    await change('UPDATE totp_factors SET failures = 3')
    await proveMailbox(ada)
    const typed = (codes[3] ?? '').toLowerCase().replaceAll('-', ' ')
    const { body } = await prove(await mfaTokenOf(ada), { recovery_code: typed }, { env: box.env })
    expect(body.recovery_codes_left).toBe(9)
    // What belongs to another person stays as it is.
    expect(await row('SELECT failures FROM totp_factors WHERE user_id = ?', grace.id)).toEqual({ failures: 3 })
    expect(await row('SELECT count(used_at) AS n FROM recovery_codes WHERE user_id = ?', grace.id)).toEqual({ n: 0 })
    const mails = (await box.collect()).filter(({ text }) => /recovery code/i.test(text))
    expect(mails.map(({ to }) => to)).toEqual([ada.email])
    expect(mails[0]?.text).toContain('9')
  })
})

describe('wrong codes', () => {
  const guess = async (ada: Person, secret: string, times: number) => {
    const token = await mfaTokenOf(ada)
    return burst(times, (at) =>
      prove(token, { totp: wrongCodeOf(secret) }, { headers: { 'cf-connecting-ip': `198.51.100.${at}` } }),
    )
  }

  test.each(SIZES)('M6 are compared five times at most, of %i more from as many networks', async (size) => {
    const { ada, secret } = await newOwner()
    expect(statuses(await guess(ada, secret, size + 5))).toEqual({ 401: 5, 429: size })
    expect(await failures()).toBe(5)
    const reasons = (await events('user.second_factor_failed')).map(({ detail }) => detail.reason)
    expect(reasons.filter((reason) => reason === 'wrong_code')).toHaveLength(5)
  })

  test('M6 lock the app, whatever the sign-in and the network, and a recovery code ends that', async () => {
    const { ada, secret, codes } = await newOwner()
    await guess(ada, secret, 5)
    const locked = await prove(await mfaTokenOf(ada), { totp: codeOf(secret) })
    expect([locked.status, locked.headers.get('ratelimit-policy')]).toEqual([429, '"second-factor";q=5;w=900'])
    expect((await prove(await mfaTokenOf(ada), { recovery_code: codes[0] ?? '' })).status).toBe(200)
    expect(await failures()).toBe(0)
    expect((await prove(await mfaTokenOf(ada), { totp: codeOf(secret) })).status).toBe(200)
  })

  test('M6 are mailed once, and twenty a day are compared', async () => {
    const [{ ada, secret }, box] = [await newOwner(), openMailbox()]
    await proveMailbox(ada)
    for (let window = 0; window < 4; window++) {
      const token = await mfaTokenOf(ada, { env: box.env })
      for (let n = 0; n < 6; n++) await prove(token, { totp: wrongCodeOf(secret) }, { env: box.env })
      later(16 * 60_000)
    }
    expect(await failures()).toBe(20)
    const token = await mfaTokenOf(ada)
    const locked = await prove(token, { totp: codeOf(secret) })
    expect([locked.status, locked.headers.get('ratelimit-policy')]).toEqual([429, '"second-factor";q=20;w=86400'])
    const mails = await box.collect()
    expect(mails.filter(({ to }) => to === ada.email)).toHaveLength(1)
    later(24 * 3_600_000)
    expect((await prove(await mfaTokenOf(ada), { totp: codeOf(secret) })).status).toBe(200)
    expect(await failures()).toBe(0)
  })

  test('M6 are mailed to each owner, whoever else was mailed', async () => {
    const box = openMailbox()
    const owners = [await newOwner(), await newOwner()]
    for (const { ada, secret } of owners) {
      await proveMailbox(ada)
      const token = await mfaTokenOf(ada, { env: box.env })
      for (let n = 0; n < 5; n++) await prove(token, { totp: wrongCodeOf(secret) }, { env: box.env })
    }
    expect((await box.collect()).map(({ to }) => to)).toEqual(owners.map(({ ada }) => ada.email))
  })

  test('M18 fifty end the comparing, and no new password or cleared lock brings it back', async () => {
    const { ada, secret } = await newOwner()
    const token = await mfaTokenOf(ada)
    await change('UPDATE totp_factors SET failures = 50')
    await change('UPDATE credentials SET changed_at = changed_at + 1')
    await clearCounters(await jobContext(), { userId: ada.id as UserId })
    expect(await prove(token, { totp: codeOf(secret) })).toMatchObject(refused)
    expect(await events('user.second_factor_failed')).toMatchObject([{ detail: { reason: 'too_many_failures' } }])
    const first = await post('/auth/login', { email: ada.email, password: PASSWORD })
    expect(first.body.methods).toEqual(['recovery_code'])
  })

  test('M18 the fiftieth is compared', async () => {
    const { ada, secret } = await newOwner()
    const token = await mfaTokenOf(ada)
    await change('UPDATE totp_factors SET failures = 49')
    expect((await prove(token, { totp: codeOf(secret) })).status).toBe(200)
  })

  test.each(['totp', 'recovery_code'])('T5 of a network over its quota are not compared: %s', async (factor) => {
    const { ada, secret, codes } = await newOwner()
    const strict = { env: { ...env, LIMIT_FACTOR: '1' } as Env }
    const [token, other] = [await mfaTokenOf(ada), await mfaTokenOf(ada)]
    await change('DELETE FROM attempts')
    expect((await prove(other, { recovery_code: 'no code' }, strict)).status).toBe(401)
    await change('UPDATE attempts SET count = 100')
    const right = factor === 'totp' ? { totp: codeOf(secret) } : { recovery_code: codes[0] ?? '' }
    const refusedBy = await prove(token, right, strict)
    expect([refusedBy.status, refusedBy.headers.get('ratelimit-policy')]).toEqual([429, '"address";q=100;w=900'])
    expect([await failures(), await countOf('spent_tickets')]).toEqual([0, 0])
  })

  test('M6 show in the locks of an account, and an operator clears the lock and not the failures', async () => {
    const { ada, secret } = await newOwner()
    await guess(ada, secret, 5)
    const subject = { userId: ada.id as UserId }
    const locks = (await findCounters(await jobContext(), subject)).filter(({ kind }) => kind === 'lock')
    expect(locks).toMatchObject([
      { kind: 'lock', policy: 'second-factor', count: 5, isUsedUp: true },
      { kind: 'lock', policy: 'second-factor-a-day', count: 5, quota: 20, isUsedUp: false },
    ])
    expect(await clearCounters(await jobContext(), subject)).toBeGreaterThan(0)
    expect(await failures()).toBe(5)
    expect((await prove(await mfaTokenOf(ada), { totp: codeOf(secret) })).status).toBe(200)
  })

  test('M6 of strangers count nothing: without a ticket of the first step, or with a dead one', async () => {
    const { ada, secret } = await newOwner()
    const token = await mfaTokenOf(ada)
    await change('UPDATE users SET security_epoch = security_epoch + 1')
    await burst(6, () => prove(token, { totp: wrongCodeOf(secret) }))
    await burst(6, () => prove('v2.invented', { totp: wrongCodeOf(secret) }))
    expect(await failures()).toBe(0)
    expect((await prove(await mfaTokenOf(ada), { totp: codeOf(secret) })).status).toBe(200)
  })
})

test('H6 an outage of the keys is no wrong code', async () => {
  const { ada, secret } = await newOwner()
  const token = await mfaTokenOf(ada)
  const down = failing((name) => /^(VAULT|KEY_CACHE)\./.test(name))
  for (let n = 0; n < 6; n++) expect((await prove(token, { totp: codeOf(secret) }, { env: down })).status).toBe(503)
  expect(await failures()).toBe(0)
  expect((await prove(token, { totp: codeOf(secret) }, { env })).status).toBe(200)
})

test('M6 an outage takes back one failure of this account, and none that was cleared meanwhile', async () => {
  const [{ ada, secret }, grace] = [await newOwner(), await newPerson()]
  const token = await mfaTokenOf(ada)
  await giveTotp(grace)
  await change('UPDATE totp_factors SET failures = 3')
  const isKey = /^(VAULT|KEY_CACHE)\./
  const down = failing((name) => isKey.test(name))
  expect((await prove(token, { totp: codeOf(secret) }, { env: down })).status).toBe(503)
  expect(await rows('SELECT failures FROM totp_factors')).toEqual([{ failures: 3 }, { failures: 3 }])
  const cleared = beforeBatch(2, () => change('UPDATE totp_factors SET failures = 0'))
  const both = interceptStores(
    (name, run) => (isKey.test(name) ? Promise.reject(new Error('down')) : run()),
    {},
    cleared,
  )
  expect((await prove(token, { totp: codeOf(secret) }, { env: both })).status).toBe(503)
  expect(await rows('SELECT failures FROM totp_factors')).toEqual([{ failures: 0 }, { failures: 0 }])
})

test('refuses a code of an app that was removed meanwhile, or whose owner was erased', async () => {
  const { ada, secret } = await newOwner()
  const [removed, erased] = [await mfaTokenOf(ada), await mfaTokenOf(ada)]
  await (await jobContext()).vault.destroy([ada.id as UserId])
  expect(await prove(erased, { totp: codeOf(secret) }, { env: { ...env } })).toMatchObject(refused)
  await change('DELETE FROM totp_factors')
  expect(await prove(removed, { totp: codeOf(secret) })).toMatchObject(refused)
  expect((await events('user.second_factor_failed')).map(({ detail }) => detail.reason)).toEqual([
    'no_factor',
    'no_factor',
  ])
})
