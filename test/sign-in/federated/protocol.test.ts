import { describe, expect, test, vi } from 'vitest'
import { deleteExpiredRows } from '../../../src/compliance/delete-expired-rows.ts'
import { together } from '../../../src/core/for-all.ts'
import { burst, get, statuses } from '../../support/api.ts'
import { jobContext } from '../../support/job-context.ts'
import { SIZES } from '../../support/sizes.ts'
import {
  begin,
  comeBack,
  countPeople,
  dance,
  errorOf,
  handedBack,
  newAccount,
  providersForEachTest,
  redeem,
  signInWith,
  socialEnv,
} from '../../support/social.ts'
import { countOf, events, rows } from '../../support/stores.ts'

const env = socialEnv()
const options = { env }
const providers = providersForEachTest()

describe('S1 the state', () => {
  test.each(SIZES)('is accepted once in a burst of %i, and the provider is asked once', async (size) => {
    const begun = await begin('acme', options)
    const parameters = providers.consent(begun.location, newAccount())
    const answers = await burst(size, () => comeBack('acme', begun, parameters, options))
    expect(statuses(answers)).toEqual({ 302: 1, 400: size - 1 })
    expect(answers.filter(({ body }) => body.code === 'invalid_state')).toHaveLength(size - 1)
    expect(providers.asked.filter((url) => url.endsWith('/token'))).toHaveLength(1)
    expect([await countOf('users'), await countOf('oauth_flows')]).toEqual([1, 1])
  })

  test.each<[string, (good: URLSearchParams) => URLSearchParams]>([
    ['is missing', (good) => new URLSearchParams({ code: good.get('code') ?? '' })],
    ['is another one', (good) => new URLSearchParams({ code: good.get('code') ?? '', state: 'x'.repeat(43) })],
    ['is empty', (good) => new URLSearchParams({ code: good.get('code') ?? '', state: '' })],
    ['is sent twice', (good) => new URLSearchParams([...good, ['state', good.get('state') ?? '']])],
  ])('that %s is refused, and the right one still works', async (_, spoil) => {
    const begun = await begin('acme', options)
    const good = providers.consent(begun.location, newAccount())
    const refused = await comeBack('acme', begun, spoil(good), options)
    expect([refused.status, refused.body.code, refused.headers.get('location')]).toEqual([400, 'invalid_state', null])
    expect(refused.headers.has('set-cookie')).toBe(false)
    expect(await countOf('oauth_flows')).toBe(0)
    expect((await comeBack('acme', begun, good, options)).status).toBe(302)
  })

  test('is bound to the browser: refused without its cookie, with another one, or with an altered one', async () => {
    const [mine, other] = [await begin('acme', options), await begin('acme', options)]
    const parameters = providers.consent(mine.location, newAccount())
    const altered = `${mine.cookie.slice(0, -2)}AA`
    for (const cookie of ['', 'lk_oauth=x', '__Host-lk_oauth=', '__Host-lk_oauth=v1.x.y', other.cookie, altered]) {
      const refused = await comeBack('acme', { cookie }, parameters, options)
      expect([cookie, refused.body.code]).toEqual([cookie, 'invalid_state'])
    }
    expect(providers.asked.filter((url) => url.endsWith('/token'))).toEqual([])
  })

  test('expires after ten minutes', async () => {
    const begun = await begin('acme', options)
    const parameters = providers.consent(begun.location, newAccount())
    vi.setSystemTime(Date.now() + 600_001)
    expect((await comeBack('acme', begun, parameters, options)).body.code).toBe('invalid_state')
  })

  test('is bound to the provider: an answer at another provider’s callback fails (mix-up)', async () => {
    for (const [from, to] of [
      ['google', 'github'],
      ['github', 'acme'],
      ['acme', 'google'],
    ] as const) {
      const begun = await begin(from, options)
      const mixed = await comeBack(to, begun, providers.consent(begun.location, newAccount()), options)
      expect(mixed.body.code).toBe('invalid_state')
    }
    expect(await countPeople()).toEqual([0, 0])
  })

  test.each(['acme', 'github'] as const)(
    'fails at %s with the name of another issuer, and does not fail without one (RFC 9207)',
    async (provider) => {
      const come = async (iss: string | undefined) => {
        const begun = await begin(provider, options)
        const parameters = providers.consent(begun.location, newAccount())
        parameters.delete('iss')
        if (iss !== undefined) parameters.set('iss', iss)
        return errorOf(await comeBack(provider, begun, parameters, options))
      }
      expect(await come('https://accounts.google.com')).toBe('provider_rejected')
      expect(await countPeople()).toEqual([0, 0])
      expect(await come(undefined)).toBeNull()
    },
  )

  test('of a root key that was removed meanwhile is refused, and of one that is still trusted is accepted', async () => {
    const OLD = '1:cQn1Zr5mPq7sVt0uWx2yZa4bCd6eFg8hIj0kLm2nOp4'
    const NEW = '2:u3Jx0PpQnC1d8Jb5mGm4hJ2Vb7Zk9wTt6LqYfRaXsEo'
    const begun = await begin('acme', { env: socialEnv({ ROOT_KEYS: OLD }) })
    const account = newAccount()
    const parameters = providers.consent(begun.location, account)
    const gone = await comeBack('acme', begun, parameters, { env: socialEnv({ ROOT_KEYS: NEW }) })
    expect(gone.body.code).toBe('invalid_state')
    const both = socialEnv({ ROOT_KEYS: `${NEW},${OLD}` })
    const back = await comeBack('acme', begun, parameters, { env: both })
    const first = await redeem(handedBack(back).get('code'), begun.verifier, both)
    expect(first.status).toBe(200)
    // Linked under the old key, and found under either key.
    expect((await rows('SELECT provider_id_index FROM social_logins'))[0]?.provider_id_index).toMatch(/^2\./)
  })

  test('an identity that was linked under an old key is found beside a new key, and not linked twice', async () => {
    const OLD = '1:cQn1Zr5mPq7sVt0uWx2yZa4bCd6eFg8hIj0kLm2nOp4'
    const NEW = '2:u3Jx0PpQnC1d8Jb5mGm4hJ2Vb7Zk9wTt6LqYfRaXsEo'
    const account = newAccount()
    const first = await signInWith(providers, 'acme', account, { env: socialEnv({ ROOT_KEYS: OLD }) })
    const second = await signInWith(providers, 'acme', account, { env: socialEnv({ ROOT_KEYS: `${NEW},${OLD}` }) })
    expect(second.body.user.id).toBe(first.body.user.id)
    expect(await countPeople()).toEqual([1, 1])
  })
})

