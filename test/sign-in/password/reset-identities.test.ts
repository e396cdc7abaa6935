import { describe, expect, test, vi } from 'vitest'
import { burst, call, get, newPerson, PASSWORD, type Person, post, signIn, statuses } from '../../support/api.ts'
import { beforeBatch } from '../../support/intercept-stores.ts'
import { openMailbox, tokenIn } from '../../support/mailbox.ts'
import { giveIdentity, giveToken } from '../../support/requests.ts'
import { NEW_PASSWORD } from '../../support/session-ends.ts'
import {
  type Account,
  begin,
  comeBack,
  handedBack,
  newAccount,
  type ProviderName,
  providersForEachTest,
  signInWith,
  socialEnv,
  socialSettings,
} from '../../support/social.ts'
import { change, countOf, events, row, rows } from '../../support/stores.ts'

const providers = providersForEachTest()
const env = socialEnv()

async function verified(profile = {}): Promise<Person> {
  const person = await newPerson(profile, { env })
  await change('UPDATE users SET is_verified = 1 WHERE id = ?', person.id)
  return person
}

/** Links a new identity, one millisecond later than everything before. */
async function link(token: string, provider: ProviderName, account: Account = newAccount()): Promise<Account> {
  vi.setSystemTime(Date.now() + 1000)
  const path = '/api/v1/users/me/identities'
  const { body } = await call(`${path}/${provider}/start`, { method: 'POST', token, env })
  const begun = await begin(provider, { env, query: { link: body.link } })
  const back = await comeBack(provider, begun, providers.consent(begun.location, account), { env })
  const code = { code: handedBack(back).get('code'), code_verifier: begun.verifier }
  expect((await call(path, { body: code, token, env })).status).toBe(201)
  return account
}

async function resetToken(email: string, mailbox = openMailbox(socialSettings)) {
  await post('/auth/reset-password', { email }, { env: mailbox.env })
  return tokenIn((await mailbox.collect()).findLast(({ to }) => to === email))
}

const reset = (token: string, using = env) =>
  post('/auth/reset-password/confirm', { token, new_password: NEW_PASSWORD }, { env: using })

/** Changes the password with the current one, as a thief who knows it can. */
async function changePassword(person: Person): Promise<Person> {
  vi.setSystemTime(Date.now() + 1000)
  const body = { current_password: PASSWORD, new_password: PASSWORD }
  expect((await post('/users/me/password', body, { token: person.accessToken, env })).status).toBe(204)
  return person
}

const linked = async () => (await rows('SELECT provider FROM social_logins ORDER BY provider')).map((r) => r.provider)

