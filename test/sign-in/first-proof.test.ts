import { describe, expect, test } from 'vitest'
import { type Answer, get, newPerson, PASSWORD, type Person, post, signIn } from '../support/api.ts'
import { type Mailbox, openMailbox, tokenIn } from '../support/mailbox.ts'
import {
  addPasskey,
  answerChallenge,
  answerEnrolment,
  finishPasskey,
  givePasskey,
  newDevice,
  passkeyOptions,
  sendAnswer,
} from '../support/passkeys.ts'
import { giveToken } from '../support/requests.ts'
import {
  codeOf,
  enrolmentOf,
  giveRecoveryCodes,
  giveTotp,
  mfaTokenOf,
  turnTwoStepOn,
} from '../support/second-factors.ts'
import { NEW_PASSWORD } from '../support/session-ends.ts'
import { newAccount, providersForEachTest, signInWith, socialSettings } from '../support/social.ts'
import { change, prove, row } from '../support/stores.ts'

const providers = providersForEachTest()
const openBox = () => openMailbox(socialSettings)

interface Planted {
  /** Of the thief, who has registered the address of another person. */
  readonly thief: Person
  readonly box: Mailbox
}

/** The account is one whose address nobody has proven. */
const unprove = ({ id }: Person) => change('UPDATE users SET is_verified = 0 WHERE id = ?', id)

/**
 * What the thief has prepared. Each entry returns a function that tries to use it. Nobody can add a factor to
 * such an account, but an import or a time without mails may have left one.
 */
const plants: Readonly<Record<string, (planted: Planted) => Promise<() => Promise<Answer>>>> = {
  'a password':
    async ({ thief, box }) =>
    () =>
      post('/auth/login', { email: thief.email, password: PASSWORD }, { env: box.env }),
  'an access token':
    async ({ thief }) =>
    () =>
      get('/users/me', thief.accessToken),
  'a refresh token':
    async ({ thief }) =>
    () =>
      post('/auth/refresh', { refresh_token: thief.refreshToken }),
  'a passkey': async ({ thief }) => {
    const { device } = await givePasskey(thief)
    await unprove(thief)
    return async () => sendAnswer(await answerChallenge(device))
  },
  'the answer of a passkey': async ({ thief }) => {
    const { device } = await givePasskey(thief)
    await unprove(thief)
    const answer = await answerChallenge(device)
    return () => sendAnswer(answer)
  },
  'a second step with an app': async ({ thief }) => {
    const secret = await giveTotp(thief)
    await turnTwoStepOn(thief)
    const token = await mfaTokenOf(thief)
    return () => post('/auth/mfa', { mfa_token: token, totp: codeOf(secret) })
  },
  'a second step with a recovery code': async ({ thief }) => {
    const [code] = await giveRecoveryCodes(thief)
    await turnTwoStepOn(thief)
    const token = await mfaTokenOf(thief)
    return () => post('/auth/mfa', { mfa_token: token, recovery_code: code })
  },
  'an enrolment': async ({ thief }) => {
    const { token } = await enrolmentOf(thief, { by: 'operator' })
    const body = await answerEnrolment(token, newDevice())
    return () => post('/auth/enrol/passkeys', body)
  },
}

/** What the thief has begun while the address was proven, for example by an address of the thief's own. */
const begun: typeof plants = {
  'a passkey that is being added': async ({ thief }) => {
    await prove(thief)
    const { body } = await passkeyOptions(thief)
    await unprove(thief)
    const credential = await newDevice().create(body.public_key)
    return () => finishPasskey(thief, { ticket: body.ticket, credential })
  },
  'an app that is being added': async ({ thief }) => {
    await prove(thief)
    const { body } = await post('/users/me/totp/options', {}, { token: thief.accessToken })
    await unprove(thief)
    return () =>
      post('/users/me/totp', { ticket: body.ticket, code: codeOf(body.secret) }, { token: thief.accessToken })
  },
}

