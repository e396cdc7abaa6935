import { afterEach, describe, expect, test, vi } from 'vitest'
import { userIdSchema } from '../../../src/core/ids.ts'
import { openTicket, sealTicket } from '../../../src/crypto/ticket.ts'
import { userHandleOf } from '../../../src/crypto/user-handle.ts'
import { openPasskeyDetails } from '../../../src/storage/database/passkeys.ts'
import { burst, call, get, newProvenPerson, PASSWORD, type Person, post, signIn, statuses } from '../../support/api.ts'
import { beforeBatch } from '../../support/intercept-stores.ts'
import { jobContext } from '../../support/job-context.ts'
import { openMailbox, tokenIn } from '../../support/mailbox.ts'
import {
  addPasskey,
  finishPasskey,
  givePasskey,
  newDevice,
  newSecurityKey,
  passkeyOptions,
  removePasskey,
  signInByPasskey,
  storePasskey,
} from '../../support/passkeys.ts'
import { appOfTestUsers } from '../../support/passwords.ts'
import { giveRecoveryCodes, giveTotp, turnTwoStepOn } from '../../support/second-factors.ts'
import { SIZES } from '../../support/sizes.ts'
import { change, countOf, events, row, rows, rowsOfEach } from '../../support/stores.ts'

afterEach(() => {
  vi.useRealTimers()
})

const notAccepted = { status: 422, body: { errors: [{ pointer: '/credential' }] } }
const later = (ms: number) => vi.setSystemTime(Date.now() + ms)

/** The options and the answer of a device to them. */
async function prepare(person: Person) {
  const { body } = await passkeyOptions(person)
  return { ticket: String(body.ticket), credential: await newDevice().create(body.public_key) }
}

describe('the options for a new passkey', () => {
  test('name the account for the authenticator, without personal data in the handle', async () => {
    const eve = await newProvenPerson({ full_name: 'Eve' })
    await storePasskey(eve)
    const ada = await newProvenPerson({ full_name: 'Ada Lovelace' })
    const { status, body } = await passkeyOptions(ada)
    expect(status).toBe(200)
    expect(body.public_key).toEqual({
      rp: { id: 'latchkey.test', name: 'Latchkey' },
      user: { id: userHandleOf(userIdSchema.parse(ada.id)), name: ada.email, displayName: 'Ada Lovelace' },
      challenge: expect.any(String),
      pubKeyCredParams: [-7, -8, -257].map((alg) => ({ type: 'public-key', alg })),
      timeout: 600_000,
      excludeCredentials: [],
      authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
      attestation: 'none',
      hints: [],
      extensions: { credProps: true },
    })
    expect(await countOf('spent_tickets')).toBe(0)
  })

  test('name the passkeys that the account has, so that a device makes no second one', async () => {
    const ada = await newProvenPerson()
    const { device } = await givePasskey(ada)
    const { body } = await passkeyOptions(ada)
    expect(body.public_key.excludeCredentials).toEqual([{ type: 'public-key', id: device.credentials[0]?.id }])
    await expect(device.create(body.public_key)).rejects.toThrow()
  })

  test('for a security key ask for no user verification', async () => {
    const { body } = await passkeyOptions(await newProvenPerson(), { kind: 'security_key' })
    expect(body.public_key).toMatchObject({
      authenticatorSelection: {
        residentKey: 'discouraged',
        requireResidentKey: false,
        userVerification: 'discouraged',
        authenticatorAttachment: 'cross-platform',
      },
      hints: ['security-key'],
    })
  })
})

