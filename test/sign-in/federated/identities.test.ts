import { describe, expect, test, vi } from 'vitest'
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
} from '../../support/api.ts'
import { openMailbox, tokenIn } from '../../support/mailbox.ts'
import { SIZES } from '../../support/sizes.ts'
import {
  type Account,
  begin,
  comeBack,
  handedBack,
  newAccount,
  type ProviderName,
  providersForEachTest,
  redeem,
  signInWith,
  socialEnv,
  socialSettings,
} from '../../support/social.ts'
import { change, countOf, events, rows } from '../../support/stores.ts'

const env = socialEnv()
const options = { env }
const providers = providersForEachTest()

const IDENTITIES = '/users/me/identities'

async function verifiedPerson(): Promise<Person> {
  const person = await newPerson({}, options)
  await change('UPDATE users SET is_verified = 1 WHERE id = ?', person.id)
  return person
}

const askTicket = (provider: string, token: string, using = env) =>
  call(`/api/v1${IDENTITIES}/${provider}/start`, { method: 'POST', token, env: using })

/** Goes to the provider and back with a ticket. */
async function fetchCode(token: string, account: Account, provider: ProviderName = 'acme', using = env) {
  const { body } = await askTicket(provider, token, using)
  const begun = await begin(provider, { env: using, query: { link: body.link } })
  const back = await comeBack(provider, begun, providers.consent(begun.location, account), { env: using })
  return { handed: handedBack(back), code: handedBack(back).get('code'), verifier: begun.verifier }
}

const link = (
  token: string,
  { code, verifier }: { code: string | null; verifier: string },
  using = env,
): Promise<Answer> => post(IDENTITIES, { code, code_verifier: verifier }, { token, env: using })

const unlink = (token: string, id: string, using = env): Promise<Answer> =>
  call(`/api/v1${IDENTITIES}/${id}`, { method: 'DELETE', token, env: using })

const listed = async (token: string) => (await get(IDENTITIES, token, options)).body.identities

