import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { UserId } from '../../src/core/ids.ts'
import { encryptEmail } from '../../src/storage/database/users.ts'
import { burst, call, get, newPerson, ORIGIN, PASSWORD, type Person, post, signIn, statuses } from '../support/api.ts'
import { beforeBatch } from '../support/intercept-stores.ts'
import { jobContext } from '../support/job-context.ts'
import { type Mailbox, openMailbox, tokenIn } from '../support/mailbox.ts'
import { act, newAdmin } from '../support/operators.ts'
import { NEW_PASSWORD } from '../support/session-ends.ts'
import { change, events, row, rows } from '../support/stores.ts'

afterEach(() => {
  vi.useRealTimers()
})

let mailbox: Mailbox
beforeEach(() => {
  mailbox = openMailbox()
})

const SESSIONS = '/api/v1/users/me/sessions'

async function verified(): Promise<Person> {
  const person = await newPerson({}, { env: mailbox.env })
  await mailbox.collect()
  await change('UPDATE users SET is_verified = 1 WHERE id = ?', person.id)
  return person
}

/** Requests a new address with this session. @returns the token that was mailed to the address */
async function pendingChange(accessToken: string, email = 'thief@example.com'): Promise<string> {
  const asked = await post('/users/me/email', { new_email: email }, { env: mailbox.env, token: accessToken })
  expect(asked.status).toBe(202)
  return tokenIn((await mailbox.collect()).findLast(({ to }) => to === email))
}

const confirm = (token: string, accessToken?: string, using = mailbox.env) =>
  post('/auth/verify-email', { token }, { env: using, token: accessToken })

const withCookie = (token: string, refreshToken: string, origin = ORIGIN) =>
  post('/auth/verify-email', { token }, { headers: { cookie: `__Host-lk_rt=${refreshToken}`, origin } })

const addressOf = async ({ id }: Person) => (await row('SELECT email_enc FROM users WHERE id = ?', id)).email_enc

async function encryptAnew({ id, email }: Person): Promise<void> {
  const lookup = await (await jobContext()).vault.find(id as UserId)
  if (lookup.kind !== 'found') throw new Error('no key')
  await change('UPDATE users SET email_enc = ? WHERE id = ?', await encryptEmail(lookup.key, id, email), id)
}

const isUnused = async () =>
  (await rows("SELECT id FROM one_time_tokens WHERE purpose = 'change' AND consumed_at IS NULL")).length === 1

describe('a change of address that a thief has requested', () => {
  test('O7 does not affect the link that an operator has mailed to the owner', async () => {
    const owner = await verified()
    const thief = await signIn(owner.email)
    const token = await pendingChange(thief.accessToken)
    await act(await newAdmin(), owner, 'require-password-reset', {}, { env: mailbox.env })
    const reset = tokenIn((await mailbox.collect()).findLast(({ to }) => to === owner.email))
    expect((await confirm(token, thief.accessToken)).status).toBe(401)
    const answer = await post('/auth/reset-password/confirm', { token: reset, new_password: NEW_PASSWORD })
    expect(answer.status).toBe(204)
  })

  test.each([2, 16])(
    'of %i confirmations and the end of the session at once: no change follows the end',
    async (size) => {
      const owner = await verified()
      const thief = await signIn(owner.email)
      const token = await pendingChange(thief.accessToken)
      const answers = await burst(size, (n) =>
        n === 0
          ? call(SESSIONS, { method: 'DELETE', token: owner.accessToken })
          : confirm(token, n % 2 === 0 ? thief.accessToken : owner.accessToken),
      )
      expect(answers[0]?.status).toBe(204)
      const { 204: won = 0, 500: broken } = statuses(answers.slice(1))
      expect([won <= 1, broken]).toEqual([true, undefined])
      expect(await events('user.email_changed')).toHaveLength(won)
      expect((await confirm(token, owner.accessToken)).status).toBe(400)
    },
  )

  test.each([
    ['the session', 'UPDATE sessions SET revoked_at = 1'],
    ['all sessions', 'UPDATE users SET security_epoch = security_epoch + 1'],
    ['the account’s state', "UPDATE users SET status = 'suspended'"],
  ])('if %s ends during the confirmation, the end wins', async (_, end) => {
    const owner = await verified()
    const thief = await signIn(owner.email)
    const token = await pendingChange(thief.accessToken)
    const before = await addressOf(owner)
    const env = { ...mailbox.env, DB: beforeBatch(1, () => change(end)).DB }
    expect([400, 401]).toContain((await confirm(token, thief.accessToken, env)).status)
    expect(await addressOf(owner)).toBe(before)
  })
})

