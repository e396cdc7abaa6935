import { afterEach, describe, expect, test, vi } from 'vitest'
import {
  type Answer,
  burst,
  call,
  get,
  newPerson,
  PASSWORD,
  type Person,
  post,
  signIn,
  statuses,
} from '../support/api.ts'
import { beforeBatch } from '../support/intercept-stores.ts'
import { type Mailbox, openMailbox, tokenIn } from '../support/mailbox.ts'
import { plainApp as app } from '../support/passwords.ts'
import { SIZES } from '../support/sizes.ts'
import { change, events, row, rows } from '../support/stores.ts'
import { recordWaits } from '../support/waits.ts'

afterEach(() => {
  vi.useRealTimers()
})

/** @param session its access token, which a change of address needs */
const verify = (token: string, session?: string) => post('/auth/verify-email', { token }, { token: session })
const undo = (token: string) => post('/auth/undo-email', { token })
const resend = (email: string, env: Env) => post('/auth/verify-email/resend', { email }, { env })
const requestChange = (person: Pick<Person, 'accessToken'>, email: string, env: Env) =>
  post('/users/me/email', { new_email: email }, { env, token: person.accessToken })

/** A new person, and the token of the mail that followed. */
async function registered(mailbox: Mailbox): Promise<{ person: Person; token: string }> {
  const person = await newPerson({}, { env: mailbox.env })
  return { person, token: tokenIn((await mailbox.collect())[0]) }
}

async function verified(mailbox: Mailbox): Promise<Person> {
  const { person, token } = await registered(mailbox)
  await verify(token)
  return person
}

/** Moves a person to a new address. @returns the mail to the old one */
async function moved(mailbox: Mailbox, person: Person, email: string) {
  await requestChange(person, email, mailbox.env)
  const [confirmation] = await mailbox.collect()
  expect(confirmation?.to).toBe(email)
  const session = { env: mailbox.env, token: person.accessToken }
  const answer = await post('/auth/verify-email', { token: tokenIn(confirmation) }, session)
  expect(answer.status).toBe(204)
  return (await mailbox.collect())[0]
}

/** The parts of an answer that an attacker can see. */
function visible({ status, body, headers }: Answer) {
  const shown = Object.fromEntries([...headers].filter(([name]) => name !== 'x-request-id'))
  return { status, body, headers: shown }
}

