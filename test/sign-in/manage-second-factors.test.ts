import { env } from 'cloudflare:workers'
import { decodeJwt } from 'jose'
import { describe, expect, test, vi } from 'vitest'
import type { UserId } from '../../src/core/ids.ts'
import {
  type Call,
  call,
  get,
  newPerson,
  newProvenPerson,
  PASSWORD,
  type Person,
  post,
  signIn,
  statuses,
} from '../support/api.ts'
import { beforeBatch } from '../support/intercept-stores.ts'
import { jobContext } from '../support/job-context.ts'
import { openMailbox } from '../support/mailbox.ts'
import { grant } from '../support/operators.ts'
import { storePasskey } from '../support/passkeys.ts'
import { giveToken } from '../support/requests.ts'
import { codeOf, giveRecoveryCodes, giveTotp, turnTwoStepOn, wrongCodeOf } from '../support/second-factors.ts'
import { SIZES } from '../support/sizes.ts'
import { newAccount, providersForEachTest, signInWith, socialEnv } from '../support/social.ts'
import { actions, change, countOf, events, prove, row, rows } from '../support/stores.ts'

const ME = '/api/v1/users/me'
const as = ({ accessToken }: Pick<Person, 'accessToken'>): Call => ({ token: accessToken })

const offer = async (person: Pick<Person, 'accessToken'>) =>
  (await post('/users/me/totp/options', {}, as(person))).body as { ticket: string; secret: string; uri: string }

const add = (person: Pick<Person, 'accessToken'>, body: Record<string, unknown>, options: Call = {}) =>
  post('/users/me/totp', body, { ...as(person), ...options })

/** Adds an authenticator app over the API. */
async function enrol(person: Pick<Person, 'accessToken'>, extra: Record<string, unknown> = {}) {
  const { ticket, secret } = await offer(person)
  const answer = await add(person, { ticket, code: codeOf(secret), ...extra })
  return { ...answer, secret, code: codeOf(secret), ticket }
}

const refreshed = async ({ refreshToken }: Pick<Person, 'refreshToken'>) => {
  const { body } = await post('/auth/refresh', { refresh_token: refreshToken })
  return { accessToken: body.access_token as string, refreshToken: body.refresh_token as string }
}

const setTwoStep = (person: Pick<Person, 'accessToken'>, enabled: boolean, options: Call = {}) =>
  call(`${ME}/two-step`, { method: 'PUT', body: { enabled }, ...as(person), ...options })

const remove = (person: Pick<Person, 'accessToken'>, options: Call = {}) =>
  call(`${ME}/totp`, { method: 'DELETE', ...as(person), ...options })

const makeCodes = (person: Pick<Person, 'accessToken'>, options: Call = {}) =>
  call(`${ME}/recovery-codes`, { method: 'POST', ...as(person), ...options })

const totp = () => row('SELECT * FROM totp_factors')

