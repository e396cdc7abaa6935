import { env } from 'cloudflare:workers'
import { describe, expect, test } from 'vitest'
import { userIdSchema } from '../../../src/core/ids.ts'
import { userHandleOf } from '../../../src/crypto/user-handle.ts'
import {
  type Answer,
  burst,
  type Call,
  call,
  get,
  newProvenPerson,
  type Person,
  post,
  signIn,
  statuses,
} from '../../support/api.ts'
import { beforeBatch } from '../../support/intercept-stores.ts'
import { jobContext } from '../../support/job-context.ts'
import { type Mailbox, openMailbox, tokenIn } from '../../support/mailbox.ts'
import {
  addPasskey,
  givePasskey,
  newDevice,
  newSecurityKey,
  removePasskey,
  signInByPasskey,
  stepUpByPasskey,
  storePasskey,
} from '../../support/passkeys.ts'
import { giveIdentity, giveToken } from '../../support/requests.ts'
import { giveRecoveryCodes, giveTotp, codeOf as totpOf, turnTwoStepOn } from '../../support/second-factors.ts'
import { NEW_PASSWORD } from '../../support/session-ends.ts'
import { SIZES } from '../../support/sizes.ts'
import { socialEnv } from '../../support/social.ts'
import { change, countOf, events, row, rows } from '../../support/stores.ts'

const PATH = '/api/v1/users/me/passkeys'
const factorsOf = async ({ accessToken }: Pick<Person, 'accessToken'>) =>
  (await get('/users/me/factors', accessToken)).body
const rename = ({ accessToken }: Person, id: string, name: string, options: Call = {}) =>
  call(`${PATH}/${id}`, { method: 'PATCH', token: accessToken, body: { name }, ...options })
const codeOf = ({ body }: Answer) => body.code
type Thief = Awaited<ReturnType<typeof signIn>>

/** A person with two passkeys and without a password, in a session that one of them opened. */
async function newOwner() {
  const ada = await newProvenPerson()
  const [first, second] = [await givePasskey(ada), await givePasskey(ada)]
  await change('UPDATE credentials SET password_hash = NULL')
  const { body } = await signInByPasskey(first.device)
  return { ada: { ...ada, accessToken: String(body.access_token) }, first, second }
}

describe('GET /users/me/factors', () => {
  test('lists passkeys, and what the signal methods of a browser need', async () => {
    const ada = await newProvenPerson({ full_name: 'Ada Lovelace' })
    const device = newDevice()
    const { body } = await addPasskey(ada, device, { body: { name: 'Phone' } })
    await addPasskey(ada, newSecurityKey(), { wanted: { kind: 'security_key' }, body: { two_step: false } })
    expect(await factorsOf(ada)).toMatchObject({
      passkeys: [
        {
          id: body.id,
          name: 'Phone',
          last_used_at: null,
          synced: true,
          second_factor_only: false,
          suspended: false,
          other_domain: false,
        },
        { name: null, synced: false, second_factor_only: true },
      ],
      user_handle: userHandleOf(userIdSchema.parse(ada.id)),
      rp_id: 'latchkey.test',
      accepted_credential_ids: [device.credentials[0]?.id, expect.any(String)],
      user_name: ada.email,
      user_display_name: 'Ada Lovelace',
    })
  })

  test('marks a passkey of another domain, and does not list removed ones', async () => {
    const ada = await newProvenPerson()
    await givePasskey(ada)
    const { id } = await givePasskey(ada)
    await removePasskey(ada, id)
    await change("UPDATE passkeys SET rp_id = 'old.test'")
    const { passkeys, accepted_credential_ids } = await factorsOf(ada)
    expect(passkeys).toMatchObject([{ other_domain: true }])
    expect(accepted_credential_ids).toEqual([])
  })
})