describe('verifying an address', () => {
  test('works once, and is recorded', async () => {
    const mailbox = openMailbox()
    const { person, token } = await registered(mailbox)
    expect((await verify(token)).status).toBe(204)
    expect((await get('/users/me', person.accessToken)).body.is_verified).toBe(true)
    expect(await events('user.email_verified')).toMatchObject([{ subject_id: person.id, actor_id: person.id }])
    expect((await verify(token)).body).toMatchObject({ status: 400, code: 'invalid_token' })
  })

  test.each(SIZES)('O2 of a burst of %i with one link one wins', async (size) => {
    const { token } = await registered(openMailbox())
    expect(statuses(await burst(size, () => verify(token)))).toEqual({ 204: 1, 400: size - 1 })
    expect(await events('user.email_verified')).toHaveLength(1)
    expect(await events('user.token_refused')).toMatchObject([{ detail: { purpose: 'verify' } }])
  })

  test('O2 gives the same answer for an expired link, a replaced link and no link', async () => {
    const mailbox = openMailbox()
    const { person, token } = await registered(mailbox)
    await resend(person.email, mailbox.env)
    const [mail] = await mailbox.collect()
    const replaced = await verify(token)
    vi.setSystemTime(Date.now() + 60 * 60_000 + 1000)
    const expired = await verify(tokenIn(mail))
    const madeUp = await verify('lk_verify_x')
    for (const { body } of [replaced, expired, madeUp])
      expect(body).toMatchObject({ status: 400, code: 'invalid_token' })
    expect(expired.body.title).toBe(madeUp.body.title)
  })

  test('U1 records a refused link once an hour for its owner, and never a made-up or replaced one', async () => {
    const mailbox = openMailbox()
    const { person, token } = await registered(mailbox)
    await verify(token)
    for (let minutes = 0; minutes < 3; minutes++) {
      await verify(token)
      await verify(`lk_verify_${crypto.randomUUID()}.${'A'.repeat(43)}`)
      vi.setSystemTime(Date.now() + 59 * 60_000)
    }
    const refused = await events('user.token_refused')
    expect(refused).toHaveLength(2)
    expect(refused[0]).toMatchObject({
      outcome: 'failure',
      actor_type: 'anonymous',
      subject_id: person.id,
      detail: { purpose: 'verify' },
      pii_enc: null,
    })
  })

  test('O2 accepts a link until its hour is over', async () => {
    const { token } = await registered(openMailbox())
    vi.setSystemTime(Date.now() + 59 * 60_000)
    expect((await verify(token)).status).toBe(204)
  })

  test('E2 gives the same answer to a new request for known, verified and unknown addresses, and mails only the first', async () => {
    const mailbox = openMailbox()
    const { person } = await registered(mailbox)
    const done = await verified(mailbox)
    const answers = await Promise.all(
      [person.email, done.email, 'nobody@example.com'].map((email) => resend(email, mailbox.env)),
    )
    expect(answers.map(visible)).toEqual(Array(3).fill(visible(answers[0] as Answer)))
    expect(answers[0]?.status).toBe(202)
    expect((await mailbox.collect()).map(({ to }) => to)).toEqual([person.email])
    const subjects = (await events('user.verification_requested')).map(({ subject_id }) => subject_id)
    expect(new Set(subjects)).toEqual(new Set([person.id, done.id, null]))
  })

  // Once more than its own work takes: a request above the quota orders no mail and voids no link.
  test('E2 has the same waits for a new request of known and unknown addresses: the count, then one batch', async () => {
    const recorder = recordWaits()
    const person = await newPerson({}, { env: recorder.env })
    const path = '/api/v1/auth/verify-email/resend'
    for (const email of [person.email, 'nobody@example.com']) {
      const { rounds } = await recorder.measure(path, { body: { email } })
      expect(rounds).toEqual([['DB.batch', 'LIMITS.get', 'LIMITS.get'], ['DB.batch']])
    }
  })

  test('O6 proves the address to which the link was mailed: the link is void when the address changes', async () => {
    const mailbox = openMailbox()
    const { person, token } = await registered(mailbox)
    await moved(mailbox, person, 'new@example.com')
    expect((await verify(token)).status).toBe(400)
  })
})