describe('adding an authenticator app', () => {
  test('stores nothing until a code confirms it, then turns two-step on and shows recovery codes once', async () => {
    const ada = await newProvenPerson()
    const before = await countOf('spent_tickets')
    const offered = await offer(ada)
    expect(new URL(offered.uri).searchParams.get('secret')).toBe(offered.secret)
    expect(offered.uri).toContain(encodeURIComponent(ada.email))
    expect([await countOf('totp_factors'), await countOf('spent_tickets')]).toEqual([0, before])

    const added = await add(ada, { ticket: offered.ticket, code: codeOf(offered.secret) })
    expect(added.status).toBe(201)
    expect(new Set(added.body.recovery_codes).size).toBe(10)
    const { body } = await get('/users/me/factors', ada.accessToken)
    expect(body).toEqual({
      two_step: { enabled: true, since: expect.any(String), due_at: null },
      password: { set: true, changed_at: expect.any(String) },
      totp: { created_at: expect.any(String) },
      recovery_codes: { left: 10, created_at: expect.any(String) },
      passkeys: [],
      user_handle: expect.any(String),
      rp_id: 'latchkey.test',
      accepted_credential_ids: [],
      user_name: ada.email,
      user_display_name: ada.email,
      reset: null,
    })
    expect(await actions()).toEqual(expect.arrayContaining(['recovery_codes.made', 'totp.added', 'two_step.enabled']))
  })

  test('leaves two-step sign-in off, and gives no codes, if asked to', async () => {
    const ada = await newProvenPerson()
    const added = await enrol(ada, { two_step: false })
    expect([added.status, added.body]).toEqual([201, {}])
    const { body } = await get('/users/me/factors', ada.accessToken)
    expect(body).toMatchObject({ two_step: { enabled: false }, recovery_codes: null })
    expect(await actions()).not.toContain('two_step.enabled')
  })

  test('M14 raises the session of the request in D1 and in KV, and the tokens after a refresh', async () => {
    const ada = await newProvenPerson()
    await enrol(ada)
    const expected = { amr: ['mfa', 'otp', 'pwd'], acr: 'aal2' }
    const [listed] = (await get('/users/me/sessions', ada.accessToken)).body.sessions
    const kept = await env.SESSIONS.get(`session:${listed.id}`, 'json')
    const again = await refreshed(ada)
    const checked = (await get('/auth/session', again.accessToken)).body
    expect([listed, decodeJwt(again.accessToken), checked]).toMatchObject([expected, expected, expected])
    expect(kept).toMatchObject({ amr: expected.amr })
  })

  test.each([
    [{}, []],
    [{ end_other_sessions: false }, ['phr']],
    [{ end_other_sessions: false, two_step: false }, ['aal1', 'aal2', 'phr']],
  ])('W17 ends the other sessions as asked: %j leaves %j', async (extra, left) => {
    const ada = await newProvenPerson()
    const newest = 'WHERE id = (SELECT id FROM sessions ORDER BY created_at DESC, rowid DESC LIMIT 1)'
    for (let at = 0; at < 2; at++) await signIn(ada.email)
    await change(`UPDATE sessions SET amr = '["mfa","otp","pwd"]' ${newest}`)
    await signIn(ada.email)
    await change(`UPDATE sessions SET amr = '["pop","mfa"]', passkey_id = ? ${newest}`, await storePasskey(ada))
    await enrol(ada, extra)
    const { sessions } = (await get('/users/me/sessions', ada.accessToken)).body
    const others = sessions.filter(({ current }: { current: boolean }) => !current)
    expect(others.map(({ acr }: { acr: string }) => acr).sort()).toEqual(left)
  })

  test.each([
    [{}, 1],
    [{ end_other_sessions: false }, 2],
  ])('voids a pending change of the address together with the sessions: %j', async (extra, left) => {
    const [ada, grace] = [await newProvenPerson(), await newProvenPerson()]
    for (const person of [ada, grace]) await giveToken(person, 'change', `new-${person.email}`)
    await enrol(ada, extra)
    const usable = await rows("SELECT user_id FROM one_time_tokens WHERE purpose = 'change' AND consumed_at IS NULL")
    expect(usable).toHaveLength(left)
    expect(usable).toContainEqual({ user_id: grace.id })
  })

  test('M4 takes six ASCII digits only', async () => {
    const ada = await newProvenPerson()
    const { ticket, secret } = await offer(ada)
    const code = codeOf(secret)
    const fullWidth = code.replace(/\d/g, (digit) => String.fromCharCode(0xff10 + Number(digit)))
    for (const typed of [`${code.slice(0, 3)} ${code.slice(3)}`, ` ${code}`, fullWidth, code.slice(1), `${code}0`])
      expect((await add(ada, { ticket, code: typed })).status, typed).toBe(422)
    expect((await add(ada, { ticket, code })).status).toBe(201)
  })

  test.each([0, 1])('M4 takes a code that is %i steps off, and no other, with that drift', async (drift) => {
    const now = Math.floor(Date.now() / 30_000) * 30_000 + 10_000
    vi.setSystemTime(now)
    const ada = await newProvenPerson()
    const using = { env: { ...env, TOTP_DRIFT_STEPS: String(drift) } }
    const results: number[] = []
    for (const step of [-2, -1, 0, 1, 2]) {
      const { ticket, secret } = await offer(ada)
      results.push((await add(ada, { ticket, code: codeOf(secret, step), two_step: false }, using)).status)
    }
    expect(results).toEqual(drift === 0 ? [401, 401, 201, 401, 401] : [401, 201, 201, 201, 401])
    vi.useRealTimers()
  })

  test('refuses a wrong code, and a ticket of another session, another person or another kind', async () => {
    const [ada, eve] = [await newProvenPerson(), await newProvenPerson()]
    const { ticket, secret } = await offer(ada)
    const second = await signIn(ada.email)
    const refused = [
      await add(ada, { ticket, code: wrongCodeOf(secret) }),
      await add(eve, { ticket, code: codeOf(secret) }),
      await add(second, { ticket, code: codeOf(secret) }),
      await add(ada, { ticket: ada.refreshToken, code: codeOf(secret) }),
      await add(ada, { ticket: `${ticket.slice(0, -2)}AA`, code: codeOf(secret) }),
    ]
    for (const answer of refused) expect([answer.status, answer.body.code]).toEqual([401, 'invalid_second_factor'])
    expect(await countOf('totp_factors')).toBe(0)
    expect((await add(ada, { ticket, code: codeOf(secret) })).status).toBe(201)
  })

  test('refuses a ticket from its last millisecond on', async () => {
    const now = Date.now()
    vi.setSystemTime(now)
    const ada = await newProvenPerson()
    const { ticket, secret } = await offer(ada)
    vi.setSystemTime(now + 600_000)
    const fresh = await post('/auth/step-up', { password: PASSWORD }, as(await refreshed(ada)))
    const late = await add({ accessToken: fresh.body.access_token }, { ticket, code: codeOf(secret) })
    expect(late.body.code).toBe('invalid_second_factor')
    vi.useRealTimers()
  })

  test.each(SIZES)('M5 adds once of %i requests with one ticket', async (size) => {
    const ada = await newProvenPerson()
    const { ticket, secret } = await offer(ada)
    const racing = await Promise.all(
      Array.from({ length: size }, () => add(ada, { ticket, code: codeOf(secret), end_other_sessions: false })),
    )
    expect(statuses(racing)).toEqual({ 201: 1, 401: size - 1 })
    expect([await countOf('totp_factors'), await countOf('recovery_codes')]).toEqual([1, 10])
    expect(await events('totp.added')).toHaveLength(1)
    expect((await add(ada, { ticket, code: codeOf(secret) })).body.code).toBe('step_up_required')
  })

  test.each(SIZES)('M5 refuses the other requests for the used ticket alone, of %i', async (size) => {
    const ada = await newProvenPerson()
    const { ticket, secret } = await offer(ada)
    const body = { ticket, code: codeOf(secret), two_step: false }
    const racing = await Promise.all(Array.from({ length: size }, () => add(ada, body)))
    expect(statuses(racing)).toEqual({ 201: 1, 401: size - 1 })
    const codes = new Set(racing.map(({ body }) => body.code))
    expect(codes).toEqual(new Set([undefined, 'invalid_second_factor']))
    expect((await events('totp.replaced')).length).toBe(0)
  })

  test.each(SIZES)('M7 leaves one factor and one set of codes after %i with tickets of their own', async (size) => {
    const ada = await newProvenPerson()
    const offers = await Promise.all(Array.from({ length: size }, () => offer(ada)))
    const racing = await Promise.all(
      offers.map(({ ticket, secret }) => add(ada, { ticket, code: codeOf(secret), two_step: false })),
    )
    expect(statuses(racing)).toEqual({ 201: size })
    expect(await countOf('totp_factors')).toBe(1)
    expect([(await events('totp.added')).length, (await events('totp.replaced')).length]).toEqual([1, size - 1])
  })

  test.each(SIZES)(
    'M10 turns two-step on for one of %i sessions below it, and the others are refused',
    async (size) => {
      const ada = await newProvenPerson()
      const offers = await Promise.all(Array.from({ length: size }, () => offer(ada)))
      const racing = await Promise.all(offers.map(({ ticket, secret }) => add(ada, { ticket, code: codeOf(secret) })))
      expect(statuses(racing)).toEqual({ 201: 1, 401: size - 1 })
      expect(await countOf('recovery_codes')).toBe(10)
      const refused = racing.find(({ status }) => status === 401)
      expect(refused?.headers.get('www-authenticate')).toContain('acr_values="aal2"')
    },
  )

  test('does nothing for a session that ends between the two waits', async () => {
    const ada = await newProvenPerson()
    const { ticket, secret } = await offer(ada)
    const using = beforeBatch(1, () => change('UPDATE sessions SET revoked_at = 1'))
    const refused = await add(ada, { ticket, code: codeOf(secret) }, { env: using })
    expect(refused.body.code).toBe('invalid_access_token')
    expect([await countOf('totp_factors'), await countOf('spent_tickets')]).toEqual([0, 0])
  })
})

