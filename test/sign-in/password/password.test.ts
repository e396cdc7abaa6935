import { afterEach, describe, expect, test, vi } from 'vitest'
import {
  type Answer,
  burst,
  type Call,
  call,
  get,
  newPerson,
  PASSWORD,
  type Person,
  post,
  signIn,
  statuses,
} from '../../support/api.ts'
import { listenToConsole } from '../../support/console.ts'
import { failing } from '../../support/intercept-stores.ts'
import { type Mailbox, openMailbox, tokenIn } from '../../support/mailbox.ts'
import { plainApp as app, appOfTestUsers } from '../../support/passwords.ts'
import { SIZES } from '../../support/sizes.ts'
import { change, events, prove, row, rows } from '../../support/stores.ts'
import { recordWaits } from '../../support/waits.ts'

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const NEW_PASSWORD = 'another horse battery staple'
const confirm = (token: string, password = NEW_PASSWORD, env?: Env) =>
  post('/auth/reset-password/confirm', { token, new_password: password }, env && { env })

async function person(mailbox: Mailbox): Promise<Person> {
  const created = await newPerson({ full_name: 'Ada Lovelace' }, { env: mailbox.env })
  await mailbox.collect()
  return created
}

async function resetToken(mailbox: Mailbox, email: string): Promise<string> {
  await post('/auth/reset-password', { email }, { env: mailbox.env })
  return tokenIn((await mailbox.collect())[0])
}

function visible({ status, body, headers }: Answer) {
  return { status, body, headers: Object.fromEntries([...headers].filter(([name]) => name !== 'x-request-id')) }
}

