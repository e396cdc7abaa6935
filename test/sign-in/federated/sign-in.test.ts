import { describe, expect, test } from 'vitest'
import { get, newPerson, PASSWORD, post, signIn } from '../../support/api.ts'
import { openMailbox, tokenIn } from '../../support/mailbox.ts'
import { SIZES } from '../../support/sizes.ts'
import {
  APP,
  begin,
  comeBack,
  dance,
  handedBack,
  newAccount,
  type ProviderName,
  providersForEachTest,
  redeem,
  signInWith,
  socialEnv,
  socialSettings,
} from '../../support/social.ts'
import { actions, change, countOf, events, row, rows } from '../../support/stores.ts'

const env = socialEnv()
const options = { env }
const providers = providersForEachTest()

const NAMES: ProviderName[] = ['google', 'github', 'acme']

describe('a first sign-in', () => {
  test.each(NAMES)('with %s opens an account with a verified address, and signs in', async (provider) => {
    const account = newAccount({ name: 'Ada Lovelace', picture: 'https://pictures.example/ada' })
    const answer = await signInWith(providers, provider, account, options)
    expect(answer.status).toBe(200)
    expect(answer.body).toMatchObject({
      access_token: expect.any(String),
      token_type: 'Bearer',
      refresh_token: expect.stringMatching(/^lk_rt_/),
      user: { email: account.email, is_verified: true },
    })
    const me = await get('/users/me', answer.body.access_token)
    // Data minimisation: the settings do not list name and picture.
    expect(me.body).toMatchObject({ email: account.email, roles: [], profile: { full_name: null, avatar_url: null } })
    expect((await get('/auth/session', answer.body.access_token)).body.amr).toEqual(['fed'])
    expect((await get('/users/me/identities', answer.body.access_token)).body).toEqual({
      identities: [{ id: expect.any(String), provider, linked_at: expect.any(String) }],
    })
    expect(await countOf('credentials')).toBe(0)
    expect(await actions()).toEqual(['identity.linked', 'user.registered', 'user.signed_in'])
    expect(await events('identity.linked')).toMatchObject([
      { subject_id: answer.body.user.id, detail: { provider, by: 'sign_up' } },
    ])
  })

  test.each(['github', 'acme'] as const)(
    'takes name and picture from %s if the settings list them',
    async (provider) => {
      const using = socialEnv({ OAUTH_PROFILE_FIELDS: 'full_name avatar_url' })
      const account = newAccount({ name: 'Ada Lovelace', picture: 'https://pictures.example/ada' })
      const { body } = await signInWith(providers, provider, account, { env: using })
      const me = await get('/users/me', body.access_token, { env: using })
      expect(me.body.profile).toMatchObject({ full_name: 'Ada Lovelace', avatar_url: 'https://pictures.example/ada' })
    },
  )

  test('leaves out a name or a picture that the profile would not accept', async () => {
    const using = socialEnv({ OAUTH_PROFILE_FIELDS: 'full_name avatar_url' })
    const account = newAccount({ name: 'x'.repeat(201), picture: 'javascript:alert(1)' })
    const { status, body } = await signInWith(providers, 'acme', account, { env: using })
    expect(status).toBe(200)
    const me = await get('/users/me', body.access_token, { env: using })
    expect(me.body.profile).toMatchObject({ full_name: null, avatar_url: null })
  })

  test('reads the userinfo endpoint for an address that is not in the ID token', async () => {
    const account = newAccount()
    providers.bend(({ email: _, email_verified: __, ...claims }) => claims)
    expect((await signInWith(providers, 'acme', account, options)).body.user.email).toBe(account.email)
    expect(providers.asked.at(-1)).toMatch(/\/userinfo$/)
  })

  test.each<[string, object, object]>([
    ['names another subject', { email: undefined }, { sub: 'another' }],
    ['verifies an address that the ID token does not', { email_verified: false }, { email_verified: true }],
  ])('does not open an account when the userinfo endpoint %s', async (_, inToken, inUserinfo) => {
    const account = newAccount()
    providers.bend((claims) => ({ ...claims, ...inToken }))
    providers.replace('/userinfo', () => Response.json({ ...account, ...inUserinfo }))
    const { handed } = await dance(providers, 'acme', account, options)
    expect(handed.get('error')).toMatch(/^provider_(rejected|email_unverified)$/)
    expect(await countOf('users')).toBe(0)
  })

  test('records the opt-out signal that the browser sends', async () => {
    const { body } = await signInWith(providers, 'acme', newAccount(), { env, headers: { 'sec-gpc': '1' } })
    const { consents } = (await get('/users/me/consents', body.access_token)).body
    expect(consents).toMatchObject([{ decision: 'withdrawn', source: 'sec-gpc' }])
  })

  test.each([
    ['public', 409],
    ['private', 202],
  ])('leaves no access for a person who registers its address later (%s)', async (mode, status) => {
    const using = { env: socialEnv({ REGISTRATION_MODE: mode }) }
    const account = newAccount()
    const { body } = await signInWith(providers, 'acme', account, using)
    const credentials = { email: account.email, password: PASSWORD }
    expect((await post('/auth/register', credentials, using)).status).toBe(status)
    expect((await post('/auth/login', credentials, using)).body.code).toBe('invalid_credentials')
    expect(await countOf('users')).toBe(1)
    expect((await get('/users/me', body.access_token, using)).body.is_verified).toBe(true)
  })

  test.each(SIZES)('of %i at once by one person opens one account, and all get in', async (size) => {
    const account = newAccount()
    const all = await Promise.all(Array.from({ length: size }, () => signInWith(providers, 'acme', account, options)))
    expect(all.map(({ status }) => status)).toEqual(Array(size).fill(200))
    expect(new Set(all.map(({ body }) => body.user.id)).size).toBe(1)
    expect([await countOf('users'), await countOf('social_logins')]).toEqual([1, 1])
    expect(
      (await env.VAULT.list({ prefix: 'keys/' })).objects.filter(({ key }) => !key.includes('system')),
    ).toHaveLength(1)
  })

  test('S6 stores no token of the provider, and no readable identity', async () => {
    const account = newAccount({ sub: '77700001' })
    await signInWith(providers, 'acme', account, options)
    const stored = JSON.stringify([await rows('SELECT * FROM social_logins'), await rows('SELECT * FROM oauth_flows')])
    expect(stored).not.toMatch(/token\.|77700001|example\.com/)
    expect(await row('SELECT provider_id_index, provider_id_enc FROM social_logins')).toEqual({
      provider_id_index: expect.stringMatching(/^1\.[\w-]{43}$/),
      provider_id_enc: expect.stringMatching(/^v2\./),
    })
  })
})