describe('replacing an authenticator app', () => {
  test('M7 keeps the old one until the new one is confirmed, and ends it then', async () => {
    const ada = await newProvenPerson()
    const old = await enrol(ada, { two_step: false })
    const { ticket, secret } = await offer(ada)
    await change('UPDATE totp_factors SET failures = 7')
    const stored = await totp()
    expect((await add(ada, { ticket, code: wrongCodeOf(secret) })).status).toBe(401)
    expect(await totp()).toEqual(stored)
    expect((await add(ada, { ticket, code: codeOf(secret) })).status).toBe(201)
    expect((await totp()).secret_enc).not.toBe(stored.secret_enc)
    // Nobody has guessed codes of the new secret.
    expect((await totp()).failures).toBe(0)
    expect(old.secret).not.toBe(secret)
    expect(await events('totp.replaced')).toHaveLength(1)
  })

  test('keeps codes that can be used, and mails the owner', async () => {
    const [ada, box] = [await newProvenPerson(), openMailbox()]
    const first = await enrol(ada)
    await box.collect()
    const again = await refreshed(ada)
    const { ticket, secret } = await offer(again)
    const replaced = await add(again, { ticket, code: codeOf(secret) }, { env: box.env })
    expect([replaced.status, replaced.body]).toEqual([201, {}])
    expect(first.body.recovery_codes).toHaveLength(10)
    expect(await countOf('recovery_codes')).toBe(10)
    const mails = await rows("SELECT template FROM mail_jobs WHERE template <> 'verify-email' ORDER BY id")
    expect(mails.map(({ template }) => template)).toEqual(['two-step-enabled', 'totp-replaced'])
  })
})

