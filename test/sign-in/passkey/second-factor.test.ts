import { describe, expect, test } from 'vitest'
import { userIdSchema } from '../../../src/core/ids.ts'
import { userHandleOf } from '../../../src/crypto/user-handle.ts'
import { burst, call, get, newProvenPerson, PASSWORD, type Person, post, statuses } from '../../support/api.ts'
import type { Variant } from '../../support/authenticator.ts'
import { beforeBatch, failing } from '../../support/intercept-stores.ts'
import {
  addPasskey,
  answerStepUp,
  givePasskey,
  type newDevice,
  newSecurityKey,
  signInByPasskey,
  stepUpByPasskey,
} from '../../support/passkeys.ts'
import { appOfTestUsers } from '../../support/passwords.ts'
import { codeOf, giveRecoveryCodes, giveTotp, prove, turnTwoStepOn, wrongCodeOf } from '../../support/second-factors.ts'
import { SIZES } from '../../support/sizes.ts'
import { change, countOf, events, row } from '../../support/stores.ts'

type Device = ReturnType<typeof newDevice>

const refused = { status: 401, body: { code: 'invalid_second_factor' } }
const app = appOfTestUsers

/** A person whose only second factor is a security key, with two-step sign-in on. */
async function newOwner() {
  const ada = await newProvenPerson()
  const key = newSecurityKey()
  const { body } = await addPasskey(ada, key, { wanted: { kind: 'security_key' } })
  return { ada, key, codes: body.recovery_codes as string[] }
}

const ask = async ({ email }: Person) => (await post('/auth/login', { email, password: PASSWORD }, { app })).body

/** The first step, and the answer of the device to it. */
async function answerFirst(ada: Person, device: Device, variant: Variant = {}) {
  const { mfa_token, public_key } = await ask(ada)
  return { mfa_token, credential: await device.get(public_key, variant) }
}

const send = (body: unknown, options = {}) => post('/auth/mfa', body, { app, ...options })
const failures = async () => (await events('user.second_factor_failed')).map(({ detail }) => detail.reason)