describe('a new passkey', () => {
  test('W8 is stored as the authenticator data have it, and its details are encrypted', async () => {
    const ada = await newProvenPerson()
    const device = newDevice()
    const userAgent = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
    const call = { headers: { 'user-agent': userAgent } }
    const { status, body } = await addPasskey(ada, device, { body: { name: ' Phone ' }, call })
    expect([status, body.name, body.recovery_codes]).toEqual([201, 'Phone', undefined])
    const stored = await row('SELECT * FROM passkeys')
    expect(stored).toMatchObject({
      id: body.id,
      user_id: ada.id,
      rp_id: 'latchkey.test',
      credential_id: device.credentials[0]?.id,
      is_uv_initialized: 1,
      is_backup_eligible: 1,
      is_backed_up: 1,
      is_discoverable: 1,
    })
    // The copy of the key that the browser adds is not this one.
    expect(JSON.parse(String(stored.public_key))).toMatchObject({ alg: -7, jwk: { kty: 'EC', crv: 'P-256' } })
    expect(String(stored.details_enc)).not.toContain('Phone')
    const place = { passkeyId: String(body.id), userId: userIdSchema.parse(ada.id) }
    const lookup = await (await jobContext()).vault.find(place.userId)
    if (lookup.kind !== 'found') throw new Error('no key')
    expect(await openPasskeyDetails(lookup.key, place, String(stored.details_enc))).toEqual({
      label: 'Phone',
      aaguid: 'fbfc3007-154e-4ecc-8c0b-6e020557d7bd',
      transports: ['hybrid', 'internal'],
      browser: 'Firefox on Linux',
    })
    expect(await events('passkey.added')).toMatchObject([{ subject_id: ada.id, detail: { passkey_id: body.id } }])
    expect((await row('SELECT two_step_at FROM users')).two_step_at).toBeNull()
  })

  test('W8 takes the key of the authenticator data, whatever the body says', async () => {
    const ada = await newProvenPerson()
    const device = newDevice()
    const { body } = await passkeyOptions(ada)
    const credential = await device.create(body.public_key)
    const other = await newDevice().create(body.public_key)
    const response = { ...credential.response, publicKey: other.response.publicKey, publicKeyAlgorithm: -8 }
    expect((await finishPasskey(ada, { ticket: body.ticket, credential: { ...credential, response } })).status).toBe(
      201,
    )
    expect((await signInByPasskey(device)).status).toBe(200)
  })

  test('raises the session that added it, and no other', async () => {
    const ada = await newProvenPerson()
    await givePasskey(ada)
    expect((await row('SELECT amr FROM sessions')).amr).toBe('["mfa","pop","pwd"]')
  })

  test.each([
    ['of another user', async (ada: Person) => [ada, await newProvenPerson()] as const],
    [
      'of another session',
      async (ada: Person) => {
        const { body } = await post('/auth/login', { email: ada.email, password: 'correct horse battery staple' })
        return [ada, { ...ada, accessToken: body.access_token as string }] as const
      },
    ],
  ])('W8 is not added with a ticket %s', async (_, makeOther) => {
    const [ada, other] = await makeOther(await newProvenPerson())
    expect(await finishPasskey(other, await prepare(ada))).toMatchObject(notAccepted)
    expect([await countOf('passkeys'), await countOf('spent_tickets')]).toEqual([0, 0])
  })

  test('W3 W8 is not added with a ticket that is expired, used, altered or of another kind', async () => {
    const ada = await newProvenPerson()
    const [used, failed, fresh] = [await prepare(ada), await prepare(ada), await prepare(ada)]
    expect((await finishPasskey(ada, used)).status).toBe(201)
    expect(await finishPasskey(ada, used)).toMatchObject(notAccepted)
    const wrong = { ...failed.credential, response: used.credential.response }
    expect(await finishPasskey(ada, { ticket: failed.ticket, credential: wrong })).toMatchObject(notAccepted)
    // The wrong answer has used the challenge up.
    expect(await finishPasskey(ada, failed)).toMatchObject(notAccepted)
    const { body } = await post('/auth/passkey/options', {})
    const { ring } = await jobContext()
    const content = await openTicket(ring, 'passkey-add', fresh.ticket, Date.now())
    if (content === undefined) throw new Error('the ticket does not open')
    const expired = await sealTicket(ring, 'passkey-add', { ...content, expiresAtMs: Date.now() })
    for (const ticket of [body.ticket, expired, `${fresh.ticket.slice(0, -4)}AAAA`])
      expect(await finishPasskey(ada, { ...fresh, ticket })).toMatchObject(notAccepted)
    expect(await countOf('passkeys')).toBe(1)
  })

  test('W8 needs a step-up at the level of the account', async () => {
    const ada = await newProvenPerson()
    await giveTotp(ada)
    const prepared = await prepare(ada)
    await turnTwoStepOn(ada)
    const refused = await finishPasskey(ada, prepared)
    expect([refused.status, refused.body.code]).toEqual([401, 'step_up_required'])
    expect(refused.headers.get('www-authenticate')).toContain('acr_values="aal2"')
    expect((await passkeyOptions(ada)).body.code).toBe('step_up_required')
    later(6 * 60_000)
    expect((await passkeyOptions(ada)).body.code).toBe('step_up_required')
    expect(await countOf('passkeys')).toBe(0)
  })

  test('W8 O9 is not added if the account needs more, or the session ends, between the two waits', async () => {
    for (const [sql, status] of [
      ['UPDATE users SET two_step_at = 1', 403],
      ['UPDATE sessions SET revoked_at = 1', 401],
      ['UPDATE users SET is_verified = 0', 403],
    ] as const) {
      const ada = await newProvenPerson()
      const using = { env: beforeBatch(2, () => change(sql)) }
      expect((await finishPasskey(ada, await prepare(ada), using)).status).toBe(status)
      await change('UPDATE users SET two_step_at = NULL')
    }
    expect(await countOf('passkeys')).toBe(0)
  })

  test.each(SIZES)('W8 is registered once, by %i requests with one credential, whoever sends them', async (size) => {
    const [ada, eve] = [await newProvenPerson(), await newProvenPerson()]
    const device = newDevice()
    const offers = await Promise.all(
      Array.from({ length: size }, (_, at) => passkeyOptions(at % 2 === 0 ? ada : eve).then(({ body }) => body)),
    )
    const id = 'c2FtZSBjcmVkZW50aWFsIGlk'
    const sameId = (right: Uint8Array<ArrayBuffer>) => {
      const changed = new Uint8Array(right)
      changed.set(new TextEncoder().encode('same credential id  ').subarray(0, 20), 55)
      return changed
    }
    const answers = await burst(size, async (at) => {
      const { ticket, public_key: options } = offers[at]
      const credential = await device.create({ ...options, excludeCredentials: [] }, { authData: sameId })
      const renamed = { ...credential, id: `${id}ICA`, rawId: `${id}ICA` }
      return finishPasskey(at % 2 === 0 ? ada : eve, { ticket, credential: renamed })
    })
    expect(statuses(answers)).toEqual({ 201: 1, 409: size - 1 })
    expect(answers.flatMap(({ status, body }) => (status === 409 ? body.code : []))).toEqual(
      Array(size - 1).fill('passkey_known'),
    )
    expect(await events('passkey.added')).toHaveLength(1)
  })

  test.each(SIZES)('W8 is one of twenty at most, with %i more at once', async (size) => {
    const [ada, eve] = [await newProvenPerson(), await newProvenPerson()]
    // Neither those of others nor removed ones count.
    for (const owner of [ada, ada, eve, eve]) await storePasskey(owner)
    await change('UPDATE passkeys SET removed_at = 1 WHERE user_id = ?', ada.id)
    const offers = await Promise.all(Array.from({ length: size }, () => passkeyOptions(ada).then(({ body }) => body)))
    await change(
      `INSERT INTO passkeys (id, user_id, rp_id, credential_id, public_key, is_backup_eligible, is_backed_up,
         is_discoverable, is_uv_initialized, created_at)
       WITH RECURSIVE n(at) AS (SELECT 1 UNION ALL SELECT at + 1 FROM n WHERE at < 19)
       SELECT 'id' || at, ?, 'latchkey.test', 'credential' || at, '{}', 1, 1, 1, 1, 1 FROM n`,
      ada.id,
    )
    const answers = await burst(size, async (at) => {
      const { ticket, public_key: options } = offers[at]
      return finishPasskey(ada, { ticket, credential: await newDevice().create(options) })
    })
    expect(statuses(answers)).toEqual({ 201: 1, 409: size - 1 })
    expect(answers.find(({ status }) => status === 409)?.body.code).toBe('passkey_limit')
    expect((await passkeyOptions(ada)).body.code).toBe('passkey_limit')
  })
})

