import { env } from 'cloudflare:workers'
import { decodeJwt } from 'jose'
import { expect, test } from 'vitest'
import { call, get, newPerson, PASSWORD, type Person, post } from '../support/api.ts'
import { giveToken } from '../support/requests.ts'
import { newAccount, providersForEachTest, signInWith, socialEnv } from '../support/social.ts'
import { change, row } from '../support/stores.ts'

const providers = providersForEachTest()

type Tokens = Pick<Person, 'accessToken' | 'refreshToken'>
const tokensOf = ({ body }: { body: { access_token: string; refresh_token: string } }): Tokens => ({
  accessToken: body.access_token,
  refreshToken: body.refresh_token,
})

const refreshed = async ({ refreshToken }: Tokens): Promise<Tokens> =>
  tokensOf(await post('/auth/refresh', { refresh_token: refreshToken }))

/** Method and level in the access token, in the session check and in the list of sessions. */
async function shown({ accessToken }: Tokens) {
  const { body } = await get('/users/me/sessions', accessToken)
  const current = body.sessions.find((session: { current: boolean }) => session.current)
  return [decodeJwt(accessToken), (await get('/auth/session', accessToken)).body, current].map(({ amr, acr }) => ({
    amr,
    acr,
  }))
}

async function exported({ accessToken }: Tokens) {
  const { body } = await call('/api/v1/users/me/export', { method: 'POST', token: accessToken })
  const bundle = await get(`/users/me/export/${body.id}/download`, accessToken)
  return bundle.body.data.sessions.map(({ amr, acr }: Record<string, unknown>) => ({ amr, acr }))
}

const thrice = <Value>(value: Value) => [value, value, value]

test('M14 a sign-in with a password is one factor, also in the export, and a refresh keeps it', async () => {
  const ada = await newPerson()
  const expected = { amr: ['pwd'], acr: 'aal1' }
  expect(await shown(ada)).toEqual(thrice(expected))
  expect(await exported(ada)).toEqual([expected])
  expect(await shown(await refreshed(ada))).toEqual(thrice(expected))
})

test('M14 a sign-in at a provider is one factor', async () => {
  const grace = tokensOf(await signInWith(providers, 'acme', newAccount(), { env: socialEnv() }))
  expect(await shown(grace)).toEqual(thrice({ amr: ['fed'], acr: 'aal1' }))
})

test('M14 a mailed link that restores an account is less than one factor, and a refresh keeps it', async () => {
  const ada = await newPerson()
  await call('/api/v1/users/me', { method: 'DELETE', token: ada.accessToken })
  const restored = tokensOf(await post('/auth/restore', { token: await giveToken(ada, 'recover') }))
  const expected = { amr: ['email'], acr: 'aal0' }
  expect(await shown(restored)).toEqual(thrice(expected))
  expect(await shown(await refreshed(restored))).toEqual(thrice(expected))
})

test.each([
  [['fed'], ['fed', 'pwd'], 'aal1'],
  [['email'], ['email', 'pwd'], 'aal1'],
  [[], ['pwd'], 'aal1'],
  [['pwd'], ['pwd'], 'aal1'],
  [['email', 'fed'], ['email', 'fed', 'pwd'], 'aal1'],
  [['mfa', 'otp', 'pwd'], ['mfa', 'otp', 'pwd'], 'aal2'],
])('M2 M14 a step-up with the password adds it to %j: %j, which is %s', async (before, amr, acr) => {
  const ada = await newPerson()
  await change('UPDATE sessions SET amr = ?', JSON.stringify(before))
  const { body } = await post('/auth/step-up', { password: PASSWORD }, { token: ada.accessToken })
  const steppedUp = { ...ada, accessToken: body.access_token }
  expect(await shown(steppedUp)).toEqual(thrice({ amr, acr }))
  expect(await shown(await refreshed(steppedUp))).toEqual(thrice({ amr, acr }))
})

test.each([
  [['email'], 'aal1'],
  [['pwd'], 'aal1'],
  [['fed', 'pwd'], 'aal1'],
  [['mfa', 'otp', 'pwd'], 'aal2'],
  [['mfa', 'pop'], 'aal2'],
])('M10 a step-up of a session by %j is asked for at %s, as RFC 9470 says it', async (amr, needed) => {
  const ada = await newPerson()
  await change('UPDATE sessions SET amr = ?, auth_time = 1', JSON.stringify(amr))
  const { accessToken } = await refreshed(ada)
  const refused = await call('/api/v1/users/me/export', { method: 'POST', token: accessToken })
  expect([refused.status, refused.body.code]).toEqual([401, 'step_up_required'])
  expect(refused.headers.get('www-authenticate')).toBe(
    `Bearer realm="latchkey", error="insufficient_user_authentication", max_age="300", acr_values="${needed}"`,
  )
})

test.each([
  [[], 'aal0'],
  [['fed', 'pwd'], 'aal1'],
  [['otp', 'pwd', 'mfa'], 'aal2'],
  [['pop', 'mfa'], 'phr'],
])('M14 the level of a session that recorded %j is %s wherever it is shown', async (amr, acr) => {
  const ada = await newPerson()
  await change('UPDATE sessions SET amr = ?', JSON.stringify(amr))
  await env.SESSIONS.delete(`session:${(await row('SELECT id FROM sessions')).id}`)
  const again = await refreshed(ada)
  expect(await shown(again)).toEqual(thrice({ amr, acr }))
  expect(await exported(ada)).toEqual([{ amr, acr }])
})
