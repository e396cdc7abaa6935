import { env as realEnv } from 'cloudflare:workers'
import { beforeEach, expect, test, vi } from 'vitest'
import { newPerson, PASSWORD, post } from '../../support/api.ts'
import { faultsAt } from '../../support/faults-at.ts'
import { faultyEnv, killedAt } from '../../support/faulty-env.ts'
import { beforeBatch, failing } from '../../support/intercept-stores.ts'
import { keysIn, runCron } from '../../support/service.ts'
import {
  begin,
  comeBack,
  dance,
  handedBack,
  newAccount,
  providersForEachTest,
  redeem,
  signInWith,
  socialEnv,
  socialSettings,
} from '../../support/social.ts'
import { change, countOf, rows } from '../../support/stores.ts'

const providers = providersForEachTest()

beforeEach(() => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined)
})

const env = socialEnv()
const userKeys = async () => (await keysIn(realEnv.VAULT, 'keys/')).filter((key) => !key.startsWith('keys/system/'))

test('D6 a first sign-in that is killed at any call and repeated ends like one that was not', async () => {
  let wasKilled = true
  let people = 0
  for (let at = 0; wasKilled; at++) {
    for (const fault of faultsAt(at)) {
      people++
      const account = newAccount()
      const faulty = faultyEnv(env, killedAt(at, fault))
      const begun = await begin('github', { env })
      const back = await comeBack('github', begun, providers.consent(begun.location, account), { env: faulty.env })
      const code = back.status === 302 ? handedBack(back).get('code') : null
      if (code !== null) await redeem(code, begun.verifier, faulty.env)
      wasKilled = faulty.calls.length > at
      expect((await signInWith(providers, 'github', account, { env })).status).toBe(200)
    }
  }
  expect(people).toBeGreaterThan(10)
  for (const table of ['users', 'user_profiles', 'social_logins']) expect(await countOf(table)).toBe(people)
  vi.setSystemTime(Date.now() + 2 * 3_600_000)
  await runCron()
  vi.setSystemTime(Date.now() + 36 * 86_400_000)
  await runCron()
  const users = await rows('SELECT id FROM users ORDER BY id')
  expect(await userKeys()).toEqual(users.map(({ id }) => `keys/${id}`))
  // Deletes everything that has expired.
  expect(await countOf('oauth_flows')).toBe(0)
})

test('H6 KV and queues down do not stop it', async () => {
  const down = {
    ...failing((name) => /^(SESSIONS|KEY_CACHE|LIMITS|AUDIT_QUEUE|MAIL_QUEUE)/.test(name)),
    ...socialSettings,
  }
  expect((await signInWith(providers, 'acme', newAccount(), { env: down as unknown as Env })).status).toBe(200)
})

test('H6 with the vault down no account is made and no identity linked, and the application gets an error', async () => {
  const down = { ...failing((name) => name.startsWith('VAULT')), ...socialSettings } as unknown as Env
  const { handed } = await dance(providers, 'acme', newAccount(), { env: down })
  expect(handed.get('error')).toBe('unavailable')
  expect([await countOf('users'), await countOf('social_logins')]).toEqual([0, 0])
})

test('H6 with the database down the browser gets a problem document and the provider no request', async () => {
  const begun = await begin('acme', { env })
  const down = { ...failing((name) => name.startsWith('DB')), ...socialSettings } as unknown as Env
  const back = await comeBack('acme', begun, providers.consent(begun.location, newAccount()), { env: down })
  expect([back.status, back.body.code]).toEqual([503, 'unavailable'])
  expect(providers.asked.filter((url) => url.endsWith('/token'))).toEqual([])
})

test.each([
  ["UPDATE users SET status = 'suspended'", 'account_suspended'],
  ["UPDATE users SET status = 'deleted'", 'account_deleted'],
])('S3 an account that changes while its address is compared is not linked: %s', async (statement, error) => {
  const ada = await newPerson()
  await change('UPDATE users SET is_verified = 1')
  // The first batch counts the request, and the second links the identity.
  const racing = { ...beforeBatch(2, () => change(`${statement} WHERE id = ?`, ada.id)), ...socialSettings }
  const begun = await begin('acme', { env })
  const parameters = providers.consent(begun.location, newAccount({ email: ada.email }))
  const back = await comeBack('acme', begun, parameters, { env: racing as unknown as Env })
  expect(handedBack(back).get('error')).toBe(error)
  expect(await countOf('social_logins')).toBe(0)
})

test('O6 if the address is proven here during the comparison, the identity is linked and nothing is voided', async () => {
  const ada = await newPerson()
  const racing = {
    ...beforeBatch(2, () => change('UPDATE users SET is_verified = 1 WHERE id = ?', ada.id)),
    ...socialSettings,
  }
  const begun = await begin('acme', { env })
  const parameters = providers.consent(begun.location, newAccount({ email: ada.email }))
  const back = await comeBack('acme', begun, parameters, { env: racing as unknown as Env })
  expect(handedBack(back).get('code')).not.toBeNull()
  expect((await post('/auth/login', { email: ada.email, password: PASSWORD })).status).toBe(200)
})

test('an account that is suspended during the exchange of its code gets no session', async () => {
  const account = newAccount()
  const { body } = await signInWith(providers, 'acme', account, { env })
  const { handed, verifier } = await dance(providers, 'acme', account, { env })
  // The first batch counts the request, the second uses the code and reads the account, the third opens the
  // session.
  const suspend = () =>
    change("UPDATE users SET status = 'suspended', security_epoch = security_epoch + 1 WHERE id = ?", body.user.id)
  const racing = { ...beforeBatch(3, suspend), ...socialSettings } as unknown as Env
  expect((await redeem(handed.get('code'), verifier, racing)).body.code).toBe('invalid_credentials')
  expect(await countOf('sessions')).toBe(1)
})