describe('a passkey or security key as the second factor', () => {
  test('M2 M14 W4 opens a session of level phr after a password', async () => {
    const { ada, key } = await newOwner()
    const asked = await ask(ada)
    expect(asked).toMatchObject({
      mfa_required: true,
      methods: ['passkey', 'recovery_code'],
      public_key: {
        rpId: 'latchkey.test',
        allowCredentials: [{ type: 'public-key', id: key.credentials[0]?.id, transports: ['hybrid', 'internal'] }],
        userVerification: 'discouraged',
      },
    })
    const { status, body } = await send({
      mfa_token: asked.mfa_token,
      credential: await key.get(asked.public_key, { userHandle: null }),
    })
    expect(status).toBe(200)
    expect((await get('/auth/session', body.access_token)).body).toMatchObject({
      acr: 'phr',
      amr: ['pwd', 'pop', 'mfa'],
    })
    // The session that has added the key, and this one.
    expect((await row('SELECT count(*) AS n FROM sessions WHERE passkey_id IS NOT NULL')).n).toBe(2)
    expect((await row('SELECT sign_count FROM passkeys')).sign_count).toBe(1)
  })

  test('W4 a security key signs nobody in alone, verified or not', async () => {
    const { key } = await newOwner()
    const [credential] = key.credentials
    if (credential === undefined) throw new Error('no credential')
    for (const isUserVerified of [true, false])
      expect(await signInByPasskey(key, { credential, isUserVerified })).toMatchObject({
        status: 401,
        body: { code: 'invalid_credentials' },
      })
  })

  test('is not offered without one, or while it is blocked or of another domain', async () => {
    const { ada } = await newOwner()
    for (const state of ['suspended_at = 1', "rp_id = 'old.test', suspended_at = NULL", 'removed_at = 1']) {
      await change(`UPDATE passkeys SET ${state}`)
      const asked = await ask(ada)
      expect([asked.methods, asked.public_key]).toEqual([['recovery_code'], undefined])
    }
  })

  test('of an account without another factor is asked for, and no enrolment is offered', async () => {
    const { ada } = await newOwner()
    await change('DELETE FROM recovery_codes')
    expect((await ask(ada)).methods).toEqual(['passkey'])
    await change('UPDATE passkeys SET suspended_at = 1')
    expect((await ask(ada)).code).toBe('second_factor_required')
  })

  test('W3 has one answer to a challenge; the codes still work with the ticket of a wrong one', async () => {
    const { ada, key, codes } = await newOwner()
    const { mfa_token, credential } = await answerFirst(ada, key)
    const signature = `${credential.response.signature.slice(0, -8)}AAAAAAAA`
    const wrong = { ...credential, response: { ...credential.response, signature } }
    expect(await send({ mfa_token, credential: wrong })).toMatchObject(refused)
    expect(await send({ mfa_token, credential })).toMatchObject(refused)
    expect(await failures()).toEqual(['wrong_signature', 'ticket_spent'])
    expect((await prove(mfa_token, { recovery_code: codes[0] ?? '' })).status).toBe(200)
  })

  test.each(SIZES)('W3 opens one session with a ticket, answered %i times at once by key and by code', async (size) => {
    const { ada, key, codes } = await newOwner()
    const answer = await answerFirst(ada, key)
    const before = await countOf('sessions')
    const answers = await burst(size, (at) =>
      at % 2 === 0 ? send(answer) : prove(answer.mfa_token, { recovery_code: codes[at % 10] ?? '' }),
    )
    expect(statuses(answers)).toEqual({ 200: 1, 401: size - 1 })
    expect(await countOf('sessions')).toBe(before + 1)
  })

  test('W5 is refused with the user handle of another user, or the key of another account', async () => {
    const { ada, key } = await newOwner()
    const eve = await newOwner()
    const handle = userHandleOf(userIdSchema.parse(eve.ada.id))
    expect(await send(await answerFirst(ada, key, { userHandle: handle }))).toMatchObject(refused)
    const [credential] = eve.key.credentials
    if (credential === undefined) throw new Error('no credential')
    expect(await send(await answerFirst(ada, eve.key, { credential, userHandle: null }))).toMatchObject(refused)
    expect(await failures()).toEqual(['no_factor', 'no_factor'])
  })

  test('is refused for a ticket of an account that had none, or that has changed', async () => {
    const { ada, key } = await newOwner()
    const answer = await answerFirst(ada, key)
    await change('UPDATE users SET security_epoch = security_epoch + 1')
    expect(await send(answer)).toMatchObject(refused)
    await change('UPDATE passkeys SET suspended_at = 1')
    const { mfa_token } = await ask(ada)
    expect(await send({ mfa_token, credential: answer.credential })).toMatchObject(refused)
  })

  test.each(['UPDATE passkeys SET removed_at = 1', 'UPDATE users SET security_epoch = security_epoch + 1'])(
    'W11 opens no session if that happens between the two waits: %s',
    async (sql) => {
      const { ada, key } = await newOwner()
      const answer = await answerFirst(ada, key)
      const before = await countOf('sessions')
      expect(await send(answer, { env: beforeBatch(2, () => change(sql)) })).toMatchObject(refused)
      expect(await countOf('sessions')).toBe(before)
    },
  )

  test('W9 is blocked when its counter goes back', async () => {
    const { ada, key } = await newOwner()
    await change('UPDATE passkeys SET sign_count = 9, created_at = 1')
    expect(await send(await answerFirst(ada, key, { signCount: 9 }))).toMatchObject(refused)
    expect((await row('SELECT suspended_at FROM passkeys')).suspended_at).not.toBeNull()
    expect(await failures()).toEqual(['passkey_copied'])
  })

  test('M6 works while the app is locked, and lifts that lock', async () => {
    const { ada, key } = await newOwner()
    const secret = await giveTotp(ada)
    const { mfa_token } = await ask(ada)
    for (let at = 0; at < 5; at++) await prove(mfa_token, { totp: wrongCodeOf(secret) })
    expect((await prove(mfa_token, { totp: codeOf(secret) })).status).toBe(429)
    expect((await send(await answerFirst(ada, key))).status).toBe(200)
    expect((await row('SELECT failures FROM totp_factors')).failures).toBe(0)
    expect((await prove((await ask(ada)).mfa_token, { totp: codeOf(secret) })).status).toBe(200)
  })

  test('M6 lifts the lock by a sign-in with a passkey alone as well', async () => {
    const ada = await newProvenPerson()
    const { device } = await givePasskey(ada)
    const secret = await giveTotp(ada)
    await turnTwoStepOn(ada)
    const { mfa_token } = await ask(ada)
    for (let at = 0; at < 5; at++) await prove(mfa_token, { totp: wrongCodeOf(secret) })
    expect((await signInByPasskey(device)).status).toBe(200)
    expect((await prove((await ask(ada)).mfa_token, { totp: codeOf(secret) })).status).toBe(200)
  })

  test('W15 is asked for and works while KV and R2 are down', async () => {
    const { ada, key } = await newOwner()
    const env = failing((name) => /^(SESSIONS|KEY_CACHE|LIMITS|VAULT|ARCHIVE)\./.test(name))
    const { body } = await post('/auth/login', { email: ada.email, password: PASSWORD }, { app, env })
    expect(body.public_key.allowCredentials).toEqual([{ type: 'public-key', id: key.credentials[0]?.id }])
    expect(
      (await send({ mfa_token: body.mfa_token, credential: await key.get(body.public_key) }, { env })).status,
    ).toBe(200)
  })

  test('is one of the proofs that the body takes', async () => {
    const { ada, key } = await newOwner()
    const answer = await answerFirst(ada, key)
    expect((await send({ ...answer, totp: '123456' })).status).toBe(422)
    expect((await send({ mfa_token: answer.mfa_token })).status).toBe(422)
  })
})

