import { env } from 'cloudflare:workers'
import { describe, expect, test, vi } from 'vitest'
import { call, get, newPerson, PASSWORD, type Person, post, signIn } from '../support/api.ts'
import { openMailbox, tokenIn } from '../support/mailbox.ts'
import { NEW_PASSWORD } from '../support/session-ends.ts'
import { newAccount, providersForEachTest, signInWith, socialSettings } from '../support/social.ts'
import { change, countOf, events, row, rows } from '../support/stores.ts'

const providers = providersForEachTest()
const mailbox = () => openMailbox(socialSettings)

/**
 * Deletes an account and requests a new password. @returns the token of the mail that restores the account
 */
async function mailedToken({ email, accessToken }: Pick<Person, 'email' | 'accessToken'>, box = mailbox()) {
  expect((await call('/api/v1/users/me', { method: 'DELETE', token: accessToken })).status).toBe(202)
  await post('/auth/reset-password', { email }, { env: box.env })
  return tokenIn((await box.collect()).findLast(({ to }) => to === email))
}

const prove = ({ id }: { id: string }) => change('UPDATE users SET is_verified = 1 WHERE id = ?', id)

async function verified(): Promise<Person> {
  const person = await newPerson({ full_name: 'Ada Lovelace' })
  await prove(person)
  return person
}

describe('a mailed link that restores a deleted account', () => {
  test('opens a session by mail, which can read but never counts as a recent sign-in', async () => {
    const ada = await verified()
    const { status, body } = await post('/auth/restore', { token: await mailedToken(ada) })
    expect(status).toBe(200)
    const session = await get('/auth/session', body.access_token)
    expect(session.body).toMatchObject({ amr: ['email'], auth_time: '1970-01-01T00:00:00.000Z' })
    expect((await get('/users/me', body.access_token)).body.profile.full_name).toBe('Ada Lovelace')
    const guarded = await post('/users/me/email', { new_email: 'x@example.com' }, { token: body.access_token })
    expect(guarded.body.code).toBe('step_up_required')
    const refreshed = await post('/auth/refresh', { refresh_token: body.refresh_token })
    expect((await get('/auth/session', refreshed.body.access_token)).body.amr).toEqual(['email'])
  })

  test('does not let the old password sign in until a reset has replaced it', async () => {
    const ada = await verified()
    const box = mailbox()
    const { body } = await post('/auth/restore', { token: await mailedToken(ada, box) })
    const old = await post('/auth/login', { email: ada.email, password: PASSWORD })
    expect(old.body.code).toBe('password_reset_required')
    const stepUp = await post('/auth/step-up', { password: PASSWORD }, { token: body.access_token })
    expect([stepUp.status, stepUp.body.code]).toEqual([403, 'password_reset_required'])
    expect(await events('user.reauthentication_failed')).toMatchObject([{ detail: { reason: 'reset_required' } }])
    await post('/auth/reset-password', { email: ada.email }, { env: box.env })
    const token = tokenIn((await box.collect()).findLast(({ to }) => to === ada.email))
    expect((await post('/auth/reset-password/confirm', { token, new_password: NEW_PASSWORD })).status).toBe(204)
    await signIn(ada.email, NEW_PASSWORD)
  })

  test('keeps the identities of an account without a password, and requires no password', async () => {
    const box = mailbox()
    const account = newAccount()
    const { body } = await signInWith(providers, 'acme', account, { env: box.env })
    const ada = { email: String(account.email), accessToken: body.access_token }
    expect((await post('/auth/restore', { token: await mailedToken(ada, box) })).status).toBe(200)
    expect((await signInWith(providers, 'acme', account, { env: box.env })).status).toBe(200)
    expect((await row('SELECT reset_required_at FROM users')).reset_required_at).toBeNull()
  })

  test('works even if sign-ins have used up the quota of the account', async () => {
    const ada = await verified()
    const token = await mailedToken(ada)
    const until = Date.now() + 60_000
    await change('UPDATE users SET sign_in_count = 1e9, sign_ins_counted_until = ? WHERE id = ?', until, ada.id)
    expect((await post('/auth/restore', { token })).status).toBe(200)
  })

  test('O6 voids the credentials and the profile if the address was never proven', async () => {
    const ada = await newPerson({ full_name: 'Somebody Else' })
    const { body } = await post('/auth/restore', { token: await mailedToken(ada) })
    expect((await get('/users/me', body.access_token)).body).toMatchObject({
      is_verified: true,
      profile: { full_name: null },
    })
    expect((await post('/auth/login', { email: ada.email, password: PASSWORD })).status).toBe(401)
    expect(await events('user.credentials_voided')).toMatchObject([{ subject_id: ada.id }])
  })
})