describe('recovery codes', () => {
  test('M9 are stored as hashes alone, and a new set ends the old one', async () => {
    const ada = await newProvenPerson()
    const { body: first } = await enrol(ada)
    const hashes = await rows('SELECT code_hash FROM recovery_codes')
    const text = JSON.stringify(await rows('SELECT * FROM recovery_codes'))
    for (const code of first.recovery_codes) expect(text).not.toContain(code.replaceAll('-', ''))
    const made = await makeCodes(await refreshed(ada))
    expect([made.status, made.body.recovery_codes.length]).toEqual([201, 10])
    const after = (await rows('SELECT code_hash FROM recovery_codes')).map(({ code_hash }) => code_hash)
    expect(after).toHaveLength(10)
    for (const { code_hash } of hashes) expect(after).not.toContain(code_hash)
  })

  test.each(SIZES)('M9 are one whole set after %i requests at once', async (size) => {
    const ada = await newProvenPerson()
    await giveTotp(ada)
    const racing = await Promise.all(Array.from({ length: size }, () => makeCodes(ada)))
    expect(statuses(racing)).toEqual({ 201: size })
    const stored = await rows('SELECT DISTINCT created_at FROM recovery_codes')
    expect([await countOf('recovery_codes'), stored.length]).toEqual([10, 1])
    expect(await events('recovery_codes.made')).toHaveLength(size)
  })

  test('are not given to an account without a second factor', async () => {
    const refused = await makeCodes(await newProvenPerson())
    expect([refused.status, refused.body.code]).toEqual([409, 'no_factor'])
    expect(await countOf('recovery_codes')).toBe(0)
  })
})