describe('PATCH /users/me/passkeys/:id', () => {
  test('renames a passkey, and keeps its other details', async () => {
    const [eve, ada] = [await newProvenPerson(), await newProvenPerson()]
    await givePasskey(eve)
    await storePasskey(ada)
    const { id, device } = await givePasskey(ada)
    expect(await rename(ada, id, ' Laptop ')).toMatchObject({ status: 200, body: { id, name: 'Laptop' } })
    expect((await factorsOf(ada)).passkeys).toMatchObject([{ name: null }, { name: 'Laptop' }])
    expect((await factorsOf(eve)).passkeys).toMatchObject([{ name: null, synced: true }])
    expect(await events('passkey.renamed')).toMatchObject([{ subject_id: ada.id, detail: { passkey_id: id } }])
    const { body } = await call('/api/v1/auth/step-up/options', { method: 'POST', token: ada.accessToken })
    expect(body.public_key.allowCredentials).toContainEqual({
      ...{ type: 'public-key', id: device.credentials[0]?.id },
      transports: ['hybrid', 'internal'],
    })
  })

  test("finds no other person's, and no removed one", async () => {
    const [ada, eve] = [await newProvenPerson(), await newProvenPerson()]
    const { id } = await givePasskey(ada)
    expect((await rename(eve, id, 'Mine')).status).toBe(404)
    await change('UPDATE passkeys SET removed_at = 1, details_enc = NULL')
    expect((await rename(ada, id, 'Back')).status).toBe(404)
  })

  test('changes nothing for a session that has ended, or ends between the two waits', async () => {
    const ada = await newProvenPerson()
    const { id } = await givePasskey(ada)
    const { details_enc: before } = await row('SELECT details_enc FROM passkeys')
    const using = { env: beforeBatch(2, () => change('UPDATE sessions SET revoked_at = 1')) }
    expect((await rename(ada, id, 'Late', using)).status).toBe(404)
    expect((await rename(ada, id, 'Later')).status).toBe(401)
    expect((await row('SELECT details_enc FROM passkeys')).details_enc).toBe(before)
  })
})