describe('a step-up with a passkey', () => {
  const reasons = async () => (await events('user.reauthentication_failed')).map(({ detail }) => detail.reason)
  const wrong = { status: 401, body: { code: 'invalid_credentials' } }

  test('M10 M14 makes the session recent and gives it level phr', async () => {
    const ada = await newProvenPerson()
    const { device } = await givePasskey(ada)
    await change(`UPDATE sessions SET auth_time = 1, amr = '["pwd"]'`)
    const { status, body } = await stepUpByPasskey(ada, device)
    expect(status).toBe(200)
    expect((await get('/auth/session', body.access_token)).body).toMatchObject({
      acr: 'phr',
      amr: ['mfa', 'pop', 'pwd'],
    })
    expect(Number((await row('SELECT auth_time FROM sessions')).auth_time)).toBeGreaterThan(1)
    expect((await events('session.stepped_up')).map(({ detail }) => detail.method)).toEqual(['pop'])
    await turnTwoStepOn(ada)
    const codes = await call('/api/v1/users/me/recovery-codes', { method: 'POST', token: body.access_token })
    expect(codes.status).toBe(201)
  })

  test('W11 renews no session if the passkey is removed between the two waits', async () => {
    const ada = await newProvenPerson()
    const { device } = await givePasskey(ada)
    await change('UPDATE sessions SET auth_time = 1')
    const between = beforeBatch(2, () => change('UPDATE passkeys SET removed_at = 1'))
    expect(await stepUpByPasskey(ada, device, {}, { env: between })).toMatchObject(wrong)
    expect((await row('SELECT auth_time FROM sessions')).auth_time).toBe(1)
    expect(await reasons()).toEqual(['changed_meanwhile'])
  })

  test('M10 takes the passkey that has opened the session', async () => {
    const { device } = await givePasskey(await newProvenPerson())
    const { body } = await signInByPasskey(device)
    expect((await stepUpByPasskey({ accessToken: body.access_token }, device)).status).toBe(200)
  })

  test('W4 needs user verification of a passkey', async () => {
    const ada = await newProvenPerson()
    const { device } = await givePasskey(ada)
    expect(await stepUpByPasskey(ada, device, { isUserVerified: false })).toMatchObject(wrong)
    expect(await reasons()).toEqual(['passkey_unverified'])
  })

  test('W4 takes a security key in a session that has a first factor, and in no other', async () => {
    const { ada, key } = await newOwner()
    await change(`UPDATE sessions SET amr = '["pwd"]'`)
    const { body } = await stepUpByPasskey(ada, key)
    expect((await get('/auth/session', body.access_token)).body).toMatchObject({ acr: 'phr' })
    await change(`UPDATE sessions SET amr = '["pop","mfa"]', auth_time = 1`)
    expect(await stepUpByPasskey(ada, key)).toMatchObject(wrong)
    expect((await row('SELECT auth_time FROM sessions')).auth_time).toBe(1)
  })

  test('W3 takes a ticket once, and only of its own kind, user and session', async () => {
    const ada = await newProvenPerson()
    const { device } = await givePasskey(ada)
    const [own, other] = [await answerStepUp(ada, device), await answerStepUp(ada, device)]
    const token = ada.accessToken
    expect((await post('/auth/step-up', own, { token })).status).toBe(200)
    expect(await post('/auth/step-up', own, { token })).toMatchObject(wrong)
    const { body } = await post('/auth/login', { email: ada.email, password: PASSWORD }, { app })
    expect(await post('/auth/step-up', other, { token: body.access_token })).toMatchObject(wrong)
    const eve = await newProvenPerson()
    expect(await post('/auth/step-up', other, { token: eve.accessToken })).toMatchObject(wrong)
    const offer = await post('/auth/passkey/options', undefined, { method: 'POST' })
    const foreign = { ticket: offer.body.ticket, credential: await device.get(offer.body.public_key) }
    expect(await post('/auth/step-up', foreign, { token })).toMatchObject(wrong)
    expect(await reasons()).toEqual(['ticket_spent'])
  })

  test.each(SIZES)('W3 renews one session once, sent %i times at once', async (size) => {
    const ada = await newProvenPerson()
    const { device } = await givePasskey(ada)
    const answer = await answerStepUp(ada, device)
    const answers = await burst(size, () => post('/auth/step-up', answer, { token: ada.accessToken }))
    expect(statuses(answers)).toEqual({ 200: 1, 401: size - 1 })
    expect(await events('session.stepped_up')).toHaveLength(1)
  })

  test('is not offered without a passkey, and takes one proof', async () => {
    const ada = await newProvenPerson()
    const none = await call('/api/v1/auth/step-up/options', { method: 'POST', token: ada.accessToken })
    expect([none.status, none.body.code]).toEqual([409, 'no_factor'])
    const { device } = await givePasskey(ada)
    const { credential, ticket } = await answerStepUp(ada, device)
    for (const body of [{ credential }, { ticket }, { ticket, credential, password: PASSWORD }])
      expect((await post('/auth/step-up', body, { token: ada.accessToken })).status).toBe(422)
  })

  test('M6 lifts the lock of the app, and none of another person', async () => {
    const [ada, grace] = [await newProvenPerson(), await newProvenPerson()]
    const { device } = await givePasskey(ada)
    for (const person of [ada, grace]) await giveTotp(person)
    await giveRecoveryCodes(ada)
    await change('UPDATE totp_factors SET failures = 50')
    expect((await stepUpByPasskey(ada, device)).status).toBe(200)
    const failures = async ({ id }: Person) =>
      (await row('SELECT failures FROM totp_factors WHERE user_id = ?', id)).failures
    expect([await failures(ada), await failures(grace)]).toEqual([0, 50])
  })
})
