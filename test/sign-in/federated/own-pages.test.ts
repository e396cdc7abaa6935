import { describe, expect, test } from 'vitest'
import { burst, newPerson, ORIGIN, post } from '../../support/api.ts'
import { beforeBatch } from '../../support/intercept-stores.ts'
import { openMailbox, tokenIn } from '../../support/mailbox.ts'
import { SIZES } from '../../support/sizes.ts'
import {
  begin,
  comeBack,
  newAccount,
  providersForEachTest,
  redeem,
  signInWith,
  socialEnv,
  socialSettings,
} from '../../support/social.ts'
import { change, countOf, events, rows } from '../../support/stores.ts'

const env = socialEnv()
const providers = providersForEachTest()
const PAGE = `${ORIGIN}/account/confirm-email`
const SIGN_IN_PAGE = `${ORIGIN}/account/sign-in`
const IDENTITIES_PAGE = `${ORIGIN}/account/identities`

/** Goes to a provider and back to a page of this service. */
async function signInOnPage(account: ReturnType<typeof newAccount>, page = PAGE, more: { link?: string } = {}) {
  const begun = await begin('acme', { env, query: { redirect_uri: page, state: 's', ...more } })
  const back = await comeBack('acme', begun, providers.consent(begun.location, account), { env })
  const url = new URL(back.headers.get('location') ?? '')
  expect(url.origin + url.pathname).toBe(page)
  return { verifier: begun.verifier, code: url.searchParams.get('code'), error: url.searchParams.get('error') }
}

test('the page that confirms a change of address may sign in at a provider without being on the list', async () => {
  const mailbox = openMailbox(socialSettings)
  const account = newAccount()
  const { body } = await signInWith(providers, 'acme', account, { env })
  const asking = { env: mailbox.env, token: body.access_token }
  await post('/users/me/email', { new_email: 'new@example.com' }, asking)
  const token = tokenIn((await mailbox.collect())[0])
  const { code, verifier } = await signInOnPage(account)
  const session = await redeem(code, verifier, env)
  expect((await post('/auth/verify-email', { token }, { env, token: session.body.access_token })).status).toBe(204)
})

test('the page for signing in may do so too', async () => {
  const account = newAccount()
  await signInWith(providers, 'acme', account, { env })
  const { code, verifier } = await signInOnPage(account, SIGN_IN_PAGE)
  expect((await redeem(code, verifier, env)).status).toBe(200)
})

test('the page of linked identities links with the ticket of a signed-in user', async () => {
  const person = await newPerson({}, { env })
  await change('UPDATE users SET is_verified = 1')
  const asking = { env, token: person.accessToken }
  const { body: ticket } = await post('/users/me/identities/acme/start', {}, asking)
  const { code, verifier } = await signInOnPage(newAccount(), IDENTITIES_PAGE, { link: ticket.link })
  const linked = await post('/users/me/identities', { code, code_verifier: verifier }, asking)
  expect(linked).toMatchObject({ status: 201, body: { provider: 'acme' } })
})

test('the page for signing up creates an account, which then signs in', async () => {
  const account = newAccount()
  const { code, verifier } = await signInOnPage(account, `${ORIGIN}/account/sign-up`)
  expect(await redeem(code, verifier, env)).toMatchObject({ status: 200, body: { user: { email: account.email } } })
  const again = await signInOnPage(account, SIGN_IN_PAGE)
  expect((await redeem(again.code, again.verifier, env)).status).toBe(200)
  expect([await countOf('users'), await countOf('social_logins')]).toEqual([1, 1])
})

test.each([PAGE, SIGN_IN_PAGE, IDENTITIES_PAGE])('O6 %s opens no account and links no identity', async (page) => {
  const person = await newPerson({}, { env })
  await change('UPDATE users SET is_verified = 1')
  for (const account of [newAccount(), newAccount({ email: person.email })])
    expect(await signInOnPage(account, page)).toMatchObject({ code: null, error: 'invalid_credentials' })
  expect([await countOf('users'), await countOf('social_logins')]).toEqual([1, 0])
  expect(await events('user.sign_in_failed')).toMatchObject(Array(2).fill({ detail: { reason: 'not_linked' } }))
})

test('no other page of this service is allowed without being on the list', async () => {
  for (const path of [
    '/account/verify-email',
    '/account/security',
    '/account/confirm-email/',
    '/account/confirm-email?x=1',
    '/',
  ])
    expect((await begin('acme', { env, query: { redirect_uri: ORIGIN + path } })).answer.status).toBe(422)
})