describe('resetting the password', () => {
  test('O5 ends every session, mails the owner, and does not sign in', async () => {
    const mailbox = openMailbox()
    const ada = await person(mailbox)
    const other = await signIn(ada.email)
    const answer = await confirm(await resetToken(mailbox, ada.email), NEW_PASSWORD, mailbox.env)
    expect(answer).toMatchObject({ status: 204, body: '' })
    for (const { accessToken, refreshToken } of [ada, other]) {
      expect((await get('/users/me', accessToken)).status).toBe(401)
      expect((await get('/auth/session', accessToken)).status).toBe(401)
      expect((await post('/auth/refresh', { refresh_token: refreshToken })).status).toBe(401)
    }
    expect((await post('/auth/login', { email: ada.email, password: PASSWORD })).status).toBe(401)
    await signIn(ada.email, NEW_PASSWORD)
    const [notice, ...others] = await mailbox.collect()
    expect([notice?.to, others]).toEqual([ada.email, []])
    expect(await events('user.password_reset')).toMatchObject([{ subject_id: ada.id, actor_id: ada.id }])
  })

  test.each(SIZES)('O2 of a burst of %i with one link one wins, and the epoch rises by one', async (size) => {
    const mailbox = openMailbox()
    const token = await resetToken(mailbox, (await person(mailbox)).email)
    const answers = await burst(size, (n) =>
      post('/auth/reset-password/confirm', { token, new_password: `password of request ${n}` }, { app }),
    )
    expect(statuses(answers)).toEqual({ 204: 1, 400: size - 1 })
    expect(await events('user.password_reset')).toHaveLength(1)
    expect(await events('user.token_refused')).toMatchObject([{ detail: { purpose: 'reset' } }])
    expect((await row('SELECT security_epoch FROM users')).security_epoch).toBe(1)
    expect(await rows("SELECT id FROM mail_jobs WHERE template = 'password-reset'")).toHaveLength(1)
  })

  test('E2 a request gets the same answer for known and unknown addresses, and no unknown one is mailed', async () => {
    const mailbox = openMailbox()
    const ada = await person(mailbox)
    const answers = []
    for (const email of [ada.email, 'nobody@example.com'])
      answers.push(visible(await post('/auth/reset-password', { email }, { env: mailbox.env })))
    expect(answers[0]).toEqual(answers[1])
    expect(answers[0]?.status).toBe(202)
    expect((await mailbox.collect()).map(({ to }) => to)).toEqual([ada.email])
  })

  // Once more than its own work takes: a request above the quota orders no mail and voids no link.
  test('E2 a request has the same waits for known and unknown addresses: the count, then one batch', async () => {
    const recorder = recordWaits()
    const ada = await newPerson({}, { env: recorder.env })
    for (const email of [ada.email, 'nobody@example.com']) {
      const { rounds } = await recorder.measure('/api/v1/auth/reset-password', { body: { email } })
      expect(rounds).toEqual([['DB.batch', 'LIMITS.get', 'LIMITS.get'], ['DB.batch']])
    }
  })

  test('O2 a newer link voids the older one', async () => {
    const mailbox = openMailbox()
    const ada = await person(mailbox)
    const older = await resetToken(mailbox, ada.email)
    const newer = await resetToken(mailbox, ada.email)
    expect((await confirm(older)).body).toMatchObject({ status: 400, code: 'invalid_token' })
    expect((await confirm(newer)).status).toBe(204)
  })

  test('O2 a link expires after an hour', async () => {
    const mailbox = openMailbox()
    const token = await resetToken(mailbox, (await person(mailbox)).email)
    vi.setSystemTime(Date.now() + 60 * 60_000 + 1000)
    expect((await confirm(token)).body.code).toBe('invalid_token')
  })

  test('P3 a password that the policy refuses does not use up the link', async () => {
    const mailbox = openMailbox()
    const ada = await person(mailbox)
    const token = await resetToken(mailbox, ada.email)
    for (const password of ['short', `${ada.email} 12345`, 'lovelace and more']) {
      const { status, body } = await confirm(token, password)
      expect([status, body.errors?.[0].pointer]).toEqual([422, '/new_password'])
    }
    expect((await confirm(token)).status).toBe(204)
  })

  test('T2 works during a lockout, and clears it', async () => {
    const mailbox = openMailbox()
    const ada = await person(mailbox)
    await burst(12, () => post('/auth/login', { email: ada.email, password: 'wrong' }))
    expect((await post('/auth/login', { email: ada.email, password: PASSWORD })).status).toBe(401)
    expect((await get('/users/me', ada.accessToken)).status).toBe(200)
    expect((await confirm(await resetToken(mailbox, ada.email))).status).toBe(204)
    await signIn(ada.email, NEW_PASSWORD)
  })

  test('T2 clears the lockout that a thief with an access token has caused', async () => {
    const mailbox = openMailbox()
    const ada = await person(mailbox)
    await burst(12, () => post('/auth/step-up', { password: 'wrong' }, { token: ada.accessToken }))
    expect((await confirm(await resetToken(mailbox, ada.email))).status).toBe(204)
    const { accessToken } = await signIn(ada.email, NEW_PASSWORD)
    expect((await post('/auth/step-up', { password: NEW_PASSWORD }, { token: accessToken })).status).toBe(200)
  })

  test('O6 voids what another person registered before the owner of the mailbox (pre-hijacking)', async () => {
    const mailbox = openMailbox()
    const thief = await newPerson({}, { env: mailbox.env })
    await mailbox.collect()
    // The owner of the address tries to register, learns that it is taken, and resets the password.
    const owned = await confirm(await resetToken(mailbox, thief.email))
    expect(owned.status).toBe(204)
    expect((await get('/users/me', thief.accessToken)).status).toBe(401)
    expect((await post('/auth/refresh', { refresh_token: thief.refreshToken })).status).toBe(401)
    expect((await post('/auth/login', { email: thief.email, password: PASSWORD })).status).toBe(401)
    const { accessToken } = await signIn(thief.email, NEW_PASSWORD)
    expect((await get('/users/me', accessToken)).body.is_verified).toBe(true)
  })

  test('O6 deleting the account does not save it: the mailed link that restores it proves the mailbox too', async () => {
    const mailbox = openMailbox()
    const thief = await newPerson({}, { env: mailbox.env })
    await call('/api/v1/users/me', { method: 'DELETE', token: thief.accessToken, env: mailbox.env })
    await mailbox.collect()
    const restored = await post('/auth/restore', { token: await resetToken(mailbox, thief.email) })
    expect(restored.body.user).toMatchObject({ email: thief.email, is_verified: true })
    expect((await post('/auth/login', { email: thief.email, password: PASSWORD })).status).toBe(401)
    expect((await confirm(await resetToken(mailbox, thief.email))).status).toBe(204)
    await signIn(thief.email, NEW_PASSWORD)
  })

  test('sets a password for a user who has none', async () => {
    const mailbox = openMailbox()
    const ada = await person(mailbox)
    await change('DELETE FROM credentials')
    expect((await confirm(await resetToken(mailbox, ada.email))).status).toBe(204)
    await signIn(ada.email, NEW_PASSWORD)
  })

  test('mails a restore link to a deleted account, and no link to an erased one', async () => {
    const mailbox = openMailbox()
    const ada = await person(mailbox)
    const before = await resetToken(mailbox, ada.email)
    await call('/api/v1/users/me', { method: 'DELETE', token: ada.accessToken, env: mailbox.env })
    await mailbox.collect()
    expect((await confirm(before)).status).toBe(400)
    const token = await resetToken(mailbox, ada.email)
    expect(token).toMatch(/^lk_recover_/)
    expect((await post('/auth/restore', { token })).status).toBe(200)
    await change("UPDATE users SET status = 'deleted', purge_after = 1")
    await post('/auth/reset-password', { email: ada.email }, { env: mailbox.env })
    expect(await mailbox.collect()).toEqual([])
  })

  test('D6 treats the link of a person whose key was destroyed as no link', async () => {
    const mailbox = openMailbox()
    const ada = await person(mailbox)
    const token = await resetToken(mailbox, ada.email)
    await mailbox.env.VAULT.delete(`keys/${ada.id}`)
    await mailbox.env.KEY_CACHE.delete(`dek:${ada.id}`)
    expect((await confirm(token, NEW_PASSWORD, openMailbox().env)).body).toMatchObject({
      status: 400,
      code: 'invalid_token',
    })
  })

  test('H6 keeps the link usable if the vault does not answer', async () => {
    listenToConsole()
    const mailbox = openMailbox()
    const token = await resetToken(mailbox, (await person(mailbox)).email)
    const env = failing((name) => /^(VAULT|KEY_CACHE)/.test(name))
    expect((await confirm(token, NEW_PASSWORD, env)).body.code).toBe('unavailable')
    expect((await confirm(token)).status).toBe(204)
  })

  test('H6 keeps the old password and the link if the database fails at the change', async () => {
    listenToConsole()
    const mailbox = openMailbox()
    const ada = await person(mailbox)
    const token = await resetToken(mailbox, ada.email)
    const env = failing((name) => name === 'DB.batch')
    expect((await confirm(token, NEW_PASSWORD, env)).status).toBe(503)
    await signIn(ada.email)
    expect((await confirm(token)).status).toBe(204)
  })
})