describe('linking', () => {
  test.each(['google', 'github', 'acme'] as const)(
    'lets a signed-in user sign in with %s from then on',
    async (provider) => {
      const mailbox = openMailbox(socialSettings)
      const ada = await verifiedPerson()
      // The provider's address does not matter, nor whether it is verified: the signed-in user chooses the
      // identity.
      const account = newAccount({ email_verified: false })
      const answer = await link(ada.accessToken, await fetchCode(ada.accessToken, account, provider), mailbox.env)
      expect([answer.status, answer.body]).toEqual([
        201,
        { id: expect.any(String), provider, linked_at: expect.any(String) },
      ])
      expect(await listed(ada.accessToken)).toEqual([answer.body])
      const signedIn = await signInWith(providers, provider, account, options)
      expect(signedIn.body.user.id).toBe(ada.id)
      await expect(signIn(ada.email)).resolves.toBeDefined()
      expect(await mailbox.collect()).toMatchObject([{ to: ada.email, subject: 'A new way to sign in to Latchkey' }])
      expect(await events('identity.linked')).toMatchObject([
        { subject_id: ada.id, actor_id: ada.id, detail: { identity_id: answer.body.id, provider, by: 'owner' } },
      ])
    },
  )

  test('R6 needs a recent sign-in to start, and a configured provider', async () => {
    const ada = await verifiedPerson()
    expect((await askTicket('nobody', ada.accessToken)).status).toBe(404)
    expect((await call(`/api/v1${IDENTITIES}/acme/start`, { method: 'POST', env })).status).toBe(401)
    vi.setSystemTime(Date.now() + 301_000)
    expect((await askTicket('acme', ada.accessToken)).body.code).toBe('step_up_required')
  })

  test('J4 can be neither started nor finished by an ended session', async () => {
    const ada = await verifiedPerson()
    const held = await fetchCode(ada.accessToken, newAccount())
    await post('/auth/logout', { refresh_token: ada.refreshToken })
    expect((await askTicket('acme', ada.accessToken)).status).toBe(401)
    expect((await link(ada.accessToken, held)).status).toBe(401)
    expect(await countOf('social_logins')).toBe(0)
  })

  test('O6 is refused for an account that never proved its address', async () => {
    const thief = await newPerson({}, options)
    const answer = await link(thief.accessToken, await fetchCode(thief.accessToken, newAccount()))
    expect(answer.body.code).toBe('email_unverified')
    expect(await countOf('social_logins')).toBe(0)
  })

  test('uses codes of its own: they sign no user in, and codes for sign-in or of another user link nothing', async () => {
    const [ada, eve] = [await verifiedPerson(), await verifiedPerson()]
    const held = await fetchCode(ada.accessToken, newAccount())
    expect((await redeem(held.code, held.verifier, env)).body.code).toBe('invalid_token')
    // Eve sends Ada's browser through a flow of Eve's, or steals the code. Neither helps the other person.
    expect((await link(eve.accessToken, held)).body.code).toBe('invalid_token')
    expect((await link(ada.accessToken, { ...held, verifier: 'x'.repeat(43) })).body.code).toBe('invalid_token')
    const begun = await begin('acme', options)
    const back = await comeBack('acme', begun, providers.consent(begun.location, newAccount()), options)
    const forSignIn = { code: handedBack(back).get('code'), verifier: begun.verifier }
    expect((await link(ada.accessToken, forSignIn)).body.code).toBe('invalid_token')
    expect((await link(ada.accessToken, held)).status).toBe(201)
  })

  test('takes a ticket of one provider for five minutes, and no forged one', async () => {
    const ada = await verifiedPerson()
    const { body } = await askTicket('acme', ada.accessToken)
    expect(body).toEqual({ link: expect.stringMatching(/^v2\./), expires_in: 300 })
    const start = async (provider: string, ticket: string) =>
      (await begin(provider, { env, query: { link: ticket } })).answer
    expect((await start('google', body.link)).body.code).toBe('invalid_token')
    expect((await start('acme', `${body.link.slice(0, -2)}AA`)).body.code).toBe('invalid_token')
    expect((await start('acme', '')).body.code).toBe('invalid_token')
    vi.setSystemTime(Date.now() + 300_001)
    expect((await start('acme', body.link)).body.code).toBe('invalid_token')
  })

  test('refuses an identity that any account has, including the user’s own', async () => {
    const [ada, account] = [await verifiedPerson(), newAccount()]
    await signInWith(providers, 'acme', account, options)
    expect((await fetchCode(ada.accessToken, account)).handed.get('error')).toBe('identity_taken')
    expect(await events('identity.link_failed')).toMatchObject([
      { subject_id: ada.id, detail: { reason: 'identity_taken' } },
    ])
    const own = newAccount()
    const [first, second] = [await fetchCode(ada.accessToken, own), await fetchCode(ada.accessToken, own)]
    expect((await link(ada.accessToken, first)).status).toBe(201)
    expect((await link(ada.accessToken, second)).body.code).toBe('identity_taken')
    expect(await listed(ada.accessToken)).toHaveLength(1)
  })

  test('records a denial for the user who started it', async () => {
    const ada = await verifiedPerson()
    const { body } = await askTicket('acme', ada.accessToken)
    const begun = await begin('acme', { env, query: { link: body.link } })
    const state = new URL(begun.location).searchParams.get('state') ?? ''
    await comeBack('acme', begun, new URLSearchParams({ error: 'access_denied', state }), options)
    expect(await events('identity.link_failed')).toMatchObject([
      { subject_id: ada.id, detail: { reason: 'provider_denied' }, pii_enc: expect.stringMatching(/^v2\./) },
    ])
  })

  test.each(SIZES)('succeeds once for %i concurrent requests with one code', async (size) => {
    const ada = await verifiedPerson()
    const held = await fetchCode(ada.accessToken, newAccount())
    expect(statuses(await burst(size, () => link(ada.accessToken, held)))).toEqual({ 201: 1, 400: size - 1 })
    expect((await events('identity.linked')).length).toBe(1)
    expect(await countOf('social_logins')).toBe(1)
  })

  test('succeeds once for two accounts with one identity at once', async () => {
    const people = [await verifiedPerson(), await verifiedPerson()]
    const account = newAccount()
    const held = await Promise.all(people.map(({ accessToken }) => fetchCode(accessToken, account)))
    const answers = await burst(2, (index) =>
      link(people[index]?.accessToken ?? '', held[index] ?? { code: null, verifier: '' }),
    )
    expect(statuses(answers)).toEqual({ 201: 1, 409: 1 })
    expect(await countOf('social_logins')).toBe(1)
  })
})