describe('a returning user', () => {
  test.each(NAMES)('of %s is found by the subject, whatever the address is now', async (provider) => {
    const account = newAccount()
    const first = await signInWith(providers, provider, account, options)
    const asked = providers.asked.length
    const moved = { ...account, email: 'moved@elsewhere.example', email_verified: false }
    const second = await signInWith(providers, provider, moved, options)
    expect(second.body.user).toEqual(first.body.user)
    expect(await countOf('users')).toBe(1)
    // The address is not needed, so it is not requested.
    expect(providers.asked.slice(asked).join()).not.toMatch(/userinfo|emails/)
  })

  test('S3 is distinguished from other users of the same provider', async () => {
    const [first, second] = [newAccount(), newAccount()]
    const signInBoth = async () => {
      const answers = [
        await signInWith(providers, 'acme', first, options),
        await signInWith(providers, 'acme', second, options),
      ]
      return answers.map(({ body }) => body.user.email)
    }
    expect(await signInBoth()).toEqual([first.email, second.email])
    expect(await signInBoth()).toEqual([first.email, second.email])
  })

  test('S3 differs from a user with the same subject at another provider', async () => {
    const account = newAccount()
    const google = await signInWith(providers, 'google', account, options)
    const acme = await signInWith(providers, 'acme', { ...account, email: 'not-the-same@example.com' }, options)
    expect(acme.body.user.id).not.toBe(google.body.user.id)
  })

  test('is mailed about a new device', async () => {
    const mailbox = openMailbox(socialSettings)
    const account = newAccount()
    await signInWith(providers, 'acme', account, { env: mailbox.env })
    expect(await mailbox.collect()).toEqual([])
    const { handed, verifier } = await dance(providers, 'acme', account, { env: mailbox.env })
    const headers = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0' }
    const body = { code: handed.get('code'), code_verifier: verifier }
    await post('/auth/oauth/token', body, { env: mailbox.env, headers })
    expect(await mailbox.collect()).toMatchObject([{ to: account.email, subject: 'New sign-in to Latchkey' }])
  })

  test('who is suspended gets no session, and learns of the suspension only after signing in', async () => {
    const account = newAccount()
    const { body } = await signInWith(providers, 'acme', account, options)
    await change("UPDATE users SET status = 'suspended' WHERE id = ?", body.user.id)
    const again = await signInWith(providers, 'acme', account, options)
    expect([again.status, again.body.code]).toEqual([403, 'account_suspended'])
    expect(await events('user.sign_in_failed')).toMatchObject([{ detail: { reason: 'suspended' } }])
  })

  test('who must reset the password gets no session before that', async () => {
    const ada = await newPerson()
    await change('UPDATE users SET is_verified = 1 WHERE id = ?', ada.id)
    const account = newAccount({ email: ada.email })
    expect((await signInWith(providers, 'acme', account, options)).status).toBe(200)
    await change('UPDATE users SET reset_required_at = ? WHERE id = ?', Date.now(), ada.id)
    const again = await signInWith(providers, 'acme', account, options)
    expect([again.status, again.body.code]).toEqual([403, 'password_reset_required'])
  })

  test('who deleted the account gets an offer to restore it, and after the purge a new account', async () => {
    const account = newAccount()
    const { body } = await signInWith(providers, 'acme', account, options)
    const { status } = await post('/users/me', undefined, { method: 'DELETE', token: body.access_token, env })
    expect(status).toBe(202)
    const offer = await signInWith(providers, 'acme', account, options)
    expect(offer.body).toEqual({
      account_status: 'deleted',
      restore_token: expect.stringMatching(/^lk_restore_/),
      restore_until: expect.any(String),
    })
    const restored = await post('/auth/restore', { token: offer.body.restore_token })
    // There is no password that could have proven the person.
    expect((await get('/auth/session', restored.body.access_token)).body.amr).toEqual(['fed'])
    expect((await signInWith(providers, 'acme', account, options)).body.user.id).toBe(body.user.id)
  })

  test('whose key was destroyed cannot sign in', async () => {
    const account = newAccount()
    const { body } = await signInWith(providers, 'acme', account, options)
    await env.VAULT.delete(`keys/${body.user.id}`)
    await env.KEY_CACHE.delete(`dek:${body.user.id}`)
    expect((await signInWith(providers, 'acme', account, { env: socialEnv() })).status).toBe(401)
  })

  test('can sign in if the settings require a verified address', async () => {
    const using = socialEnv({ REQUIRE_VERIFIED_EMAIL: 'true' })
    expect((await signInWith(providers, 'acme', newAccount(), { env: using })).status).toBe(200)
  })

  test('in cookie mode gets the refresh token only in a cookie, from an allowed origin', async () => {
    const using = socialEnv({ COOKIE_ORIGINS: 'https://app.example' })
    const { handed, verifier } = await dance(providers, 'acme', newAccount(), { env: using })
    const body = { code: handed.get('code'), code_verifier: verifier, session_mode: 'cookie' }
    expect((await post('/auth/oauth/token', body, { env: using })).body.code).toBe('origin_not_allowed')
    const headers = { origin: 'https://app.example' }
    const answer = await post('/auth/oauth/token', body, { env: using, headers })
    expect(answer.status).toBe(200)
    expect(answer.body.refresh_token).toBeUndefined()
    expect(answer.headers.get('set-cookie')).toMatch(/^__Host-lk_rt=lk_rt_/)
  })
})