describe('a reset by mail', () => {
  test('removes the identities that were linked under the password, keeps earlier ones, and mails both lists', async () => {
    const mailbox = openMailbox(socialSettings)
    const ada = await verified()
    const own = await link(ada.accessToken, 'github')
    await change('UPDATE social_logins SET linked_at = 1')
    const thief = await signIn(ada.email)
    const thiefs = await link(thief.accessToken, 'acme')
    const { id } = await row("SELECT id FROM social_logins WHERE provider = 'acme'")
    const token = await resetToken(ada.email, mailbox)
    expect((await reset(token, mailbox.env)).status).toBe(204)
    expect(await linked()).toEqual(['github'])
    expect((await signInWith(providers, 'github', own, { env })).body.user.id).toBe(ada.id)
    expect((await signInWith(providers, 'acme', thiefs, { env })).body.user.id).not.toBe(ada.id)
    expect(await events('user.password_reset')).toMatchObject([
      { subject_id: ada.id, detail: { dropped_identities: [{ identity_id: id, provider: 'acme' }] } },
    ])
    const mails = await mailbox.collect()
    const text = mails.find(({ subject }) => subject.includes('was reset'))?.text
    expect(text).toMatch(/No longer works for signing in:? *\n? *acme/)
    expect(text).toMatch(/Still works for signing in:? *\n? *github/)
  })

  test.each([
    ['changes the password', changePassword],
    ['changes it twice', async (thief: Person) => changePassword(await changePassword(thief))],
    [
      'signs in until the pepper retires it',
      () => change('UPDATE credentials SET password_hash = NULL, chain_began_at = changed_at'),
    ],
  ])('removes what a thief linked and then %s', async (_, cover) => {
    const ada = await verified()
    await link(ada.accessToken, 'acme')
    await cover(ada)
    vi.setSystemTime(Date.now() + 1000)
    expect((await reset(await resetToken(ada.email))).status).toBe(204)
    expect(await linked()).toEqual([])
  })

  test('keeps identities from before an earlier reset, however often the password has changed since', async () => {
    const ada = await verified()
    await reset(await resetToken(ada.email))
    const own = await signIn(ada.email, NEW_PASSWORD)
    await change(
      'INSERT INTO social_logins (id, user_id, provider, provider_id_index, provider_id_enc, linked_at) VALUES (?, ?, ?, ?, ?, 1)',
      'id',
      ada.id,
      'github',
      'index',
      'sealed',
    )
    await post(
      '/users/me/password',
      { current_password: NEW_PASSWORD, new_password: PASSWORD },
      { token: own.accessToken, env },
    )
    expect((await reset(await resetToken(ada.email))).status).toBe(204)
    expect(await linked()).toEqual(['github'])
  })

  test('keeps identities that the owner linked after undoing a change of address', async () => {
    const ada = await verified()
    expect((await post('/auth/undo-email', { token: await giveToken(ada, 'undo', ada.email) }, { env })).status).toBe(
      204,
    )
    vi.setSystemTime(Date.now() + 1000)
    await giveIdentity(ada)
    await change('UPDATE social_logins SET linked_at = ?', Date.now())
    expect((await reset(await resetToken(ada.email))).status).toBe(204)
    expect(await linked()).toEqual(['github'])
  })

  test('keeps the identities of an account that never had a password', async () => {
    const mailbox = openMailbox(socialSettings)
    const account = newAccount()
    const { body } = await signInWith(providers, 'acme', account, { env })
    await link(body.access_token, 'github')
    expect((await reset(await resetToken(String(account.email), mailbox), mailbox.env)).status).toBe(204)
    expect(await linked()).toEqual(['acme', 'github'])
    expect((await events('user.password_reset'))[0]?.detail).toBeNull()
    expect((await mailbox.collect())[0]?.text).toContain('acme, github')
  })

  test('O6 wipes the profile of an account whose address was never proven, and records that', async () => {
    const ada = await newPerson({ full_name: 'Somebody Else', phone_number: '+4930123456' }, { env })
    const token = await resetToken(ada.email)
    expect((await reset(token)).status).toBe(204)
    const { accessToken } = await signIn(ada.email, NEW_PASSWORD)
    const { profile } = (await get('/users/me', accessToken)).body
    expect(profile).toMatchObject({ full_name: null, phone_number: null, preferences: null })
    expect(await events('user.credentials_voided')).toMatchObject([
      { subject_id: ada.id, detail: { reason: 'mailbox_proven' } },
    ])
  })

  test('wipes nothing of an account whose address was proven', async () => {
    const ada = await verified({ full_name: 'Ada Lovelace' })
    await reset(await resetToken(ada.email))
    const { accessToken } = await signIn(ada.email, NEW_PASSWORD)
    expect((await get('/users/me', accessToken)).body.profile.full_name).toBe('Ada Lovelace')
    expect(await countOf("audit_events WHERE action = 'user.credentials_voided'")).toBe(0)
  })

  test('removes an identity that is linked while the new password is hashed', async () => {
    const ada = await verified()
    const token = await resetToken(ada.email)
    const using = { ...env, DB: beforeBatch(2, () => link(ada.accessToken, 'acme')).DB } as Env
    expect((await reset(token, using)).status).toBe(204)
    expect(await linked()).toEqual([])
  })

  test.each([2, 16])(
    'of %i with one link while a thief links an identity, one wins, and the thief stays out',
    async (size) => {
      const ada = await verified()
      const token = await resetToken(ada.email)
      await link(ada.accessToken, 'acme')
      const answers = await burst(size, () => reset(token))
      expect(statuses(answers)).toEqual({ 204: 1, 400: size - 1 })
      expect(await linked()).toEqual([])
      expect(await events('user.password_reset')).toHaveLength(1)
    },
  )
})

describe('a used-up quota of sign-ins does not keep out a person who then proves the mailbox', () => {
  const useUp = ({ id }: { id: string }) =>
    change('UPDATE users SET sign_in_count = 1e9, sign_ins_counted_until = ? WHERE id = ?', Date.now() + 60_000, id)

  test('with a reset', async () => {
    const ada = await verified()
    const token = await resetToken(ada.email)
    await useUp(ada)
    expect((await post('/auth/login', { email: ada.email, password: PASSWORD }, { env })).status).toBe(429)
    expect((await reset(token)).status).toBe(204)
    await signIn(ada.email, NEW_PASSWORD)
  })

  test('with a provider, if another person had registered the address', async () => {
    const ada = await newPerson({}, { env })
    await useUp(ada)
    const signedIn = await signInWith(providers, 'acme', newAccount({ email: ada.email }), { env })
    expect(signedIn).toMatchObject({ status: 200, body: { user: { id: ada.id } } })
  })
})

test('O6 a provider that proves the mailbox wipes the profile from before', async () => {
  const ada = await newPerson({ full_name: 'Somebody Else' }, { env })
  const { body } = await signInWith(providers, 'acme', newAccount({ email: ada.email }), { env })
  expect((await get('/users/me', body.access_token)).body).toMatchObject({ id: ada.id, profile: { full_name: null } })
})

test('a change of password mails the list of linked providers', async () => {
  const mailbox = openMailbox(socialSettings)
  const ada = await verified()
  await link(ada.accessToken, 'acme')
  const body = { current_password: PASSWORD, new_password: NEW_PASSWORD }
  await post('/users/me/password', body, { token: ada.accessToken, env: mailbox.env })
  expect(await linked()).toEqual(['acme'])
  expect((await mailbox.collect()).at(-1)?.text).toMatch(/Still works for signing in:? *\n? *acme/)
})