describe('step-up by a provider', () => {
  /** An account with nothing but an identity, whose sign-in is too old for a change. */
  async function newOwner() {
    const account = newAccount()
    const { body } = await signInWith(providers, 'acme', account, { env })
    await change('UPDATE sessions SET auth_time = 0')
    const renewed = await post('/auth/refresh', { refresh_token: body.refresh_token }, { env })
    return { account, id: body.user.id as string, token: renewed.body.access_token as string }
  }

  const stepUp = (token: string, given: { readonly code: string | null; readonly verifier: string }, using = env) =>
    post('/auth/step-up', { code: given.code, code_verifier: given.verifier }, { token, env: using })

  const changeAddress = (token: string) => post('/users/me/email', { new_email: 'x@example.com' }, { token, env })

  const invalid = { status: 400, body: { code: 'invalid_token' } }

  test('M14 renews the session of an account that has nothing but its identity, once', async () => {
    const { account, token } = await newOwner()
    expect((await changeAddress(token)).body.code).toBe('step_up_required')
    const given = await signInOnPage(account, SIGN_IN_PAGE)
    const { status, body } = await stepUp(token, given)
    expect([status, Object.keys(body).sort()]).toEqual([200, ['access_token', 'expires_in', 'token_type']])
    expect((await changeAddress(body.access_token)).status).toBe(202)
    expect(await events('session.stepped_up')).toMatchObject([{ detail: { method: 'fed' } }])
    expect(await countOf('sessions')).toBe(1)
    expect(await stepUp(token, given)).toMatchObject(invalid)
    expect(await redeem(given.code, given.verifier, env)).toMatchObject(invalid)
  })

  test('M14 takes no code of another person, nor with another verifier, and uses neither up', async () => {
    const [{ account, token }, other] = [await newOwner(), await newOwner()]
    const [own, foreign] = [await signInOnPage(account, PAGE), await signInOnPage(other.account, PAGE)]
    expect(await stepUp(token, foreign)).toMatchObject(invalid)
    expect(await stepUp(token, { ...own, verifier: foreign.verifier })).toMatchObject(invalid)
    expect(await stepUp(token, { ...own, code: 'x' })).toMatchObject(invalid)
    expect((await stepUp(other.token, foreign)).status).toBe(200)
    expect((await stepUp(token, own)).status).toBe(200)
  })

  test('M14 takes no code of a link, nor of a return from the pages', async () => {
    const { account, token } = await newOwner()
    const given = await signInOnPage(account, PAGE)
    await change(
      "UPDATE oauth_flows SET provider = '', user_id = (SELECT id FROM users), session_id = (SELECT id FROM sessions)",
    )
    expect(await stepUp(token, given)).toMatchObject(invalid)
    await change("UPDATE oauth_flows SET provider = 'acme', session_id = NULL")
    expect(await stepUp(token, given)).toMatchObject(invalid)
  })

  test.each([
    ['an identity that was unlinked', 'DELETE FROM social_logins', 400, 'invalid_token'],
    ['a session that has ended', 'UPDATE sessions SET revoked_at = 1', 401, 'invalid_access_token'],
    ['two-step sign-in', 'UPDATE users SET two_step_at = 1', 403, 'factor_enrolment_required'],
  ])('M10 renews nothing for %s, since a moment ago too, and uses nothing up', async (_, sql, status, code) => {
    const { account, token } = await newOwner()
    const given = await signInOnPage(account, PAGE)
    const act = () => change(sql)
    expect(await stepUp(token, given, beforeBatch(1, act, socialSettings))).toMatchObject({ status, body: { code } })
    expect(await stepUp(token, given)).toMatchObject({ status, body: { code } })
    expect(await rows('SELECT id FROM oauth_flows WHERE code_expires_at > 0 AND consumed_at IS NULL')).toHaveLength(1)
    expect(await events('session.stepped_up')).toEqual([])
  })

  test.each(SIZES)('M5 renews once for one code, sent %i times at once', async (size) => {
    const { account, token } = await newOwner()
    const given = await signInOnPage(account, PAGE)
    const answers = await burst(size, () => stepUp(token, given))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(await events('session.stepped_up')).toHaveLength(1)
  })
})