describe('changing the address', () => {
  test('O7 takes effect when the new address confirms, and mails the old one, which can undo it', async () => {
    const mailbox = openMailbox()
    const person = await verified(mailbox)
    const warning = await moved(mailbox, person, 'New.Address@example.com')
    expect((await get('/users/me', person.accessToken)).body).toMatchObject({
      email: 'New.Address@example.com',
      is_verified: true,
    })
    expect((await post('/auth/login', { email: person.email, password: PASSWORD })).status).toBe(401)
    await signIn('new.address@example.com')
    expect(warning?.to).toBe(person.email)

    vi.setSystemTime(Date.now() + 6.9 * 86_400_000)
    expect((await post('/auth/undo-email', { token: tokenIn(warning) }, { env: mailbox.env })).status).toBe(204)
    expect((await get('/users/me', person.accessToken)).status).toBe(401)
    expect((await post('/auth/refresh', { refresh_token: person.refreshToken })).status).toBe(401)
    expect((await post('/auth/login', { email: person.email, password: PASSWORD })).status).toBe(401)
    const [reset] = await mailbox.collect()
    expect(reset?.to).toBe(person.email)
    const password = 'another horse battery staple'
    expect((await post('/auth/reset-password/confirm', { token: tokenIn(reset), new_password: password })).status).toBe(
      204,
    )
    await signIn(person.email, password)
    expect((await post('/auth/login', { email: 'new.address@example.com', password })).status).toBe(401)
  })

  test('O7 cannot be undone after seven days', async () => {
    const mailbox = openMailbox()
    const warning = await moved(mailbox, await verified(mailbox), 'new@example.com')
    vi.setSystemTime(Date.now() + 7 * 86_400_000 + 1000)
    expect((await undo(tokenIn(warning))).status).toBe(400)
  })

  test('O7 cannot be kept by a second change: the undo link stays, and undoing voids later links', async () => {
    const mailbox = openMailbox()
    const person = await verified(mailbox)
    const warning = await moved(mailbox, person, 'thief@example.com')
    const toThief = await moved(mailbox, person, 'thief2@example.com')
    expect((await undo(tokenIn(warning))).status).toBe(204)
    expect((await undo(tokenIn(toThief))).status).toBe(400)
    expect((await row('SELECT is_verified FROM users')).is_verified).toBe(1)
    expect((await post('/auth/login', { email: person.email, password: PASSWORD })).status).toBe(401)
  })

  test('O7 an undo of a later change does not void the undo of an earlier one', async () => {
    const mailbox = openMailbox()
    const person = await verified(mailbox)
    const warning = await moved(mailbox, person, 'thief@example.com')
    const toThief = await moved(mailbox, person, 'thief2@example.com')
    expect((await undo(tokenIn(toThief))).status).toBe(204)
    expect((await undo(tokenIn(warning))).status).toBe(204)
    await post('/auth/reset-password', { email: person.email }, { env: mailbox.env })
    expect((await mailbox.collect()).map(({ to }) => to)).toContain(person.email)
  })

  test('O7 going back by a change instead of the link leaves the address in between no way to follow', async () => {
    const mailbox = openMailbox()
    const person = await verified(mailbox)
    await moved(mailbox, person, 'thief@example.com')
    const toThief = await moved(mailbox, person, 'thief2@example.com')
    expect(await moved(mailbox, person, person.email)).toBeUndefined()
    expect((await undo(tokenIn(toThief))).status).toBe(400)
    expect((await get('/users/me', person.accessToken)).body.email).toBe(person.email)
  })

  test('O7 no other account can take the old address while its owner can go back to it', async () => {
    const mailbox = openMailbox()
    const person = await verified(mailbox)
    const warning = await moved(mailbox, person, 'thief@example.com')
    const squatter = await post('/auth/register', { email: person.email, password: PASSWORD })
    expect(squatter.body).toMatchObject({ status: 409, code: 'email_taken' })
    const other = await verified(mailbox)
    await requestChange(other, person.email, mailbox.env)
    const [confirmation] = await mailbox.collect()
    if (confirmation) expect((await verify(tokenIn(confirmation), other.accessToken)).status).toBe(400)
    expect((await undo(tokenIn(warning))).status).toBe(204)
  })

  test('O7 the old address is free once its owner can no longer go back to it', async () => {
    const mailbox = openMailbox()
    const person = await verified(mailbox)
    await moved(mailbox, person, 'new@example.com')
    vi.setSystemTime(Date.now() + 7 * 86_400_000 + 1000)
    expect((await post('/auth/register', { email: person.email, password: PASSWORD })).status).toBe(201)
  })

  test('P6 mails about events before the change go to the old address, however late they are sent', async () => {
    const mailbox = openMailbox()
    const person = await verified(mailbox)
    const body = { current_password: PASSWORD, new_password: 'another horse battery staple' }
    await post('/users/me/password', body, { token: person.accessToken, env: mailbox.env })
    const delayed = mailbox.messages.splice(0)
    await moved(mailbox, person, 'thief@example.com')
    mailbox.messages.push(...delayed)
    expect((await mailbox.collect()).map(({ to }) => to)).toEqual([person.email])
  })

  test('O7 an account that was deleted after the change goes back to its address with a link that restores it', async () => {
    const mailbox = openMailbox()
    const person = await verified(mailbox)
    const warning = await moved(mailbox, person, 'thief@example.com')
    const fresh = await signIn('thief@example.com')
    expect((await call('/api/v1/users/me', { method: 'DELETE', token: fresh.accessToken })).status).toBe(202)
    expect((await post('/auth/undo-email', { token: tokenIn(warning) }, { env: mailbox.env })).status).toBe(204)
    const mails = await mailbox.collect()
    expect(mails.map(({ to }) => to)).toEqual([person.email])
    const restored = await post('/auth/restore', { token: tokenIn(mails[0]) })
    expect(restored.body.user).toMatchObject({ email: person.email })
  })

  test('O7 a sign-in that runs while the owner undoes the change gets no offer to restore', async () => {
    const mailbox = openMailbox()
    const person = await verified(mailbox)
    const warning = await moved(mailbox, person, 'thief@example.com')
    await call('/api/v1/users/me', { method: 'DELETE', token: person.accessToken })
    const env = beforeBatch(2, () => undo(tokenIn(warning)))
    const late = await post('/auth/login', { email: 'thief@example.com', password: PASSWORD }, { env })
    expect(late.body).toMatchObject({ status: 401, code: 'invalid_credentials' })
  })

  test('does not mail an old address that was never proven, so that no other person gets the account', async () => {
    const mailbox = openMailbox()
    const { person } = await registered(mailbox)
    expect(await moved(mailbox, person, 'right@example.com')).toBeUndefined()
    expect(await rows("SELECT id FROM one_time_tokens WHERE purpose = 'undo'")).toEqual([])
  })

  test('O7 mails an old address that is proven during the confirmation', async () => {
    const mailbox = openMailbox()
    const { person, token } = await registered(mailbox)
    await requestChange(person, 'thief@example.com', mailbox.env)
    const confirmation = tokenIn((await mailbox.collect())[0])
    const env = { ...mailbox.env, DB: beforeBatch(1, () => verify(token)).DB }
    const session = { token: person.accessToken }
    await post('/auth/verify-email', { token: confirmation }, { ...session, env })
    await post('/auth/verify-email', { token: confirmation }, { ...session, env: mailbox.env })
    expect((await get('/users/me', person.accessToken)).body.email).toBe('thief@example.com')
    expect((await mailbox.collect()).map(({ to }) => to)).toEqual([person.email])
  })

  test('E2 gives the same answer for an address that has an account, and mails neither', async () => {
    const mailbox = openMailbox()
    const [person, other] = [await verified(mailbox), await verified(mailbox)]
    const [taken, free] = [
      await requestChange(person, other.email, mailbox.env),
      await requestChange(person, 'free@example.com', mailbox.env),
    ]
    expect(visible(taken)).toEqual(visible(free))
    expect((await mailbox.collect()).map(({ to }) => to)).toEqual(['free@example.com'])
  })

  test('E2 neither an export nor the stored rows reveal which of two addresses has an account', async () => {
    const mailbox = openMailbox()
    const [person, other] = [await verified(mailbox), await verified(mailbox)]
    const stored = async (email: string) => {
      await requestChange(person, email, mailbox.env)
      await mailbox.collect()
      const tokens = await rows("SELECT purpose, consumed_at FROM one_time_tokens WHERE purpose = 'change'")
      const jobs = await rows(
        "SELECT sent_at IS NULL AS is_open, failed_at, last_error, attempts FROM mail_jobs WHERE template = 'confirm-email'",
      )
      await change("DELETE FROM mail_jobs WHERE template = 'confirm-email'")
      return { tokens, jobs }
    }
    expect(await stored(other.email)).toEqual(await stored('free@example.com'))
    expect(mailbox.mails.filter(({ to }) => to === other.email)).toHaveLength(1)
  })

  test('an address that another account took before the confirmation stays with that account', async () => {
    const mailbox = openMailbox()
    const person = await verified(mailbox)
    await requestChange(person, 'contested@example.com', mailbox.env)
    const [confirmation] = await mailbox.collect()
    await post('/auth/register', { email: 'Contested@example.com', password: PASSWORD })
    expect((await verify(tokenIn(confirmation), person.accessToken)).status).toBe(400)
    expect((await get('/users/me', person.accessToken)).body.email).toBe(person.email)
  })

  test.each(SIZES)('O2 of a burst of %i with one confirmation one wins', async (size) => {
    const mailbox = openMailbox()
    const person = await verified(mailbox)
    await requestChange(person, 'new@example.com', mailbox.env)
    const token = tokenIn((await mailbox.collect())[0])
    expect(statuses(await burst(size, () => verify(token, person.accessToken)))).toEqual({
      204: 1,
      400: size - 1,
    })
    expect(await events('user.email_changed')).toHaveLength(1)
    expect(await events('user.token_refused')).toMatchObject([{ detail: { purpose: 'change' } }])
  })

  test.each(SIZES)('O2 of a burst of %i with one undo one wins', async (size) => {
    const mailbox = openMailbox()
    const warning = await moved(mailbox, await verified(mailbox), 'new@example.com')
    expect(statuses(await burst(size, () => undo(tokenIn(warning))))).toEqual({ 204: 1, 400: size - 1 })
    expect(await events('user.email_change_undone')).toHaveLength(1)
    expect(await events('user.token_refused')).toMatchObject([{ detail: { purpose: 'undo' } }])
    expect((await row('SELECT security_epoch FROM users')).security_epoch).toBe(1)
  })

  test.each(SIZES)('of %i people who confirm one address at once one gets it', async (size) => {
    const mailbox = openMailbox()
    const tokens: string[] = []
    const sessions: string[] = []
    for (let n = 0; n < size; n++) {
      const person = await newPerson({}, { env: mailbox.env, app })
      sessions.push(person.accessToken)
      mailbox.messages.length = 0
      await requestChange(person, 'prize@example.com', mailbox.env)
      tokens.push(tokenIn((await mailbox.collect()).find(({ to }) => to === 'prize@example.com')))
    }
    expect(statuses(await burst(size, (n) => verify(tokens[n] ?? '', sessions[n])))).toEqual({
      204: 1,
      400: size - 1,
    })
  })

  test('a deletion voids the confirmation link', async () => {
    const mailbox = openMailbox()
    const person = await verified(mailbox)
    await requestChange(person, 'thief@example.com', mailbox.env)
    const token = tokenIn((await mailbox.collect())[0])
    await call('/api/v1/users/me', { method: 'DELETE', token: person.accessToken })
    const offer = await post('/auth/login', { email: person.email, password: PASSWORD })
    expect((await post('/auth/restore', { token: offer.body.restore_token })).status).toBe(200)
    expect((await verify(token, (await signIn(person.email)).accessToken)).status).toBe(400)
  })

  test('a suspended account cannot change its address', async () => {
    const mailbox = openMailbox()
    const person = await verified(mailbox)
    await requestChange(person, 'new@example.com', mailbox.env)
    const token = tokenIn((await mailbox.collect())[0])
    await change("UPDATE users SET status = 'suspended'")
    expect((await verify(token, person.accessToken)).status).toBe(401)
    expect((await requestChange(person, 'other@example.com', mailbox.env)).status).toBe(401)
  })
})

test('O2 no token works for another purpose', async () => {
  const mailbox = openMailbox()
  const { person, token: verification } = await registered(mailbox)
  await post('/auth/reset-password', { email: person.email }, { env: mailbox.env })
  const reset = tokenIn((await mailbox.collect())[0])
  await requestChange(person, 'new@example.com', mailbox.env)
  const confirmation = tokenIn((await mailbox.collect())[0])
  const routes = {
    '/auth/undo-email': [verification, reset, confirmation],
    '/auth/restore': [verification, reset, confirmation],
    '/auth/reset-password/confirm': [verification, confirmation],
    '/auth/verify-email': [reset],
  }
  for (const [path, tokens] of Object.entries(routes)) {
    for (const token of [...tokens, person.refreshToken, person.accessToken]) {
      const extra = path.endsWith('confirm') ? { new_password: 'another horse battery staple' } : {}
      expect([path, (await post(path, { token, ...extra })).body.code]).toEqual([path, 'invalid_token'])
    }
  }
  expect((await get('/users/me', verification)).status).toBe(401)
  expect((await verify(verification)).status).toBe(204)
})