describe('DELETE /users/me/passkeys/:id', () => {
  test('removes it, forgets its details, ends what it opened, and mails the owner', async () => {
    const box = openMailbox()
    const ada = await newProvenPerson()
    const { device, id } = await givePasskey(ada)
    const opened = await signInByPasskey(device)
    const byPassword = await signIn(ada.email)
    expect((await removePasskey(ada, id, { env: box.env })).status).toBe(204)
    expect((await get('/users/me', opened.body.access_token)).status).toBe(401)
    expect((await get('/users/me', byPassword.accessToken)).status).toBe(200)
    expect((await get('/users/me', ada.accessToken)).status).toBe(200)
    expect(await signInByPasskey(device)).toMatchObject({ status: 401, body: { code: 'passkey_removed' } })
    expect(await row('SELECT details_enc, removed_at > 0 AS is_removed FROM passkeys')).toEqual({
      details_enc: null,
      is_removed: 1,
    })
    expect((await box.collect()).map(({ subject }) => subject)).toEqual(['A passkey was removed at Latchkey'])
    expect(await events('passkey.removed')).toMatchObject([{ subject_id: ada.id, detail: { passkey_id: id } }])
    expect((await removePasskey(ada, id)).status).toBe(404)
  })

  test.each([
    ['added it', async (thief: Thief) => thief.accessToken],
    [
      'restored the account with it',
      async (_: Thief, device: ReturnType<typeof newDevice>) => {
        await change("UPDATE users SET status = 'deleted', deleted_at = 1, purge_after = 1e13")
        const { body } = await signInByPasskey(device)
        return (await post('/auth/restore', { token: body.restore_token })).body.access_token
      },
    ],
  ] as const)('W17 ends the session of a thief who %s', async (_, open) => {
    const ada = await newProvenPerson()
    const [thief, device] = [await signIn(ada.email), newDevice()]
    const { body } = await addPasskey(thief, device)
    const stolen = await open(thief, device)
    expect((await get('/users/me', stolen)).status).toBe(200)
    expect((await removePasskey(ada, body.id)).status).toBe(204)
    expect((await get('/users/me', stolen)).status).toBe(401)
    expect((await get('/users/me', ada.accessToken)).status).toBe(200)
  })

  test('needs a step-up at the level of the account, and the own account', async () => {
    const [ada, eve] = [await newProvenPerson(), await newProvenPerson()]
    const { id } = await givePasskey(ada)
    expect((await removePasskey(eve, id)).status).toBe(404)
    await giveTotp(ada)
    await turnTwoStepOn(ada)
    await change(`UPDATE sessions SET amr = '["pwd"]'`)
    expect(codeOf(await removePasskey(ada, id))).toBe('step_up_required')
    expect(await countOf('passkeys')).toBe(1)
  })

  test('W10 keeps the last way to sign in', async () => {
    const { ada, first, second } = await newOwner()
    expect((await removePasskey(ada, second.id)).status).toBe(204)
    expect(codeOf(await removePasskey(ada, first.id))).toBe('last_credential')
    expect((await signInByPasskey(first.device)).status).toBe(200)
  })

  test('W10 counts no security key, no blocked passkey and none of another domain as a way in', async () => {
    const { ada, first, second } = await newOwner()
    const states = ["rp_id = 'old.test'", 'suspended_at = 1', 'is_uv_initialized = 0, is_backup_eligible = 0']
    for (const state of states) {
      await change(`UPDATE passkeys SET ${state} WHERE id = ?`, second.id)
      expect(codeOf(await removePasskey(ada, first.id))).toBe('last_credential')
      await change(
        "UPDATE passkeys SET rp_id = 'latchkey.test', suspended_at = NULL, is_uv_initialized = 1, is_backup_eligible = 1",
      )
    }
    await change('UPDATE passkeys SET suspended_at = 1 WHERE id = ?', second.id)
    expect((await removePasskey(ada, second.id)).status).toBe(204)
  })

  test.each(SIZES)('W10 leaves one of two ways in, removed by %i requests at once', async (size) => {
    const { ada, first, second } = await newOwner()
    const answers = await burst(size, (at) => removePasskey(ada, at % 2 === 0 ? first.id : second.id))
    expect(statuses(answers)[204]).toBe(1)
    expect(answers.filter(({ status }) => status === 409).map(codeOf)).toContain('last_credential')
    expect(await rows('SELECT id FROM passkeys WHERE removed_at IS NULL')).toHaveLength(1)
    expect(await events('passkey.removed')).toHaveLength(1)
  })

  test.each(SIZES)('W10 leaves a passkey or a linked identity, removed by %i requests at once', async (size) => {
    const ada = await newProvenPerson()
    const { id, device } = await givePasskey(ada)
    const identity = await giveIdentity(ada)
    await change('UPDATE credentials SET password_hash = NULL')
    const { body } = await signInByPasskey(device)
    const token = String(body.access_token)
    const using = { env: socialEnv() }
    const answers = await burst(size, (at) =>
      at % 2 === 0
        ? removePasskey({ accessToken: token }, id, using)
        : call(`/api/v1/users/me/identities/${identity}`, { method: 'DELETE', token, ...using }),
    )
    expect(statuses(answers)[204]).toBe(1)
    const ways = await row(
      'SELECT (SELECT count(*) FROM social_logins) + (SELECT count(*) FROM passkeys WHERE removed_at IS NULL) AS n',
    )
    expect(ways.n).toBe(1)
  })

  test('keeps the last second factor while two-step sign-in is on, and takes the codes with the last one', async () => {
    const ada = await newProvenPerson()
    const key = newSecurityKey()
    const { body } = await addPasskey(ada, key, { wanted: { kind: 'security_key' } })
    const { body: raised } = await stepUpByPasskey(ada, key)
    const owner = { accessToken: String(raised.access_token) }
    expect(codeOf(await removePasskey(owner, body.id))).toBe('factor_required')
    await giveTotp(ada)
    expect((await removePasskey(owner, body.id)).status).toBe(204)
    expect(await countOf('recovery_codes')).toBe(10)
    const other = await addPasskey(owner, newSecurityKey(), { wanted: { kind: 'security_key' } })
    expect(other.body.recovery_codes).toBeUndefined()
    const removed = await call('/api/v1/users/me/totp', { method: 'DELETE', token: owner.accessToken })
    expect([removed.status, await countOf('recovery_codes')]).toEqual([204, 10])
    await call('/api/v1/users/me/two-step', { method: 'PUT', token: owner.accessToken, body: { enabled: false } })
    expect((await removePasskey(owner, other.body.id)).status).toBe(204)
    expect(await countOf('recovery_codes')).toBe(0)
  })

  test('D6 is refused for a person whose data key was destroyed', async () => {
    const ada = await newProvenPerson()
    const id = await storePasskey(ada)
    await (await jobContext()).vault.destroy([userIdSchema.parse(ada.id)])
    // Not the isolate that has the key in its memory.
    expect((await removePasskey(ada, id, { env: { ...env } })).status).toBe(401)
    expect((await row('SELECT removed_at FROM passkeys')).removed_at).toBeNull()
  })

  test('is refused if the session ends between the two waits', async () => {
    const ada = await newProvenPerson()
    const { id } = await givePasskey(ada)
    const using = { env: beforeBatch(1, () => change('UPDATE sessions SET revoked_at = 1')) }
    expect((await removePasskey(ada, id, using)).status).toBe(401)
    expect((await row('SELECT removed_at FROM passkeys')).removed_at).toBeNull()
  })
})

