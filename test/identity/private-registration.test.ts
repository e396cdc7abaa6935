import { expect, test } from 'vitest'
import { type Answer, get, newPerson, PASSWORD, post, signIn } from '../support/api.ts'
import { openMailbox, tokenIn } from '../support/mailbox.ts'
import { countOf, keyOwners } from '../support/stores.ts'
import { recordWaits } from '../support/waits.ts'

const PRIVATE = { REGISTRATION_MODE: 'private' }

function visible({ status, body, headers }: Answer) {
  return { status, body, headers: Object.fromEntries([...headers].filter(([name]) => name !== 'x-request-id')) }
}

test('E3 registering a known address gets the same answer as a new one, and its owner is mailed', async () => {
  const mailbox = openMailbox(PRIVATE)
  const register = (email: string, password = PASSWORD) =>
    post('/auth/register', { email, password }, { env: mailbox.env })
  const first = await register('ada@example.com')
  expect(visible(first)).toMatchObject({ status: 202, body: { message: expect.any(String) } })
  expect(first.headers.has('location')).toBe(false)
  const [verification] = await mailbox.collect()

  const second = await register('ADA@example.com', 'a password of somebody else')
  expect(visible(second)).toEqual(visible(first))
  const [warning, ...others] = await mailbox.collect()
  expect([warning?.to, others]).toEqual(['ada@example.com', []])
  expect(warning?.subject).not.toBe(verification?.subject)
  expect(await countOf('users')).toBe(1)
  expect(await keyOwners()).toHaveLength(1)

  // A sign-in reveals nothing either: the account just registered gets the same answer as an existing one.
  const [own, theirs] = await Promise.all(
    [PASSWORD, 'a password of somebody else'].map((password) =>
      post('/auth/login', { email: 'ada@example.com', password }, { env: mailbox.env }),
    ),
  )
  expect(visible(own as Answer)).toMatchObject({ status: 401, body: { code: 'invalid_credentials' } })
  expect((own as Answer).body.title).toBe((theirs as Answer).body.title)
  const password = 'another horse battery staple'
  const reset = await post('/auth/reset-password/confirm', { token: tokenIn(warning), new_password: password })
  expect(reset.status).toBe(204)
  const { accessToken } = await signIn('ada@example.com', password)
  expect((await get('/users/me', accessToken)).body.is_verified).toBe(true)
})

test('E3 the answer has the same waits for a known and an unknown address', async () => {
  const recorder = recordWaits(PRIVATE)
  const measure = (email: string) => recorder.measure('/api/v1/auth/register', { body: { email, password: PASSWORD } })
  const [unknown, known] = [await measure('ada@example.com'), await measure('ada@example.com')]
  expect([unknown.answer.status, known.answer.status]).toEqual([202, 202])
  expect(known.rounds).toEqual(unknown.rounds)
})

test('public registration reports the conflict and mails no one', async () => {
  const mailbox = openMailbox()
  const { email } = await newPerson({}, { env: mailbox.env })
  await mailbox.collect()
  const answer = await post('/auth/register', { email, password: PASSWORD }, { env: mailbox.env })
  expect(answer.body.code).toBe('email_taken')
  expect(await mailbox.collect()).toEqual([])
})

test('REQUIRE_VERIFIED_EMAIL refuses only after the right password, until the address was verified', async () => {
  const mailbox = openMailbox({ REQUIRE_VERIFIED_EMAIL: 'true' })
  const login = (password: string) => post('/auth/login', { email: 'ada@example.com', password }, { env: mailbox.env })
  await post('/auth/register', { email: 'ada@example.com', password: PASSWORD }, { env: mailbox.env })
  expect((await login('wrong password')).body.code).toBe('invalid_credentials')
  expect((await login(PASSWORD)).body).toMatchObject({ status: 403, code: 'email_unverified' })
  await post('/auth/verify-email', { token: tokenIn((await mailbox.collect())[0]) }, { env: mailbox.env })
  expect((await login(PASSWORD)).status).toBe(200)
})