describe('two-step sign-in', () => {
  test('is turned on with a second factor only, ends sessions of one factor, and gives codes', async () => {
    const ada = await newProvenPerson()
    expect((await setTwoStep(ada, true)).body.code).toBe('no_factor')
    await giveTotp(ada)
    const other = await signIn(ada.email)
    const on = await setTwoStep(ada, true)
    expect(on).toMatchObject({ status: 200, body: { two_step: { enabled: true } } })
    expect(on.body.recovery_codes).toHaveLength(10)
    expect((await get('/users/me', other.accessToken)).status).toBe(401)
    expect((await get('/users/me', ada.accessToken)).status).toBe(200)
  })

  test('is turned off by a session of two factors, and keeps the factors', async () => {
    const ada = await newProvenPerson()
    await enrol(ada)
    const again = await refreshed(ada)
    expect((await setTwoStep(again, true)).body).toEqual({ two_step: expect.objectContaining({ enabled: true }) })
    const off = await setTwoStep(again, false)
    expect(off).toMatchObject({ status: 200, body: { two_step: { enabled: false, since: null } } })
    expect([await countOf('totp_factors'), await countOf('recovery_codes')]).toEqual([1, 10])
    await setTwoStep(again, false)
    expect(await events('two_step.disabled')).toHaveLength(1)
  })

  test('cannot be turned off while a rule or an operator requires it, even from a later day on', async () => {
    const ada = await newProvenPerson()
    await enrol(ada)
    await change("UPDATE users SET two_step_due_at = ?, two_step_due_by = 'operator'", Date.now() + 1_000_000)
    const again = await refreshed(ada)
    const refused = await setTwoStep(again, false)
    expect([refused.status, refused.body.code]).toEqual([409, 'factor_required'])
    expect((await row('SELECT two_step_at FROM users')).two_step_at).not.toBeNull()
  })

  test('is turned off by the owner whom an import required to set up a factor', async () => {
    const ada = await newProvenPerson()
    await enrol(ada)
    await change('UPDATE users SET two_step_due_at = 1')
    const { status, body } = await setTwoStep(await refreshed(ada), false)
    expect([status, body.two_step]).toEqual([200, { enabled: false, since: null, due_at: null }])
    expect((await signIn(ada.email)).accessToken).toBeTypeOf('string')
  })

  test.each([
    ['roles', 'admin', 409],
    ['roles', 'support', 200],
    ['everyone', 'support', 409],
    ['none', 'admin', 200],
  ])(
    'M11 under %s the holder of the role %s, who has no date yet, is answered %i for turning it off',
    async (TWO_STEP_REQUIRED, role, status) => {
      const ada = await newProvenPerson()
      await enrol(ada)
      await grant(ada, role)
      const refused = await setTwoStep(await refreshed(ada), false, { env: { ...env, TWO_STEP_REQUIRED } as Env })
      expect([refused.status, refused.body.code]).toEqual([status, status === 409 ? 'factor_required' : undefined])
      expect((await row('SELECT two_step_at FROM users')).two_step_at === null).toBe(status === 200)
    },
  )

  test('M11 stays on if the role is granted while the request that turns it off runs', async () => {
    const ada = await newProvenPerson()
    await enrol(ada)
    const using = beforeBatch(1, () => grant(ada, 'admin'), { TWO_STEP_REQUIRED: 'roles' })
    expect((await setTwoStep(await refreshed(ada), false, { env: using })).body.code).toBe('factor_required')
    expect((await row('SELECT two_step_at FROM users')).two_step_at).not.toBeNull()
  })

  test.each(SIZES)('M10 is turned on once by %i requests at once', async (size) => {
    const ada = await newProvenPerson()
    await giveTotp(ada)
    const racing = await Promise.all(Array.from({ length: size }, () => setTwoStep(ada, true)))
    expect(statuses(racing)).toEqual({ 200: 1, 401: size - 1 })
    expect([(await events('two_step.enabled')).length, await countOf('recovery_codes')]).toEqual([1, 10])
  })
})