describe('S3 an address that has an account here', () => {
  test.each(['acme', 'github'] as const)(
    'verified at %s and verified here: the identity is linked, and the owner is mailed',
    async (provider) => {
      const mailbox = openMailbox(socialSettings)
      const ada = await newPerson()
      await change('UPDATE users SET is_verified = 1 WHERE id = ?', ada.id)
      const using = { env: mailbox.env }
      const answer = await signInWith(providers, provider, newAccount({ email: ada.email.toUpperCase() }), using)
      expect(answer.body.user).toEqual({ id: ada.id, email: ada.email, is_verified: true })
      const mails = await mailbox.collect()
      const linked = mails.find(({ subject }) => subject === 'A new way to sign in to Latchkey')
      expect(linked).toMatchObject({ to: ada.email, text: expect.stringContaining(provider) })
      // Nothing of the account is lost.
      await expect(signIn(ada.email)).resolves.toBeDefined()
      expect((await get('/users/me', ada.accessToken)).status).toBe(200)
      expect(await events('identity.linked')).toMatchObject([
        { subject_id: ada.id, detail: { provider, by: 'address' } },
      ])
    },
  )

  test.each(['acme', 'github'] as const)(
    'O6 verified at %s and never verified here: password, sessions, identities and mailed links are void',
    async (provider) => {
      const thief = await newPerson()
      await change(
        `INSERT INTO social_logins (id, user_id, provider, provider_id_index, provider_id_enc, linked_at)
       VALUES ('thief', ?, 'acme', '1.x', 'v1.x', 1)`,
        thief.id,
      )
      const answer = await signInWith(providers, provider, newAccount({ email: thief.email }), options)
      expect(answer.body.user).toEqual({ id: thief.id, email: thief.email, is_verified: true })
      expect((await post('/auth/login', { email: thief.email, password: PASSWORD })).body.code).toBe(
        'invalid_credentials',
      )
      expect((await get('/users/me', thief.accessToken)).status).toBe(401)
      expect((await get('/auth/session', thief.accessToken)).status).toBe(401)
      expect((await post('/auth/refresh', { refresh_token: thief.refreshToken })).status).toBe(401)
      expect(await rows('SELECT provider FROM social_logins')).toEqual([{ provider }])
      expect(await rows("SELECT id FROM one_time_tokens WHERE purpose = 'verify'")).toEqual([])
      expect((await get('/users/me', answer.body.access_token)).status).toBe(200)
      expect(await events('user.credentials_voided')).toMatchObject([{ subject_id: thief.id }])
      expect(await events('user.email_verified')).toHaveLength(1)
    },
  )

  const UNPROVEN: [string, object][] = [
    ['false', { email_verified: false }],
    ['absent', { email_verified: undefined }],
    ['"true"', { email_verified: 'true' }],
    ['1', { email_verified: 1 }],
    ['null', { email_verified: null }],
    ['no address', { email: undefined }],
    ['an invalid address', { email: 'ada@example.com, eve@example.com' }],
    ['an address that is not a text', { email: ['ada@example.com'] }],
  ]
  test.each([1, 0])(
    'not verified by the provider, verified here %i: refused, and no second account',
    async (isVerified) => {
      const ada = await newPerson()
      await change('UPDATE users SET is_verified = ? WHERE id = ?', isVerified, ada.id)
      for (const [name, claims] of UNPROVEN) {
        const { handed } = await dance(providers, 'acme', newAccount({ email: ada.email, ...claims }), options)
        expect([name, Object.fromEntries(handed)]).toEqual([name, { error: 'provider_email_unverified' }])
      }
      expect([await countOf('users'), await countOf('social_logins')]).toEqual([1, 0])
      await expect(signIn(ada.email)).resolves.toBeDefined()
      const failures = (await events('user.sign_in_failed')).map(({ detail }) => detail.reason)
      expect(failures).toEqual(UNPROVEN.map(() => 'provider_email_unverified'))
    },
  )

  test('not verified by the provider: the same refusal whether or not it has an account', async () => {
    const { handed } = await dance(providers, 'acme', newAccount({ email_verified: false }), options)
    expect(Object.fromEntries(handed)).toEqual({ error: 'provider_email_unverified' })
    expect(await countOf('users')).toBe(0)
  })

  test('of GitHub counts if it is the primary one and GitHub has verified it', async () => {
    const { handed } = await dance(providers, 'github', newAccount({ email_verified: false }), options)
    // `other@example.com` is verified there, but is not the primary address.
    expect(handed.get('error')).toBe('provider_email_unverified')
  })

  test.each([
    ['suspended', 'account_suspended'],
    ['deleted', 'account_deleted'],
  ])('of a %s account is not linked: %s', async (status, code) => {
    const ada = await newPerson()
    await change('UPDATE users SET is_verified = 1, status = ? WHERE id = ?', status, ada.id)
    const { handed } = await dance(providers, 'acme', newAccount({ email: ada.email }), options)
    expect(handed.get('error')).toBe(code)
    expect(await countOf('social_logins')).toBe(0)
    expect(await events('user.sign_in_failed')).toMatchObject([{ subject_id: ada.id, detail: { reason: status } }])
  })
})