describe('the code', () => {
  test.each(SIZES)('is exchanged once in a burst of %i', async (size) => {
    const { handed, verifier } = await dance(providers, 'acme', newAccount(), options)
    const answers = await burst(size, () => redeem(handed.get('code'), verifier, env))
    // The others are second uses. They end the session, or keep it from being opened.
    const [{ 200: opened = 0, 400: refused = 0 }, sessions] = [statuses(answers), await countOf('sessions')]
    expect([opened + refused, opened <= 1, sessions <= 1]).toEqual([size, true, true])
    expect((await events('user.signed_in')).length).toBe(sessions)
    expect(await rows('SELECT id FROM sessions WHERE revoked_at IS NULL')).toEqual([])
  })

  test('ends the session that its first use opened, when it is used again with the verifier', async () => {
    const { handed, verifier } = await dance(providers, 'acme', newAccount(), options)
    const { body } = await redeem(handed.get('code'), verifier, env)
    expect((await redeem(handed.get('code'), 'w'.repeat(43), env)).body.code).toBe('invalid_token')
    expect((await get('/users/me', body.access_token)).status).toBe(200)
    expect((await redeem(handed.get('code'), verifier, env)).body.code).toBe('invalid_token')
    expect((await get('/users/me', body.access_token)).status).toBe(401)
    expect((await events('session.reuse_detected')).length).toBe(1)
  })

  test('needs the verifier of the application that started, and a wrong one does not use it up', async () => {
    const { handed, verifier } = await dance(providers, 'acme', newAccount(), options)
    const other = (await begin('acme', options)).verifier
    for (const wrong of [other, verifier.toUpperCase(), `${verifier}a`])
      expect((await redeem(handed.get('code'), wrong, env)).body.code).toBe('invalid_token')
    expect((await redeem(handed.get('code'), 'short', env)).status).toBe(422)
    expect((await redeem(handed.get('code'), verifier, env)).status).toBe(200)
  })

  test('expires after 60 s', async () => {
    const { handed, verifier } = await dance(providers, 'acme', newAccount(), options)
    const later = await dance(providers, 'acme', newAccount(), options)
    const now = Date.now()
    vi.setSystemTime(now + 58_000)
    expect((await redeem(later.handed.get('code'), later.verifier, env)).status).toBe(200)
    vi.setSystemTime(now + 60_001)
    expect((await redeem(handed.get('code'), verifier, env)).body.code).toBe('invalid_token')
  })

  test('is kept until then, even if expired rows are deleted after a state that came back in its last second', async () => {
    const begun = await begin('acme', options)
    const parameters = providers.consent(begun.location, newAccount())
    const now = Date.now()
    vi.setSystemTime(now + 599_000)
    const back = await comeBack('acme', begun, parameters, options)
    vi.setSystemTime(now + 655_000)
    await deleteExpiredRows(await jobContext(), undefined, together)
    expect((await redeem(handedBack(back).get('code'), begun.verifier, env)).status).toBe(200)
  })

  test('is bound to its MAC and purpose, and cannot be made from the database alone', async () => {
    const { handed, verifier } = await dance(providers, 'acme', newAccount(), options)
    const code = handed.get('code') ?? ''
    const [flow] = await rows('SELECT * FROM oauth_flows')
    expect(code.startsWith(`lk_code_${flow?.id}.`)).toBe(true)
    expect(JSON.stringify(flow)).not.toContain(code.split('.')[1])
    for (const forged of [
      `lk_code_${flow?.id}.${'A'.repeat(43)}`,
      code.replace('lk_code_', 'lk_reset_'),
      String(flow?.id),
      'x',
    ])
      expect((await redeem(forged, verifier, env)).body.code).toBe('invalid_token')
  })

  test('is void once its identity was unlinked', async () => {
    const account = newAccount()
    await signInWith(providers, 'acme', account, options)
    const { handed, verifier } = await dance(providers, 'acme', account, options)
    await env.DB.prepare('DELETE FROM social_logins').run()
    expect((await redeem(handed.get('code'), verifier, env)).body.code).toBe('invalid_token')
  })
})
