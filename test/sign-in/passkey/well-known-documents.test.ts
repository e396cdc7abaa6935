import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { call, ORIGIN } from '../../support/api.ts'

const DOCUMENTS = ['webauthn', 'passkey-endpoints', 'assetlinks.json', 'apple-app-site-association']
const PAGE = `${ORIGIN}/account/security#passkeys`
const FINGERPRINTS = ['A1', 'B2'].map((byte) => Array.from({ length: 32 }, () => byte).join(':'))

const read = async (document: string, settings: Readonly<Record<string, string>> = {}) =>
  call(`/.well-known/${document}`, { env: { ...env, ...settings } as Env })

afterEach(() => {
  vi.restoreAllMocks()
})

describe('the documents about passkeys', () => {
  it('W13 name the origin and the pages of the service by default', async () => {
    expect((await read('webauthn')).body).toEqual({ origins: [ORIGIN] })
    expect((await read('passkey-endpoints')).body).toEqual({ enroll: PAGE, manage: PAGE })
    for (const document of ['assetlinks.json', 'apple-app-site-association'])
      expect(await read(document)).toMatchObject({ status: 404, body: { code: 'not_found' } })
  })

  it('W13 are JSON that may be cached for an hour, without a redirect', async () => {
    const apps = { ANDROID_APPS: `com.example.app=${FINGERPRINTS[0]}`, APPLE_APP_IDS: 'A1B2C3D4E5.com.example.app' }
    for (const document of DOCUMENTS) {
      const { status, headers } = await read(document, apps)
      expect([status, headers.get('content-type'), headers.get('cache-control')]).toEqual([
        200,
        'application/json; charset=utf-8',
        'public, max-age=3600',
      ])
    }
  })

  it('W13 list the web origins of the settings, and no Android application', async () => {
    const WEBAUTHN_ORIGINS = `https://app.example,${ORIGIN} android:apk-key-hash:${'A'.repeat(43)}`
    expect((await read('webauthn', { WEBAUTHN_ORIGINS })).body).toEqual({ origins: ['https://app.example', ORIGIN] })
    expect((await read('passkey-endpoints', { WEBAUTHN_ORIGINS })).body).toEqual({ enroll: PAGE, manage: PAGE })
  })

  it('W13 name no page if passkeys are not accepted there', async () => {
    const WEBAUTHN_ORIGINS = 'https://app.example'
    expect((await read('passkey-endpoints', { WEBAUTHN_ORIGINS })).body).toEqual({})
  })

  it('W13 list the applications with all their certificates', async () => {
    const ANDROID_APPS = `com.example.app=${FINGERPRINTS[0]}, org.example.other=${FINGERPRINTS[0]}\ncom.example.app=${FINGERPRINTS[1]}`
    const relation = ['delegate_permission/common.handle_all_urls', 'delegate_permission/common.get_login_creds']
    const target = (name: string, fingerprints: string[]) => ({
      relation,
      target: { namespace: 'android_app', package_name: name, sha256_cert_fingerprints: fingerprints },
    })
    expect((await read('assetlinks.json', { ANDROID_APPS })).body).toEqual([
      target('com.example.app', FINGERPRINTS),
      target('org.example.other', FINGERPRINTS.slice(0, 1)),
    ])
    const APPLE_APP_IDS = 'A1B2C3D4E5.com.example.app,A1B2C3D4E5.com.example.app,Z9Y8X7W6V5.org.example'
    expect((await read('apple-app-site-association', { APPLE_APP_IDS })).body).toEqual({
      webcredentials: { apps: ['A1B2C3D4E5.com.example.app', 'Z9Y8X7W6V5.org.example'] },
    })
  })

  it.each([
    ['an RP ID', { WEBAUTHN_RP_ID: 'other.example' }, 'WEBAUTHN_RP_ID'],
    ['an origin', { WEBAUTHN_ORIGINS: `${ORIGIN}/` }, 'WEBAUTHN_ORIGINS'],
    ['an issuer that is an IP address', { ISSUER: 'https://192.0.2.7' }, 'ISSUER'],
  ])('W13 are misconfigured with %s that is wrong, and nothing else is', async (_, settings, name) => {
    const logged = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    const wrong = { env: { ...env, ...settings } as Env }
    const origin = { headers: { host: '192.0.2.7' }, ...wrong }
    const at = (path: string) => call(name === 'ISSUER' ? `https://192.0.2.7${path}` : path, origin)
    expect(await at('/.well-known/passkey-endpoints')).toMatchObject({ status: 503, body: { code: 'misconfigured' } })
    expect((await at('/.well-known/webauthn')).status).toBe(200)
    expect((await at('/.well-known/jwks.json')).status).toBe(200)
    expect((await at('/readyz')).status).toBe(200)
    const registered = await call(
      name === 'ISSUER' ? 'https://192.0.2.7/api/v1/auth/register' : '/api/v1/auth/register',
      {
        ...wrong,
        body: { email: 'ada@example.com', password: 'correct horse battery staple' },
      },
    )
    expect(registered.status).toBe(201)
    expect(logged.mock.calls.map(([line]) => JSON.parse(String(line)))).toEqual([
      { level: 'warn', event: 'passkeys_unavailable', settings: [name] },
    ])
  })
})

describe('a setting with a malformed application', () => {
  it.each([
    ['ANDROID_APPS', 'com.example.app'],
    ['ANDROID_APPS', `app=${FINGERPRINTS[0]}`],
    ['ANDROID_APPS', `com.example.app=${FINGERPRINTS[0]?.toLowerCase()}`],
    ['ANDROID_APPS', `com.example.app=${FINGERPRINTS[0]?.slice(3)}`],
    ['APPLE_APP_IDS', 'com.example.app'],
    ['APPLE_APP_IDS', 'A1B2C3D4E5.'],
    ['APPLE_APP_IDS', 'A1B2C3D4E5.com.example.app"'],
  ])('is a wrong setting of the service: %s=%s', async (name, value) => {
    const logged = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    expect(await call('/readyz', { env: { ...env, [name]: value } as Env })).toMatchObject({
      status: 503,
      body: { code: 'misconfigured' },
    })
    expect(String(logged.mock.calls[0]?.[0])).toContain(name)
  })
})