describe('O6 a proof of the mailbox', () => {
  test('voids the passkeys of an account that nobody had proven', async () => {
    const ada = await newProvenPerson()
    const { device } = await givePasskey(ada)
    await change('UPDATE users SET is_verified = 0')
    const token = await giveToken(ada, 'reset')
    const body = { token, new_password: 'another horse battery staple' }
    expect((await post('/auth/reset-password/confirm', body)).status).toBe(204)
    expect(await signInByPasskey(device)).toMatchObject({ status: 401, body: { code: 'invalid_credentials' } })
    expect(await countOf('passkeys')).toBe(0)
  })

  test('M12 keeps the passkeys of a proven account', async () => {
    const ada = await newProvenPerson()
    const { device } = await givePasskey(ada)
    const token = await giveToken(ada, 'reset')
    await post('/auth/reset-password/confirm', { token, new_password: 'another horse battery staple' })
    expect((await signInByPasskey(device)).status).toBe(200)
  })

  test.each([
    ['removes', false, 401],
    ['keeps', true, 200],
  ])(
    'that undoes a change of address %s the passkeys of an account (two factors: %s)',
    async (_, isTwoStep, status) => {
      const ada = await newProvenPerson()
      const { device } = await givePasskey(ada)
      if (isTwoStep) await turnTwoStepOn(ada)
      const token = await giveToken(ada, 'undo', `old-${ada.email}`)
      expect((await post('/auth/undo-email', { token })).status).toBe(204)
      expect((await signInByPasskey(device)).status).toBe(status)
    },
  )
})