describe('a change of second factors', () => {
  test('leaves those of another person alone', async () => {
    const [grace, ada] = [await newProvenPerson(), await newProvenPerson()]
    await giveTotp(grace)
    await giveRecoveryCodes(grace)
    await change('UPDATE recovery_codes SET used_at = 1 WHERE code_hash = (SELECT min(code_hash) FROM recovery_codes)')
    const belongings = () =>
      Promise.all(
        ['totp_factors', 'recovery_codes', 'sessions'].map((table) =>
          rows(`SELECT * FROM ${table} WHERE user_id = ? ORDER BY 1, 2`, grace.id),
        ),
      )
    const before = await belongings()
    expect((await remove(ada)).status).toBe(404)
    await enrol(ada)
    const again = await refreshed(ada)
    const made = await makeCodes(again)
    const { ticket, secret } = await offer(again)
    const replaced = await add(again, { ticket, code: codeOf(secret) })
    const off = await setTwoStep(again, false)
    const on = await setTwoStep(again, true)
    await setTwoStep(again, false)
    const answers = [made, replaced, off, on, await remove(again)]
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 200, 200, 204])
    expect(await belongings()).toEqual(before)
    expect(await row('SELECT two_step_at FROM users WHERE id = ?', grace.id)).toEqual({ two_step_at: null })
  })

  const changes: Readonly<
    Record<string, (person: Pick<Person, 'accessToken'>, options: Call) => ReturnType<typeof call>>
  > = {
    'removing the app': remove,
    'making recovery codes': makeCodes,
    'turning two-step on': (person, options) => setTwoStep(person, true, options),
  }

  test.each(Object.entries(changes))('does nothing for a session that ends meanwhile: %s', async (_, act) => {
    const ada = await newProvenPerson()
    await giveTotp(ada)
    const refused = await act(ada, { env: beforeBatch(1, () => change('UPDATE sessions SET revoked_at = 1')) })
    expect([refused.status, refused.body.code]).toEqual([401, 'invalid_access_token'])
    expect([await countOf('totp_factors'), await countOf('recovery_codes')]).toEqual([1, 0])
    expect(await row('SELECT two_step_at FROM users')).toEqual({ two_step_at: null })
  })

  test.each(Object.entries(changes))('does nothing for a person who was erased: %s', async (_, act) => {
    const ada = await newProvenPerson()
    await giveTotp(ada)
    await (await jobContext()).vault.destroy([ada.id as UserId])
    const refused = await act(ada, { env: { ...env } })
    expect([refused.status, refused.body.code]).toEqual([401, 'invalid_access_token'])
    expect([await countOf('totp_factors'), await countOf('recovery_codes')]).toEqual([1, 0])
    expect(await row('SELECT two_step_at FROM users')).toEqual({ two_step_at: null })
  })

  test('does nothing for a session that ends meanwhile: turning two-step off', async () => {
    const ada = await newProvenPerson()
    await enrol(ada)
    const ending = beforeBatch(1, () => change('UPDATE sessions SET revoked_at = 1'))
    expect((await setTwoStep(await refreshed(ada), false, { env: ending })).status).toBe(401)
    expect((await row('SELECT two_step_at FROM users')).two_step_at).not.toBeNull()
  })

  test('gives new recovery codes in place of those that are all used', async () => {
    const ada = await newProvenPerson()
    await giveTotp(ada)
    await giveRecoveryCodes(ada)
    await change('UPDATE recovery_codes SET used_at = 1')
    expect((await setTwoStep(ada, true)).body.recovery_codes).toHaveLength(10)
    expect(await row('SELECT count(*) AS n, count(used_at) AS used FROM recovery_codes')).toEqual({ n: 10, used: 0 })
  })
})

describe('removing the authenticator app', () => {
  test('W17 ends the other sessions that have proven it, for example on the lost phone', async () => {
    const ada = await newProvenPerson()
    const [phone, laptop] = [await signIn(ada.email), await signIn(ada.email)]
    await enrol(phone, { two_step: false, end_other_sessions: false })
    expect((await remove(ada)).status).toBe(204)
    const sessions = [phone, laptop, ada].map(async ({ accessToken }) => (await get('/users/me', accessToken)).status)
    expect(await Promise.all(sessions)).toEqual([401, 200, 200])
  })

  test('takes the recovery codes with it', async () => {
    const ada = await newProvenPerson()
    expect((await remove(ada)).status).toBe(404)
    await enrol(ada)
    const again = await refreshed(ada)
    const refused = await remove(again)
    expect([refused.status, refused.body.code]).toEqual([409, 'factor_required'])
    await setTwoStep(again, false)
    expect((await remove(again)).status).toBe(204)
    expect([await countOf('totp_factors'), await countOf('recovery_codes')]).toEqual([0, 0])
    expect(await events('totp.removed')).toHaveLength(1)
  })

  test('is refused if two-step is turned on meanwhile', async () => {
    const ada = await newProvenPerson()
    await giveTotp(ada)
    const refused = await remove(ada, { env: beforeBatch(1, () => turnTwoStepOn(ada)) })
    expect(refused.status).toBe(401)
    expect(await countOf('totp_factors')).toBe(1)
  })

  test.each(SIZES)('removes once of %i requests, also beside one that turns two-step on', async (size) => {
    const ada = await newProvenPerson()
    await giveTotp(ada)
    const racing = await Promise.all([
      ...Array.from({ length: size }, () => remove(ada)),
      setTwoStep(ada, true, { env: { ...env } }),
    ])
    const isOn = (await row('SELECT two_step_at FROM users')).two_step_at !== null
    // Two-step sign-in is never on without a factor.
    expect(await countOf('totp_factors')).toBe(isOn ? 1 : 0)
    expect(racing.filter(({ status }) => status === 204)).toHaveLength(isOn ? 0 : 1)
  })
})