describe('changing the password', () => {
  const changePassword = (who: Pick<Person, 'accessToken'>, body: object, env?: Env, options: Call = {}) =>
    post(
      '/users/me/password',
      { current_password: PASSWORD, new_password: NEW_PASSWORD, ...body },
      { token: who.accessToken, ...(env && { env }), ...options },
    )

  test('P6 requires the current one, ends the other sessions and mails the owner', async () => {
    const mailbox = openMailbox()
    const ada = await person(mailbox)
    await prove(ada)
    const other = await signIn(ada.email)
    const wrong = await changePassword(ada, { current_password: 'not the password' })
    expect(wrong.body).toMatchObject({ status: 401, code: 'invalid_credentials' })
    expect((await changePassword(ada, {}, mailbox.env)).status).toBe(204)
    expect((await get('/users/me', ada.accessToken)).status).toBe(200)
    expect((await post('/auth/refresh', { refresh_token: ada.refreshToken })).status).toBe(200)
    expect((await get('/users/me', other.accessToken)).status).toBe(401)
    expect((await get('/auth/session', other.accessToken)).status).toBe(401)
    expect((await post('/auth/refresh', { refresh_token: other.refreshToken })).status).toBe(401)
    expect((await post('/auth/login', { email: ada.email, password: PASSWORD })).status).toBe(401)
    await signIn(ada.email, NEW_PASSWORD)
    expect((await mailbox.collect()).map(({ to }) => to)).toEqual([ada.email])
    expect(await events('user.password_changed')).toMatchObject([{ actor_id: ada.id, pii_enc: expect.any(String) }])
  })

  test('P6 voids a change of address that a thief has requested', async () => {
    const mailbox = openMailbox()
    const ada = await person(mailbox)
    const thief = await signIn(ada.email)
    await post('/users/me/email', { new_email: 'thief@example.com' }, { token: thief.accessToken, env: mailbox.env })
    const token = tokenIn((await mailbox.collect())[0])
    expect((await changePassword(ada, {})).status).toBe(204)
    const still = { token: ada.accessToken }
    expect((await post('/auth/verify-email', { token }, still)).body.code).toBe('invalid_token')
  })

  test.each(SIZES)('of %i concurrent changes with the same current password one wins', async (size) => {
    const mailbox = openMailbox({ SIGN_IN_MAX_FAILURES: '100' })
    const ada = await newPerson({}, { app, env: mailbox.env })
    const answers = await burst(size, (n) =>
      changePassword(ada, { new_password: `password of request ${n}` }, mailbox.env, { app }),
    )
    expect(statuses(answers)).toEqual({ 204: 1, 401: size - 1 })
    expect(await events('user.password_changed')).toHaveLength(1)
    expect((await row('SELECT security_epoch FROM users')).security_epoch).toBe(1)
  })

  test('J4 changes nothing if the session was ended meanwhile', async () => {
    const ada = await newPerson()
    await post('/auth/logout', {}, { token: ada.accessToken })
    expect((await changePassword(ada, {})).body.code).toBe('invalid_access_token')
    await signIn(ada.email)
  })

  test('P1 P3 the new password must satisfy the policy', async () => {
    const ada = await newPerson({ full_name: 'Ada Lovelace' })
    for (const password of ['short', 'x'.repeat(1025), `my ${ada.email}`, 'i am lovelace!']) {
      const { status, body } = await changePassword(ada, { new_password: password })
      expect([status, body.errors?.[0].pointer]).toEqual([422, '/new_password'])
    }
  })

  test('T1 stops comparing at the limit for a thief with an access token, and the owner can sign in', async () => {
    const ada = await newPerson()
    const options = { app: appOfTestUsers }
    const answers = await burst(40, () => changePassword(ada, { current_password: 'a guess' }, undefined, options))
    expect(statuses(answers)).toEqual({ 401: 10, 429: 30 })
    expect(answers.find(({ status }) => status === 429)?.headers.get('retry-after')).toBe('900')
    expect((await changePassword(ada, {})).status).toBe(429)
    await signIn(ada.email)
  })
})