describe('O7 a thief who has changed the address', () => {
  const added = { body: { two_step: true } } as const

  /** The thief knows the password. @returns the link that undoes the change */
  async function changeAddress(box: Mailbox, ada: Person) {
    await post('/users/me/email', { new_email: `thief-${ada.email}` }, { env: box.env, token: ada.accessToken })
    const token = tokenIn((await box.collect()).at(-1))
    await post('/auth/verify-email', { token }, { env: box.env, token: ada.accessToken })
    return tokenIn((await box.collect()).find(({ to }) => to === ada.email))
  }

  test('does not stay by means of a passkey and two-step sign-in that were set up afterwards', async () => {
    const [box, ada, device] = [openMailbox(), await newProvenPerson(), newDevice()]
    const undo = await changeAddress(box, ada)
    expect((await addPasskey(ada, device, added)).status).toBe(201)
    expect((await post('/auth/undo-email', { token: undo })).status).toBe(204)
    expect((await signInByPasskey(device)).status).toBe(401)
  })

  test('nor by recovery codes, which would lock the owner out', async () => {
    const [box, ada] = [openMailbox(), await newProvenPerson()]
    const undo = await changeAddress(box, ada)
    expect((await addPasskey(ada, newDevice(), added)).body.recovery_codes).toHaveLength(10)
    expect((await post('/auth/undo-email', { token: undo }, { env: box.env })).status).toBe(204)
    expect(await countOf('recovery_codes')).toBe(0)
    const token = tokenIn((await box.collect()).findLast(({ to }) => to === ada.email))
    await post('/auth/reset-password/confirm', { token, new_password: NEW_PASSWORD })
    const { body } = await post('/auth/login', { email: ada.email, password: NEW_PASSWORD })
    expect(body).toMatchObject({ enrolment_required: true })
  })

  test('leaves the codes from before, where the owner has another factor', async () => {
    const [box, ada] = [openMailbox(), await newProvenPerson()]
    await giveTotp(ada)
    await giveRecoveryCodes(ada)
    await change('UPDATE recovery_codes SET created_at = 1')
    const undo = await changeAddress(box, ada)
    expect((await post('/auth/undo-email', { token: undo })).status).toBe(204)
    expect(await countOf('recovery_codes')).toBe(10)
  })

  test('nor by means of one from before, which the link of its own mail still removes', async () => {
    const [box, ada, device] = [openMailbox(), await newProvenPerson(), newDevice()]
    expect((await addPasskey(ada, device, { call: { env: box.env } })).status).toBe(201)
    const unkey = (await box.collect()).map(({ text }) => /lk_unkey_[\w.-]+/.exec(text)?.[0]).find(Boolean)
    const undo = await changeAddress(box, ada)
    await turnTwoStepOn(ada)
    expect((await post('/auth/undo-email', { token: undo })).status).toBe(204)
    expect((await post('/auth/undo-passkey', { token: unkey })).status).toBe(204)
    expect((await signInByPasskey(device)).status).toBe(401)
  })
})

test.each([
  [
    'a passkey',
    async (thief: Thief) => {
      const { body } = await addPasskey(thief, newDevice())
      await removePasskey(thief, body.id)
    },
  ],
  [
    'an app',
    async ({ accessToken: token }: Thief) => {
      const { ticket, secret } = (await post('/users/me/totp/options', {}, { token })).body
      const body = { ticket, code: totpOf(secret), two_step: false, end_other_sessions: false }
      expect((await post('/users/me/totp', body, { token })).status).toBe(201)
      await call('/api/v1/users/me/totp', { method: 'DELETE', token })
    },
  ],
] as const)(
  'W17 turned on, two-step sign-in ends a session that a thief has raised with %s that is gone',
  async (_, raise) => {
    const ada = await newProvenPerson()
    const { device } = await givePasskey(ada)
    const [thief, phone] = [await signIn(ada.email), await signInByPasskey(device)]
    await raise(thief)
    expect((await get('/users/me', thief.accessToken)).status).toBe(200)
    await call('/api/v1/users/me/two-step', { method: 'PUT', token: ada.accessToken, body: { enabled: true } })
    const sessions = [thief.accessToken, phone.body.access_token, ada.accessToken]
    expect(await Promise.all(sessions.map(async (token) => (await get('/users/me', token)).status))).toEqual([
      401, 200, 200,
    ])
  },
)

test('two-step sign-in can be turned on with a passkey alone, and brings recovery codes', async () => {
  const ada = await newProvenPerson()
  await givePasskey(ada)
  const turned = await call('/api/v1/users/me/two-step', {
    method: 'PUT',
    token: ada.accessToken,
    body: { enabled: true },
  })
  expect([turned.status, turned.body.recovery_codes?.length]).toEqual([200, 10])
  await giveRecoveryCodes(ada)
})