/** How the owner of the mailbox proves it for the first time. */
const proofs: Readonly<Record<string, (planted: Planted) => Promise<Answer>>> = {
  'a mail that signs in': (planted) => confirmMail(planted, '/auth/email'),
  'a sign-up by mail': (planted) => confirmMail(planted, '/auth/sign-up'),
  'a new password': async ({ thief, box: { env } }) => {
    const token = await giveToken(thief, 'reset')
    return post('/auth/reset-password/confirm', { token, new_password: NEW_PASSWORD }, { env })
  },
  'a restored account': async ({ thief, box: { env } }) => {
    const epoch = 'security_epoch = security_epoch + 1'
    const values = [Date.now(), Date.now() + 1e9, thief.id]
    await change(
      `UPDATE users SET status = 'deleted', deleted_at = ?, purge_after = ?, ${epoch} WHERE id = ?`,
      ...values,
    )
    return post('/auth/restore', { token: await giveToken(thief, 'recover') }, { env })
  },
  'a provider': ({ thief, box: { env } }) => signInWith(providers, 'acme', newAccount({ email: thief.email }), { env }),
}

async function confirmMail({ thief, box }: Planted, path: string): Promise<Answer> {
  const { body } = await post(path, { email: thief.email }, { env: box.env })
  const mail = (await box.collect()).findLast(({ to }) => to === thief.email)
  return post('/auth/email/confirm', { request: body.request, token: tokenIn(mail) }, { env: box.env })
}

test.each(Object.entries(plants))('until then, %s works', async (_, plant) => {
  const box = openBox()
  const thief = await newPerson({}, { env: box.env })
  const use = await plant({ thief, box })
  expect((await use()).status).toBeLessThan(300)
})

test.each(Object.entries(begun))('O9 until then, %s is refused', async (_, plant) => {
  const box = openBox()
  const thief = await newPerson({}, { env: box.env })
  const use = await plant({ thief, box })
  expect(await use()).toMatchObject({ status: 403, body: { code: 'email_unverified' } })
})

test('O9 who opens the link of the registration, and then sets a password, is alone in the account', async () => {
  const box = openBox()
  const thief = await newPerson({}, { env: box.env })
  const link = tokenIn((await box.collect()).findLast(({ to }) => to === thief.email))
  expect(await addPasskey(thief, newDevice())).toMatchObject({ status: 403, body: { code: 'email_unverified' } })
  expect((await post('/auth/verify-email', { token: link })).status).toBe(204)
  const token = await giveToken(thief, 'reset')
  const reset = await post('/auth/reset-password/confirm', { token, new_password: NEW_PASSWORD }, { env: box.env })
  expect(reset.status).toBe(204)
  for (const name of ['a password', 'an access token', 'a refresh token'])
    expect((await (await plants[name]?.({ thief, box }))?.())?.status, name).toBeGreaterThanOrEqual(400)
  const owner = { ...thief, ...(await signIn(thief.email, NEW_PASSWORD, { env: box.env })) }
  expect((await get('/users/me/factors', owner.accessToken)).body).toMatchObject({ passkeys: [], totp: null })
  expect((await addPasskey(owner, newDevice())).status).toBe(201)
})

describe.each(Object.entries(proofs))('O6 M12 W11 L5 the first proof of an address by %s', (_, proveMailbox) => {
  test.each(Object.entries({ ...plants, ...begun }))(
    'leaves the person who had registered it without %s',
    async (_, plant) => {
      const box = openBox()
      const thief = await newPerson({ full_name: 'Thief' }, { env: box.env })
      await box.collect()
      const use = await plant({ thief, box })
      const { status, body } = await proveMailbox({ thief, box })
      expect([200, 204]).toContain(status)
      expect(body ?? {}).not.toHaveProperty('mfa_required')
      expect((await use()).status).toBeGreaterThanOrEqual(400)
      expect(await row('SELECT is_verified, two_step_at FROM users WHERE id = ?', thief.id)).toEqual({
        is_verified: 1,
        two_step_at: null,
      })
      for (const table of ['passkeys', 'totp_factors', 'recovery_codes', 'factor_resets'])
        expect((await row(`SELECT count(*) AS n FROM ${table} WHERE user_id = ?`, thief.id)).n, table).toBe(0)
    },
  )
})