describe('a user without a password', () => {
  test('sets one by mail, signs in with it, and keeps the provider', async () => {
    const mailbox = openMailbox(socialSettings)
    const using = { env: mailbox.env }
    const account = newAccount()
    const { body } = await signInWith(providers, 'acme', account, using)
    const email = account.email as string
    expect((await post('/auth/login', { email, password: PASSWORD })).body.code).toBe('invalid_credentials')
    await post('/auth/reset-password', { email }, using)
    const token = tokenIn((await mailbox.collect()).at(-1))
    const reset = await post('/auth/reset-password/confirm', { token, new_password: PASSWORD }, using)
    expect(reset.status).toBe(204)
    await expect(signIn(email)).resolves.toBeDefined()
    expect((await signInWith(providers, 'acme', account, using)).body.user.id).toBe(body.user.id)
  })

  test('O6 a reset of an account that never proved its address removes its identities', async () => {
    const mailbox = openMailbox(socialSettings)
    const using = { env: mailbox.env }
    const thief = await newPerson({}, using)
    await change(
      `INSERT INTO social_logins (id, user_id, provider, provider_id_index, provider_id_enc, linked_at)
       VALUES ('thief', ?, 'acme', '1.x', 'v1.x', 1)`,
      thief.id,
    )
    await mailbox.collect()
    await post('/auth/reset-password', { email: thief.email }, using)
    const token = tokenIn((await mailbox.collect()).at(-1))
    await post('/auth/reset-password/confirm', { token, new_password: 'another good password' }, using)
    expect(await countOf('social_logins')).toBe(0)
  })
})