describe('a security key', () => {
  test('W4 is a second factor only, and turns two-step sign-in on with recovery codes', async () => {
    const ada = await newProvenPerson()
    const key = newSecurityKey()
    const { status, body } = await addPasskey(ada, key, { wanted: { kind: 'security_key' } })
    expect([status, body.recovery_codes.length]).toEqual([201, 10])
    expect((await row('SELECT two_step_at FROM users')).two_step_at).not.toBeNull()
    expect(await row('SELECT is_uv_initialized, is_discoverable FROM passkeys')).toEqual({
      is_uv_initialized: 0,
      is_discoverable: 0,
    })
    expect((await row('SELECT amr FROM sessions')).amr).toBe('["mfa","pop","pwd"]')
  })

  test('W4 stays one though it may be synchronized, has verified its user, and the browser says nothing', async () => {
    const [ada, device] = [await newProvenPerson(), newDevice()]
    const { body } = await passkeyOptions(ada, { kind: 'security_key' })
    const made = await device.create(body.public_key, { isUserVerified: true })
    const credential = { ...made, clientExtensionResults: {} }
    expect((await finishPasskey(ada, { ticket: body.ticket, credential })).status).toBe(201)
    const [held] = device.credentials
    if (held === undefined) throw new Error('no credential')
    expect((await signInByPasskey(device, { credential: held, isUserVerified: true })).status).toBe(401)
  })

  test('leaves two-step sign-in off if the body says so', async () => {
    const ada = await newProvenPerson()
    const added = { wanted: { kind: 'security_key' }, body: { two_step: false } } as const
    expect((await addPasskey(ada, newSecurityKey(), added)).body.recovery_codes).toBeUndefined()
    expect((await row('SELECT two_step_at FROM users')).two_step_at).toBeNull()
  })
})

