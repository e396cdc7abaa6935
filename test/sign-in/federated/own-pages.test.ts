import { expect, test } from 'vitest'
import { newPerson, ORIGIN, post } from '../../support/api.ts'
import { openMailbox, tokenIn } from '../../support/mailbox.ts'
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
import { change, countOf, events } from '../../support/stores.ts'

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
