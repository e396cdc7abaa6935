import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { call, get, newPerson, PASSWORD, post, signIn } from '../support/api.ts'
import { rootKeys } from '../support/root-keys.ts'

const published = async (using: Env) =>
  (await call('/.well-known/jwks.json', { env: using })).body.keys.map(({ kid }: { kid: string }) => kid)

const kidOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid

test('a revoked signing key is refused at once, no longer published, and replaced, and refresh still works (J2)', async () => {
  const person = await newPerson()
  const kid = kidOf(person.accessToken)
  const revoked = { ...env, REVOKED_SIGNING_KEYS: kid } as Env
  expect(await published(env)).toContain(kid)
  expect(await published(revoked)).not.toContain(kid)
  for (const path of ['/users/me', '/auth/session'])
    expect((await get(path, person.accessToken, { env: revoked })).status).toBe(401)
  const { status, body } = await post('/auth/refresh', { refresh_token: person.refreshToken }, { env: revoked })
  expect(status).toBe(200)
  expect(kidOf(body.access_token)).toBe(`${kid}.2`)
  expect((await get('/users/me', body.access_token, { env: revoked })).status).toBe(200)
})

test('a distrusted root key makes all its tokens invalid at once, and no stored data is lost (D4, J2)', async () => {
  const [person, deleted] = [await newPerson({ full_name: 'Ada' }), await newPerson()]
  await call('/api/v1/users/me', { method: 'DELETE', token: deleted.accessToken })
  const offer = await post('/auth/login', { email: deleted.email, password: PASSWORD })
  const after = { ...env, ROOT_KEYS: rootKeys(2, 1), DISTRUSTED_ROOT_KEYS: '1' } as Env
  expect((await get('/users/me', person.accessToken, { env: after })).status).toBe(401)
  const refused = [
    await post('/auth/refresh', { refresh_token: person.refreshToken }, { env: after }),
    await post('/auth/restore', { token: offer.body.restore_token }, { env: after }),
  ]
  expect(refused.map(({ body }) => body.code)).toEqual(['invalid_refresh_token', 'invalid_token'])
  expect((await published(after)).every((kid: string) => kid.startsWith('2.'))).toBe(true)
  const tokens = await signIn(person.email, PASSWORD, { env: after })
  expect((await get('/users/me', tokens.accessToken, { env: after })).body.profile.full_name).toBe('Ada')
})

test('a trusted old root key still verifies its tokens during a rotation (D4)', async () => {
  const person = await newPerson()
  const both = { ...env, ROOT_KEYS: rootKeys(2, 1) } as Env
  expect((await get('/users/me', person.accessToken, { env: both })).status).toBe(200)
  const { body } = await post('/auth/refresh', { refresh_token: person.refreshToken }, { env: both })
  expect(kidOf(body.access_token)).toMatch(/^2\./)
})