describe('restoring after a sign-in within the grace period', () => {
  async function restored(offer: { restore_token?: string }) {
    vi.setSystemTime(Date.now() + 600_000)
    const { body } = await post('/auth/restore', { token: offer.restore_token })
    return (await get('/auth/session', body.access_token)).body
  }

  test('keeps the authentication method and the time of that sign-in', async () => {
    const env = mailbox().env
    const ada = await verified()
    await call('/api/v1/users/me', { method: 'DELETE', token: ada.accessToken })
    const offeredAt = Date.now()
    const byPassword = await post('/auth/login', { email: ada.email, password: PASSWORD })
    const session = await restored(byPassword.body)
    expect(session.amr).toEqual(['pwd'])
    expect(Date.parse(session.auth_time)).toBeLessThan(offeredAt + 60_000)
    expect(await rows('SELECT id FROM users WHERE reset_required_at IS NOT NULL')).toEqual([])

    const account = newAccount()
    const joined = await signInWith(providers, 'acme', account, { env })
    await call('/api/v1/users/me', { method: 'DELETE', token: joined.body.access_token })
    const byProvider = await signInWith(providers, 'acme', account, { env })
    expect((await restored(byProvider.body)).amr).toEqual(['fed'])
  })

  test('restores nothing above the quota of sign-ins, and keeps the token', async () => {
    const ada = await verified()
    await call('/api/v1/users/me', { method: 'DELETE', token: ada.accessToken })
    const { body } = await post('/auth/login', { email: ada.email, password: PASSWORD })
    const until = Date.now() + 60_000
    await change('UPDATE users SET sign_in_count = 1e9, sign_ins_counted_until = ? WHERE id = ?', until, ada.id)
    const refused = await post('/auth/restore', { token: body.restore_token })
    expect([refused.status, refused.headers.has('retry-after')]).toEqual([429, true])
    expect(await row('SELECT status FROM users')).toEqual({ status: 'deleted' })
    await change('UPDATE users SET sign_ins_counted_until = 0')
    expect((await post('/auth/restore', { token: body.restore_token })).status).toBe(200)
  })

  test('records which method was used when the account has a password and an identity', async () => {
    const env = mailbox().env
    const ada = await verified()
    const account = newAccount({ email: ada.email })
    await signInWith(providers, 'acme', account, { env })
    await call('/api/v1/users/me', { method: 'DELETE', token: ada.accessToken })
    const byProvider = await signInWith(providers, 'acme', account, { env })
    expect((await restored(byProvider.body)).amr).toEqual(['fed'])
  })

  test.each([
    ['a new password is required', 'reset_required', 'password_reset_required', {}],
    ['addresses must be verified', 'unverified', 'email_unverified', { REQUIRE_VERIFIED_EMAIL: 'true' }],
  ])('M3 restores without a session if since the offer %s', async (_, reason, code, settings) => {
    const ada = await newPerson()
    await call('/api/v1/users/me', { method: 'DELETE', token: ada.accessToken })
    const offer = await post('/auth/login', { email: ada.email, password: PASSWORD })
    if (reason === 'reset_required') await change('UPDATE users SET reset_required_at = ?', Date.now() + 1000)
    const before = await countOf('sessions')
    const using = { ...env, ...settings } as unknown as Env
    const refused = await post('/auth/restore', { token: offer.body.restore_token }, { env: using })
    expect([refused.status, refused.body.code]).toEqual([403, code])
    expect(JSON.stringify([refused.body, [...refused.headers]])).not.toMatch(/lk_rt_|access_token|set-cookie/)
    expect(await countOf('sessions')).toBe(before)
    expect(await events('user.sign_in_failed')).toMatchObject([{ subject_id: ada.id, detail: { reason } }])
    expect(await row('SELECT status FROM users')).toEqual({ status: 'active' })
  })

  test('works with a token from before the method was stored, and records no method', async () => {
    const ada = await verified()
    await call('/api/v1/users/me', { method: 'DELETE', token: ada.accessToken })
    const offer = await post('/auth/login', { email: ada.email, password: PASSWORD })
    await change('UPDATE one_time_tokens SET amr = NULL')
    expect((await restored(offer.body)).amr).toEqual([])
  })
})