describe('the application', () => {
  test('gets its own state back, and a code that is not a token', async () => {
    const { begun, back, handed } = await dance(providers, 'acme', newAccount(), {
      env,
      query: { state: 'a b&c=ü'.slice(0, 5) },
    })
    expect(begun.answer.status).toBe(302)
    expect(back.status).toBe(302)
    expect(back.headers.get('location')).toMatch(/^https:\/\/app\.example\/callback\?/)
    expect(Object.fromEntries(handed)).toEqual({ code: expect.stringMatching(/^lk_code_/), state: 'a b&c' })
    expect(back.headers.get('set-cookie')).toMatch(/^__Host-lk_oauth=; Max-Age=0;/)
  })

  test.each([
    ['http://127.0.0.1:49152/native', /^http:\/\/127\.0\.0\.1:49152\/native\?code=/],
    ['com.example.app:/signed-in', /^com\.example\.app:\/signed-in\?code=/],
    ['https://app.example/?page=in', /^https:\/\/app\.example\/\?page=in&code=/],
  ])('is reached at %s', async (redirectUri, expected) => {
    const begun = await begin('acme', { env, query: { redirect_uri: redirectUri } })
    const back = await comeBack('acme', begun, providers.consent(begun.location, newAccount()), options)
    expect(back.headers.get('location')).toMatch(expected)
    expect((await redeem(handedBack(back).get('code'), begun.verifier, env)).status).toBe(200)
  })

  test('S1 sends state, nonce and an S256 challenge that are new each time', async () => {
    const [one, two] = [await begin('acme', options), await begin('acme', options)]
    const query = (begun: { location: string }) => Object.fromEntries(new URL(begun.location).searchParams)
    expect(query(one)).toEqual({
      client_id: 'acme-client',
      response_type: 'code',
      redirect_uri: 'https://latchkey.test/api/v1/auth/oauth/acme/callback',
      scope: 'openid email profile',
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
    })
    for (const name of ['state', 'nonce', 'code_challenge']) expect(query(one)[name]).not.toBe(query(two)[name])
    expect(one.answer.headers.get('set-cookie')).toMatch(
      /^__Host-lk_oauth=v2\.[\w.-]+; Max-Age=600; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    )
    expect(APP).toBe('https://app.example/callback')
    expect(await countOf('oauth_flows')).toBe(0)
  })
})
