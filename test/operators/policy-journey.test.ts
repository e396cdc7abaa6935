import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { mailCodeOf } from '../../src/crypto/mail-code.ts'
import { openTicket } from '../../src/crypto/ticket.ts'
import { resetDueFactors } from '../../src/identity/factor-reset/reset-due-factors.ts'
import { call, get, newPerson, PASSWORD, type Person, post } from '../support/api.ts'
import { giveReset } from '../support/factor-resets.ts'
import { jobContext } from '../support/job-context.ts'
import { act, ask, newAdmin } from '../support/operators.ts'
import { appOfTestUsers } from '../support/passwords.ts'
import { codeOf } from '../support/second-factors.ts'
import { change, countOf, prove, row } from '../support/stores.ts'

const under = { ...env, TWO_STEP_REQUIRED: 'roles' } as Env
const using = { env: under, app: appOfTestUsers }
const enrolmentRequired = { status: 403, body: { code: 'factor_enrolment_required' } }

beforeEach(() => {
  // At the begin of a step of an app, so that no code changes during the test.
  vi.setSystemTime(Math.floor(Date.now() / 30_000) * 30_000 + 1000)
})

afterEach(() => {
  vi.useRealTimers()
})

const signIn = ({ email }: Person) => post('/auth/login', { email, password: PASSWORD }, using)
const stats = (accessToken: string) => call('/api/v1/admin/stats', { token: accessToken, env: under })
const sessionsOf = async ({ id }: Person) =>
  Number((await row('SELECT count(*) AS n FROM sessions WHERE user_id = ? AND revoked_at IS NULL', id)).n)

/** Adds an app with a token of a sign-in. @returns the tokens of that sign-in */
async function enrol(token: string) {
  const { ring } = await jobContext()
  const { body: offer } = await post('/auth/enrol/totp/options', { enrolment_token: token }, using)
  const id = (await openTicket(ring, 'enrol', token, Date.now()))?.id ?? ''
  const body = {
    enrolment_token: token,
    ticket: offer.ticket,
    code: codeOf(offer.secret),
    mail_code: await mailCodeOf(ring, id),
  }
  return post('/auth/enrol/totp', body, using)
}

/** A user with the role `admin`, given by an operator, and with a session of one factor. */
async function newHolder(): Promise<Person> {
  const ada = await newPerson()
  await prove(ada)
  const given = await act(await newAdmin(), ada, 'roles', { roles: ['admin'] }, { method: 'PUT', env: under })
  expect([given.status, given.body.two_step_due_at]).toEqual([200, expect.any(String)])
  return ada
}

const makeDue = ({ id }: Person) => change('UPDATE users SET two_step_due_at = ? WHERE id = ?', Date.now() - 1, id)

test('M11 once due, an open session of one factor helps neither to operate nor to enrol', async () => {
  const ada = await newHolder()
  const as = { token: ada.accessToken, env: under }
  expect(await ask(ada, '/stats', { env: under })).toMatchObject(enrolmentRequired)
  const { body: offer } = await post('/users/me/totp/options', {}, as)
  await makeDue(ada)
  expect((await get('/users/me', ada.accessToken)).status).toBe(200)
  const begun = { ticket: offer.ticket, code: codeOf(offer.secret) }
  for (const answer of [
    await post('/users/me/totp/options', {}, as),
    await post('/users/me/totp', begun, as),
    await post('/users/me/recovery-codes', {}, as),
    await post('/auth/step-up', { password: PASSWORD }, { ...as, app: appOfTestUsers }),
    await ask(ada, '/stats', { env: under }),
  ])
    expect(answer).toMatchObject(enrolmentRequired)
  const { body: refreshed } = await post('/auth/refresh', { refresh_token: ada.refreshToken }, { env: under })
  expect(await stats(refreshed.access_token)).toMatchObject(enrolmentRequired)
  expect([await countOf('totp_factors'), await sessionsOf(ada)]).toEqual([0, 1])
})

test('M11 once due, the sign-in leads by way of the mailbox to a session that operates', async () => {
  const ada = await newHolder()
  await makeDue(ada)
  const { body: first } = await signIn(ada)
  expect(first).toMatchObject({ enrolment_required: true })
  expect([first.access_token, await sessionsOf(ada)]).toEqual([undefined, 1])
  expect((await stats(first.enrolment_token)).status).toBe(401)
  const { body } = await enrol(first.enrolment_token)
  expect((await stats(body.access_token)).status).toBe(200)
  // What one factor opened before has ended, and the factor cannot go while the policy holds.
  expect((await stats(ada.accessToken)).status).toBe(401)
  const as = { token: body.access_token, env: under }
  const off = await call('/api/v1/users/me/two-step', { method: 'PUT', body: { enabled: false }, ...as })
  const removal = await call('/api/v1/users/me/totp', { method: 'DELETE', ...as })
  expect([off.body.code, removal.body.code]).toEqual(['factor_required', 'factor_required'])
  expect((await signIn(ada)).body).toMatchObject({ mfa_required: true })
})

test('M11 a reset of the factors ends the operation at once, and leads to another enrolment', async () => {
  const ada = await newHolder()
  await makeDue(ada)
  const { body } = await enrol((await signIn(ada)).body.enrolment_token)
  expect((await stats(body.access_token)).status).toBe(200)
  await giveReset(ada, { dueAt: Date.now() - 1 })
  await resetDueFactors(await jobContext(Date.now(), under), 20)
  expect((await stats(body.access_token)).status).toBe(401)
  const again = await enrol((await signIn(ada)).body.enrolment_token)
  expect((await stats(again.body.access_token)).status).toBe(200)
})

test('M11 an operator who removes the second factor before the date operates no more with the same session', async () => {
  const ada = await newHolder()
  const as = { token: ada.accessToken, env: under }
  const { body: offer } = await post('/users/me/totp/options', {}, as)
  const added = { ticket: offer.ticket, code: codeOf(offer.secret), two_step: false }
  expect((await post('/users/me/totp', added, as)).status).toBe(201)
  const { body: raised } = await post('/auth/refresh', { refresh_token: ada.refreshToken }, { env: under })
  expect((await stats(raised.access_token)).status).toBe(200)
  const removal = await call('/api/v1/users/me/totp', { method: 'DELETE', token: raised.access_token, env: under })
  expect(removal.status).toBe(204)
  expect(await stats(raised.access_token)).toMatchObject(enrolmentRequired)
  const { body: refreshed } = await post('/auth/refresh', { refresh_token: raised.refresh_token }, { env: under })
  expect(await stats(refreshed.access_token)).toMatchObject(enrolmentRequired)
})

test('M11 who loses the role before the date signs in with one factor again, as no operator', async () => {
  const ada = await newHolder()
  await act(await newAdmin(), ada, 'roles', { roles: [] }, { method: 'PUT', env: under })
  const { body } = await signIn(ada)
  expect((await stats(body.access_token)).body.code).toBe('forbidden')
})