describe('M10 a password-only step-up of an account with two-step sign-in', () => {
  const changes: Readonly<Record<string, (person: Pick<Person, 'accessToken'>) => ReturnType<typeof call>>> = {
    'removing the authenticator app': (person) => remove(person),
    'making recovery codes': (person) => makeCodes(person),
    'turning two-step off': (person) => setTwoStep(person, false),
    'beginning to replace the app': (person) => post('/users/me/totp/options', {}, as(person)),
    'replacing the app': (person) => add(person, { ticket: 'v2.x.y', code: '123456' }),
    'changing the password': (person) =>
      post('/users/me/password', { current_password: PASSWORD, new_password: 'another horse battery' }, as(person)),
    'changing the address': (person) => post('/users/me/email', { new_email: 'other@example.com' }, as(person)),
  }

  test.each(Object.entries(changes))('does not suffice: %s', async (_, act) => {
    const ada = await newProvenPerson()
    await giveTotp(ada)
    await turnTwoStepOn(ada)
    const stored = await rows('SELECT * FROM totp_factors')
    const refused = await act(ada)
    expect([refused.status, refused.body.code]).toEqual([401, 'step_up_required'])
    expect(refused.headers.get('www-authenticate')).toContain('acr_values="aal2"')
    expect(await rows('SELECT * FROM totp_factors')).toEqual(stored)
  })
})

describe('M12 second factors', () => {
  const providers = providersForEachTest()

  async function withFactors(extra: Call = {}) {
    const ada = await newPerson({}, extra)
    await giveTotp(ada)
    await giveRecoveryCodes(ada)
    await turnTwoStepOn(ada)
    return ada
  }
  const left = async () => [await countOf('totp_factors'), await countOf('recovery_codes')]

  /** The proofs of a mailbox. */
  const proofs: Readonly<Record<string, (person: Person) => Promise<unknown>>> = {
    'a reset by mail': async (person) => {
      const token = await giveToken(person, 'reset')
      await post('/auth/reset-password/confirm', { token, new_password: 'another horse battery staple' })
    },
    'a mailed link that restores': async (person) => {
      await change("UPDATE users SET status = 'deleted', deleted_at = 1, purge_after = ?", Date.now() + 1_000_000)
      await post('/auth/restore', { token: await giveToken(person, 'recover') })
    },
    'a provider': ({ email }) => signInWith(providers, 'acme', newAccount({ email }), { env: socialEnv() }),
  }

  test.each(Object.entries(proofs))('end with the first proof of the mailbox, by %s', async (_, proveMailbox) => {
    const ada = await withFactors()
    await proveMailbox(ada)
    expect(await row('SELECT is_verified, two_step_at FROM users')).toEqual({ is_verified: 1, two_step_at: null })
    expect(await left()).toEqual([0, 0])
  })

  test.each(Object.entries(proofs))('stay at a later one, by %s', async (_, proveMailbox) => {
    const ada = await withFactors()
    await prove(ada)
    await proveMailbox(ada)
    expect((await row('SELECT two_step_at FROM users')).two_step_at).not.toBeNull()
    expect(await left()).toEqual([1, 10])
  })
})