describe('W12 a conditional creation', () => {
  const unverified = { isUserPresent: false, isUserVerified: false }

  test('accepts an answer without the presence of the person, and nothing else does', async () => {
    const ada = await newProvenPerson()
    const conditional = await addPasskey(ada, newDevice(), {
      wanted: { mediation: 'conditional' },
      variant: unverified,
    })
    expect(conditional.status).toBe(201)
    const { body: offer } = await passkeyOptions(ada, { mediation: 'conditional' })
    expect(offer.public_key.authenticatorSelection.userVerification).toBe('preferred')
    expect(await addPasskey(ada, newDevice(), { variant: unverified })).toMatchObject(notAccepted)
    expect(await addPasskey(ada, newDevice(), { variant: { isUserVerified: false } })).toMatchObject(notAccepted)
    const key = { wanted: { kind: 'security_key' }, variant: unverified } as const
    expect(await addPasskey(ada, newDevice(), key)).toMatchObject(notAccepted)
    expect(await rows('SELECT is_uv_initialized FROM passkeys')).toEqual([{ is_uv_initialized: 0 }])
  })

  test('makes a passkey that signs in once its provider has verified the person', async () => {
    const ada = await newProvenPerson()
    const device = newDevice()
    await addPasskey(ada, device, { wanted: { mediation: 'conditional' }, variant: unverified })
    expect((await signInByPasskey(device, { isUserVerified: false })).status).toBe(401)
    expect((await signInByPasskey(device)).status).toBe(200)
    expect((await row('SELECT is_uv_initialized FROM passkeys')).is_uv_initialized).toBe(1)
  })
})