describe('confirming a new address', () => {
  test('succeeds while a job encrypts the old address anew (K37)', async () => {
    const owner = await verified()
    const token = await pendingChange(owner.accessToken, 'new-home@example.com')
    const env = { ...mailbox.env, DB: beforeBatch(2, () => encryptAnew(owner)).DB }
    expect((await confirm(token, owner.accessToken, env)).status).toBe(204)
    expect((await get('/users/me', owner.accessToken)).body.email).toBe('new-home@example.com')
  })

  test('needs a session of the account: its access token, or the cookie from an allowed origin', async () => {
    const owner = await verified()
    const elsewhere = await signIn(owner.email)
    const byToken = await pendingChange(owner.accessToken, 'one@example.com')
    expect((await confirm(byToken)).body).toMatchObject({ status: 401, code: 'invalid_access_token' })
    expect((await confirm(byToken, 'not.a.token')).status).toBe(401)
    expect((await confirm(byToken, elsewhere.accessToken)).status).toBe(204)
    const byCookie = await pendingChange(owner.accessToken, 'two@example.com')
    expect((await withCookie(byCookie, 'lk_rt_x')).status).toBe(401)
    expect((await withCookie(byCookie, elsewhere.refreshToken, 'https://elsewhere.test')).status).toBe(403)
    expect((await withCookie(byCookie, elsewhere.refreshToken)).status).toBe(204)
    expect(await events('user.email_changed')).toMatchObject([{ actor_id: owner.id }, { actor_id: owner.id }])
  })

  test('accepts a refresh token as long as a refresh would, so not an old one that a thief may have kept', async () => {
    const owner = await verified()
    const token = await pendingChange(owner.accessToken)
    const next = await post('/auth/refresh', { refresh_token: owner.refreshToken })
    vi.setSystemTime(Date.now() + 11_000)
    expect((await withCookie(token, owner.refreshToken)).status).toBe(401)
    await post('/auth/refresh', { refresh_token: next.body.refresh_token })
    expect((await withCookie(token, next.body.refresh_token)).status).toBe(204)
  })

  test('O7 with a session of another account changes nothing and keeps the link', async () => {
    const attacker = await verified()
    const victim = await verified()
    const token = await pendingChange(attacker.accessToken, 'victim@example.com')
    expect((await confirm(token)).status).toBe(401)
    const answer = await confirm(token, victim.accessToken)
    expect(answer.body).toMatchObject({ status: 400, code: 'invalid_token' })
    expect((await withCookie(token, victim.refreshToken)).status).toBe(400)
    expect(await isUnused()).toBe(true)
    expect(await events('user.token_refused')).toMatchObject([{ subject_id: attacker.id, actor_type: 'anonymous' }])
    expect((await confirm(token, attacker.accessToken)).status).toBe(204)
  })

  test('does not work with a link from before the requesting session was stored', async () => {
    const owner = await verified()
    const token = await pendingChange(owner.accessToken)
    await change('UPDATE one_time_tokens SET session_id = NULL')
    expect((await confirm(token, owner.accessToken)).body.code).toBe('invalid_token')
  })

  test('needs no session with a link of a registration, and ignores one or a foreign cookie', async () => {
    const headers = { cookie: '__Host-lk_rt=lk_rt_x', origin: 'https://elsewhere.test', authorization: 'Bearer x' }
    await post('/auth/register', { email: 'new@example.com', password: PASSWORD }, { env: mailbox.env })
    const token = tokenIn((await mailbox.collect())[0])
    expect((await post('/auth/verify-email', { token }, { headers })).status).toBe(204)
  })
})

describe('the same address in a different case', () => {
  test('is mailed in the new spelling and changes only what is shown', async () => {
    const owner = await verified()
    const spelled = owner.email.toUpperCase().replace('EXAMPLE.COM', 'example.com')
    const index = async () => (await row('SELECT email_index FROM users WHERE id = ?', owner.id)).email_index
    const before = await index()
    expect((await confirm(await pendingChange(owner.accessToken, spelled), owner.accessToken)).status).toBe(204)
    expect((await get('/users/me', owner.accessToken)).body.email).toBe(spelled)
    expect(await index()).toBe(before)
    expect(await rows("SELECT id FROM one_time_tokens WHERE purpose = 'undo'")).toEqual([])
    expect(await mailbox.collect()).toEqual([])
    await signIn(owner.email)
  })

  test('is refused in the stored spelling', async () => {
    const owner = await verified()
    const answer = await post('/users/me/email', { new_email: owner.email }, { token: owner.accessToken })
    expect(answer.body).toMatchObject({ status: 422, errors: [{ pointer: '/new_email' }] })
    expect(await rows("SELECT id FROM one_time_tokens WHERE purpose = 'change'")).toEqual([])
  })
})
