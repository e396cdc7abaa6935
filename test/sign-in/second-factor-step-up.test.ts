import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { burst, call, get, newProvenPerson, PASSWORD, type Person } from '../support/api.ts'
import { beforeBatch } from '../support/intercept-stores.ts'
import { codeOf, giveTotp, mfaTokenOf, prove, turnTwoStepOn, wrongCodeOf } from '../support/second-factors.ts'
import { SIZES } from '../support/sizes.ts'
import { change, countOf, events, row } from '../support/stores.ts'

beforeEach(() => {
  vi.setSystemTime(Math.floor(Date.now() / 30_000) * 30_000 + 1000)
})

afterEach(() => {
  vi.useRealTimers()
})

const refused = { status: 401, body: { code: 'invalid_second_factor' } }

const stepUp = ({ accessToken }: Person, body: object, options = {}) =>
  call('/api/v1/auth/step-up', { token: accessToken, body, ...options })

/** A person who has two-step on, and a session with one factor from before. */
async function newOwner() {
  const ada = await newProvenPerson()
  const secret = await giveTotp(ada)
  await turnTwoStepOn(ada)
  return { ada, secret }
}

describe('a step-up with a code of the authenticator app', () => {
  test('M10 M14 makes the session recent and gives it two factors, where a password does not', async () => {
    const { ada, secret } = await newOwner()
    expect(await stepUp(ada, { password: PASSWORD })).toMatchObject({
      status: 403,
      body: { code: 'second_factor_required' },
    })
    const { status, body } = await stepUp(ada, { totp: codeOf(secret) })
    expect(status).toBe(200)
    expect((await get('/auth/session', body.access_token)).body).toMatchObject({
      acr: 'aal2',
      amr: ['mfa', 'otp', 'pwd'],
    })
    const codes = await call('/api/v1/users/me/recovery-codes', { method: 'POST', token: body.access_token })
    expect(codes.status).toBe(201)
    expect((await events('session.stepped_up')).map(({ detail }) => detail.method)).toEqual(['otp'])
  })

  test('M14 makes no two factors of a code alone, in a session without a first factor', async () => {
    const { ada, secret } = await newOwner()
    await change(`UPDATE sessions SET amr = '["recovery"]' WHERE user_id = ?`, ada.id)
    expect((await stepUp(ada, { totp: codeOf(secret) })).status).toBe(200)
    expect(await row('SELECT amr FROM sessions WHERE user_id = ?', ada.id)).toEqual({ amr: '["otp","recovery"]' })
  })

  test('takes either a password or a code', async () => {
    const { ada, secret } = await newOwner()
    const both = await stepUp(ada, { password: PASSWORD, totp: codeOf(secret) })
    const formed = await stepUp(ada, { totp: '12345' })
    expect([both.status, (await stepUp(ada, {})).status, formed.status]).toEqual([422, 422, 422])
  })

  test.each(SIZES)(
    'M5 renews one session for one code, sent %i times at once, and opens none with it',
    async (size) => {
      const { ada, secret } = await newOwner()
      const token = await mfaTokenOf(ada)
      const [code, before] = [codeOf(secret), await countOf('sessions')]
      const answers = await burst(size, () => stepUp(ada, { totp: code }))
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
      // More than five losers lock the app after the winner, and then the code is not even compared.
      expect([401, 429]).toContain((await prove(token, { totp: code })).status)
      expect(await countOf('sessions')).toBe(before)
    },
  )

  test('M6 counts wrong codes on the lock of the sign-in', async () => {
    const { ada, secret } = await newOwner()
    const token = await mfaTokenOf(ada)
    for (let attempt = 0; attempt < 5; attempt += 1)
      expect(await stepUp(ada, { totp: wrongCodeOf(secret) })).toMatchObject(refused)
    expect((await stepUp(ada, { totp: codeOf(secret) })).status).toBe(429)
    expect((await prove(token, { totp: codeOf(secret) })).status).toBe(429)
  })

  test('M7 takes no code of an app that was replaced between the two waits', async () => {
    const { ada, secret } = await newOwner()
    const using = beforeBatch(2, () => change("UPDATE totp_factors SET secret_enc = 'another'"))
    expect(await stepUp(ada, { totp: codeOf(secret) }, { env: using })).toMatchObject(refused)
    expect((await row('SELECT last_step FROM totp_factors')).last_step).toBe(0)
  })

  test('counts and renews nothing for a session that has ended, or ends between the two waits', async () => {
    const { ada, secret } = await newOwner()
    const end = () => change('UPDATE sessions SET revoked_at = 1')
    expect((await stepUp(ada, { totp: codeOf(secret) }, { env: beforeBatch(2, end) })).status).toBe(401)
    expect((await row('SELECT last_step FROM totp_factors')).last_step).toBe(0)
    const { failures } = await row('SELECT failures FROM totp_factors')
    expect((await stepUp(ada, { totp: codeOf(secret) })).status).toBe(401)
    expect((await row('SELECT failures FROM totp_factors')).failures).toBe(failures)
  })
})