describe('W14 the owner', () => {
  test('is mailed, and removes the passkey with the link, once, with all sessions', async () => {
    const box = openMailbox()
    const ada = await newProvenPerson()
    const device = newDevice()
    await addPasskey(ada, device, { call: { env: box.env } })
    const [mail] = await box.collect()
    expect(mail?.text).toMatch(/\/account\/undo-passkey#token=lk_unkey_/)
    const signedIn = await signInByPasskey(device)
    const token = tokenIn(mail)
    expect((await post('/auth/undo-passkey', { token })).status).toBe(204)
    expect((await post('/auth/undo-passkey', { token })).status).toBe(400)
    expect((await get('/users/me', signedIn.body.access_token)).status).toBe(401)
    expect((await get('/users/me', ada.accessToken)).status).toBe(401)
    expect(await signInByPasskey(device)).toMatchObject({ status: 401, body: { code: 'passkey_removed' } })
    expect(await events('passkey.undone')).toMatchObject([{ subject_id: ada.id }])
    expect((await row('SELECT details_enc FROM passkeys')).details_enc).toBeNull()
  })

  describe('who undoes a security key that turned two-step sign-in on', () => {
    /** The thief has a session of the owner. */
    async function addAsThief(prepare: (ada: Person) => Promise<unknown> = async () => undefined) {
      const [box, ada] = [openMailbox(), await newProvenPerson()]
      await prepare(ada)
      const wanted = { kind: 'security_key' } as const
      const { body } = await addPasskey(ada, newSecurityKey(), { wanted, call: { env: box.env } })
      const link = (await box.collect()).find(({ text }) => text.includes('#token=lk_unkey_'))
      return { ada, codes: body.recovery_codes as string[] | undefined, token: tokenIn(link) }
    }
    const signInAgain = async ({ email }: Person) =>
      (await post('/auth/login', { email, password: PASSWORD }, { app: appOfTestUsers })).body

    test.each([
      ['with it', async () => undefined],
      [
        'later',
        async ({ refreshToken }: Person) => {
          later(1000)
          // The session has two factors now. The access token of before names one.
          const { body } = await post('/auth/refresh', { refresh_token: refreshToken })
          expect((await post('/users/me/recovery-codes', {}, { token: body.access_token })).status).toBe(201)
        },
      ],
    ] as const)('ends the recovery codes that were made %s, and sets up a new factor', async (_, makeMore) => {
      const { ada, codes, token } = await addAsThief()
      expect(codes).toHaveLength(10)
      await makeMore(ada)
      const { mfa_token } = await signInAgain(ada)
      expect((await post('/auth/undo-passkey', { token })).status).toBe(204)
      expect(await countOf('recovery_codes')).toBe(0)
      const used = await post('/auth/mfa', { mfa_token, recovery_code: codes?.[0] }, { app: appOfTestUsers })
      expect(used.status).toBe(401)
      expect(await signInAgain(ada)).toMatchObject({ enrolment_required: true })
    })

    test('ends codes that are older than the last passkey, if no factor is left', async () => {
      const { ada } = await addAsThief()
      // The app of another person is no other factor of this one.
      await giveTotp(await newProvenPerson())
      later(1000)
      const { body: session } = await post('/auth/refresh', { refresh_token: ada.refreshToken })
      const box = openMailbox()
      await addPasskey({ accessToken: session.access_token }, newDevice(), { call: { env: box.env } })
      await removePasskey(
        { accessToken: session.access_token },
        String((await row('SELECT id FROM passkeys WHERE is_uv_initialized = 0')).id),
      )
      expect(await countOf('recovery_codes')).toBe(10)
      const link = (await box.collect()).find(({ text }) => text.includes('#token=lk_unkey_'))
      expect((await post('/auth/undo-passkey', { token: tokenIn(link) })).status).toBe(204)
      expect(await countOf('recovery_codes')).toBe(0)
      expect(await signInAgain(ada)).toMatchObject({ enrolment_required: true })
    })

    test('keeps an older passkey and the codes that were made before, and changes nothing of others', async () => {
      const grace = await newProvenPerson()
      await giveTotp(grace)
      await giveRecoveryCodes(grace)
      await storePasskey(grace)
      const older: Awaited<ReturnType<typeof givePasskey>>['device'][] = []
      const { token } = await addAsThief(async (owner) => {
        older.push((await givePasskey(owner)).device)
        await change('UPDATE passkeys SET created_at = created_at - 2000')
        await giveRecoveryCodes(owner)
        await change('UPDATE recovery_codes SET created_at = created_at - 1000')
      })
      const ofGrace = () =>
        rowsOfEach([
          `SELECT removed_at, details_enc FROM passkeys WHERE user_id = '${grace.id}'`,
          `SELECT used_at FROM recovery_codes WHERE user_id = '${grace.id}'`,
          `SELECT security_epoch FROM users WHERE id = '${grace.id}'`,
        ])
      const before = await ofGrace()
      expect((await post('/auth/undo-passkey', { token })).status).toBe(204)
      expect(await ofGrace()).toEqual(before)
      expect(await countOf('recovery_codes')).toBe(20)
      const [device] = older
      expect(device && (await signInByPasskey(device)).status).toBe(200)
    })

    test('keeps the app and the codes from before', async () => {
      const { ada, token } = await addAsThief(async (owner) => {
        await giveTotp(owner)
        await giveRecoveryCodes(owner)
        later(1000)
      })
      expect((await post('/auth/undo-passkey', { token })).status).toBe(204)
      expect(await countOf('recovery_codes')).toBe(10)
      expect(await signInAgain(ada)).toMatchObject({ mfa_required: true, methods: ['totp', 'recovery_code'] })
    })
  })

  test('ends the session of a thief who has removed the passkey, and the codes made with it', async () => {
    const [box, ada] = [openMailbox(), await newProvenPerson()]
    await givePasskey(ada)
    const [thief, added] = [await signIn(ada.email), { two_step: true }]
    const { body } = await addPasskey(thief, newDevice(), { body: added, call: { env: box.env } })
    expect(body.recovery_codes).toHaveLength(10)
    const { body: raised } = await post('/auth/refresh', { refresh_token: thief.refreshToken })
    expect((await removePasskey({ accessToken: raised.access_token }, body.id)).status).toBe(204)
    expect((await get('/users/me', raised.access_token)).status).toBe(200)
    const link = (await box.collect()).find(({ text }) => text.includes('#token=lk_unkey_'))
    expect((await post('/auth/undo-passkey', { token: tokenIn(link) })).status).toBe(204)
    expect((await get('/users/me', raised.access_token)).status).toBe(401)
    expect([await countOf('recovery_codes'), (await events('passkey.undone')).length]).toEqual([0, 1])
  })

  test('O9 undoes it also while the account is deleted, with the offer to restore that it got', async () => {
    const [box, ada, device] = [openMailbox(), await newProvenPerson(), newDevice()]
    await addPasskey(ada, device, { call: { env: box.env } })
    await call('/api/v1/users/me', { method: 'DELETE', token: ada.accessToken })
    const { body } = await signInByPasskey(device)
    expect(body.account_status).toBe('deleted')
    const link = (await box.collect()).find(({ text }) => text.includes('#token=lk_unkey_'))
    expect((await post('/auth/undo-passkey', { token: tokenIn(link) })).status).toBe(204)
    expect((await post('/auth/restore', { token: body.restore_token })).status).toBe(400)
  })

  test.each(SIZES)('gets a link for every passkey: more than ten an hour are refused, %i at once', async (size) => {
    const [box, ada] = [openMailbox(), await newProvenPerson()]
    const using = { env: box.env }
    const added = await addPasskey(ada, newDevice(), { call: using })
    await change('UPDATE passkeys SET removed_at = 1')
    await change(
      `INSERT INTO mail_jobs (id, user_id, template, created_at)
       WITH RECURSIVE n(at) AS (SELECT 1 UNION ALL SELECT at + 1 FROM n WHERE at < 8)
       SELECT 'id' || at, ?, 'passkey-added', ? FROM n`,
      ...[ada.id, Date.now()],
    )
    const offers = await Promise.all(Array.from({ length: size }, () => prepare(ada)))
    const answers = await burst(size, (at) => finishPasskey(ada, offers[at], using))
    expect(statuses(answers)).toEqual({ 201: 1, 429: size - 1 })
    expect(await passkeyOptions(ada)).toMatchObject({ status: 429, body: { code: 'rate_limited' } })
    const links = new Set((await box.collect()).map(({ text }) => /lk_unkey_[\w.-]+/.exec(text)?.[0]))
    expect([added.status, links.size, await countOf('passkeys')]).toEqual([201, 2, 2])
  })

  test('has seven days', async () => {
    const box = openMailbox()
    const ada = await newProvenPerson()
    await addPasskey(ada, newDevice(), { call: { env: box.env } })
    const token = tokenIn((await box.collect())[0])
    later(7 * 86_400_000 + 1)
    expect((await post('/auth/undo-passkey', { token })).status).toBe(400)
  })

  test.each(SIZES)('undoes once with %i requests at once', async (size) => {
    const box = openMailbox()
    const ada = await newProvenPerson()
    await addPasskey(ada, newDevice(), { call: { env: box.env } })
    const token = tokenIn((await box.collect())[0])
    const answers = await burst(size, () => post('/auth/undo-passkey', { token }))
    expect(statuses(answers)).toEqual({ 204: 1, 400: size - 1 })
    expect((await row('SELECT security_epoch FROM users')).security_epoch).toBe(1)
  })
})