describe('unlinking', () => {
  /** With two identities and no password. */
  async function newcomer() {
    const account = newAccount()
    const { body } = await signInWith(providers, 'acme', account, options)
    const token = body.access_token as string
    return { token, id: body.user.id as string, account }
  }

  test('ends sign-in with that identity, mails the owner, and keeps the others', async () => {
    const mailbox = openMailbox(socialSettings)
    const ada = await verifiedPerson()
    const [mine, other] = [newAccount(), newAccount()]
    const { body } = await link(ada.accessToken, await fetchCode(ada.accessToken, mine))
    await link(ada.accessToken, await fetchCode(ada.accessToken, other, 'google'))
    expect((await unlink(ada.accessToken, body.id, mailbox.env)).status).toBe(204)
    expect(await listed(ada.accessToken)).toMatchObject([{ provider: 'google' }])
    expect(await mailbox.collect()).toMatchObject([
      { to: ada.email, subject: 'A way to sign in to Latchkey was removed' },
    ])
    expect(await events('identity.unlinked')).toMatchObject([
      { subject_id: ada.id, detail: { identity_id: body.id, provider: 'acme' } },
    ])
    // A sign-in with this identity now opens a new account.
    expect((await signInWith(providers, 'acme', mine, options)).body.user.id).not.toBe(ada.id)
  })

  test('S5 is refused for the last way to sign in, and possible beside a password or another identity', async () => {
    const { token, account } = await newcomer()
    const [only] = await listed(token)
    expect((await unlink(token, only.id)).body.code).toBe('last_credential')
    expect((await link(token, await fetchCode(token, newAccount(), 'google'))).status).toBe(201)
    expect((await unlink(token, only.id)).status).toBe(204)
    const [left] = await listed(token)
    expect((await unlink(token, left.id)).body.code).toBe('last_credential')
    const mailbox = openMailbox(socialSettings)
    await post('/auth/reset-password', { email: account.email }, { env: mailbox.env })
    const reset = { token: tokenIn((await mailbox.collect()).at(-1)), new_password: PASSWORD }
    await post('/auth/reset-password/confirm', reset, { env: mailbox.env })
    const again = await signIn(account.email as string)
    expect((await unlink(again.accessToken, left.id)).status).toBe(204)
  })

  test('S5 does not count an identity at a provider that is no longer configured', async () => {
    const { token } = await newcomer()
    const [acme] = await listed(token)
    await link(token, await fetchCode(token, newAccount(), 'google'))
    const withoutGoogle = socialEnv({
      OAUTH_PROVIDERS: JSON.stringify({ acme: JSON.parse(socialSettings.OAUTH_PROVIDERS).acme }),
    })
    expect((await unlink(token, acme.id, withoutGoogle)).body.code).toBe('last_credential')
    const withoutAny = socialEnv({ OAUTH_PROVIDERS: '' })
    expect((await unlink(token, acme.id, withoutAny)).body.code).toBe('last_credential')
  })

  test.each(SIZES)('S5 succeeds once for %i concurrent requests that remove the last two', async (size) => {
    const { token } = await newcomer()
    await link(token, await fetchCode(token, newAccount(), 'google'))
    const ids = (await listed(token)).map(({ id }: { id: string }) => id)
    const counts = statuses(await burst(size, (index) => unlink(token, ids[index % 2])))
    expect(counts[204]).toBe(1)
    expect((counts[404] ?? 0) + (counts[409] ?? 0)).toBe(size - 1)
    expect(await countOf('social_logins')).toBe(1)
    expect(await events('identity.unlinked')).toHaveLength(1)
  })

  test('R6 A1 needs a recent sign-in; the answer for a foreign, missing or malformed id is the same 404', async () => {
    const [ada, grace] = [await verifiedPerson(), await verifiedPerson()]
    const { body } = await link(ada.accessToken, await fetchCode(ada.accessToken, newAccount()))
    for (const id of [body.id, crypto.randomUUID(), 'x'])
      expect((await unlink(grace.accessToken, id)).body.code).toBe('not_found')
    vi.setSystemTime(Date.now() + 301_000)
    expect((await unlink(ada.accessToken, body.id)).body.code).toBe('step_up_required')
    expect(await countOf('social_logins')).toBe(1)
  })

  test('J4 with an ended session removes nothing, and the session reads no list', async () => {
    const ada = await verifiedPerson()
    const { body } = await link(ada.accessToken, await fetchCode(ada.accessToken, newAccount()))
    await post('/auth/logout', { refresh_token: ada.refreshToken })
    expect((await unlink(ada.accessToken, body.id)).status).toBe(401)
    expect((await get(IDENTITIES, ada.accessToken, options)).status).toBe(401)
    expect(await countOf('social_logins')).toBe(1)
  })
})

test('undoing a change of address removes the identities, which the thief may have linked', async () => {
  const mailbox = openMailbox(socialSettings)
  const ada = await verifiedPerson()
  await link(ada.accessToken, await fetchCode(ada.accessToken, newAccount()))
  await post('/users/me/email', { new_email: 'eve@example.com' }, { token: ada.accessToken, env: mailbox.env })
  const confirm = (await mailbox.collect()).find(({ to }) => to === 'eve@example.com')
  await post('/auth/verify-email', { token: tokenIn(confirm) }, { env: mailbox.env, token: ada.accessToken })
  const told = (await mailbox.collect()).find(({ to }) => to === ada.email)
  expect((await post('/auth/undo-email', { token: tokenIn(told) }, { env: mailbox.env })).status).toBe(204)
  expect(await rows('SELECT id FROM social_logins')).toEqual([])
})

test('an address to which its owner can still go back opens no account for another person', async () => {
  const mailbox = openMailbox(socialSettings)
  const ada = await verifiedPerson()
  await post('/users/me/email', { new_email: 'moved@example.com' }, { token: ada.accessToken, env: mailbox.env })
  const confirm = (await mailbox.collect()).find(({ to }) => to === 'moved@example.com')
  await post('/auth/verify-email', { token: tokenIn(confirm) }, { env: mailbox.env, token: ada.accessToken })
  const begun = await begin('acme', options)
  const parameters = providers.consent(begun.location, newAccount({ email: ada.email }))
  expect(handedBack(await comeBack('acme', begun, parameters, options)).get('error')).toBe('email_taken')
  expect([await countOf('users'), await countOf('social_logins')]).toEqual([1, 0])
  expect(await events('user.registration_refused')).toHaveLength(1)
})
