import { SignJWT } from 'jose'
import { describe, expect, test, vi } from 'vitest'
import { listenToConsole } from '../../support/console.ts'
import {
  ACME,
  APP,
  begin,
  comeBack,
  countPeople,
  dance,
  errorOf,
  json,
  newAccount,
  type ProviderName,
  providersForEachTest,
  signInWith,
  socialEnv,
} from '../../support/social.ts'
import { events } from '../../support/stores.ts'

const env = socialEnv()
const options = { env }
const providers = providersForEachTest()

describe('a provider’s refusal', () => {
  test.each([
    ['access_denied', 'access_denied', 'provider_denied'],
    ['server_error', 'provider_unavailable', 'provider_unavailable'],
    ['temporarily_unavailable', 'provider_unavailable', 'provider_unavailable'],
    ['invalid_scope', 'provider_rejected', 'provider_rejected'],
    ['<script>', 'provider_rejected', 'provider_rejected'],
  ])('%s returns to the application as %s', async (error, code, reason) => {
    const begun = await begin('acme', { env, query: { state: 'app-state' } })
    const state = new URL(begun.location).searchParams.get('state') ?? ''
    const parameters = new URLSearchParams({ error, state, error_description: 'canary' })
    const { text, lines } = listenToConsole()
    const back = await comeBack('acme', begun, parameters, options)
    expect(lines('request')).toMatchObject([{ status: 302, code }])
    for (const secret of [state, 'canary', 'app-state']) expect(text()).not.toContain(secret)
    expect(back.headers.get('location')).toBe(`${APP}?error=${code}&state=app-state`)
    expect(await events('user.sign_in_failed')).toMatchObject([
      { subject_id: null, detail: { reason }, pii_enc: expect.stringMatching(/^v2\./) },
    ])
    expect((await comeBack('acme', begun, parameters, options)).body.code).toBe('invalid_state')
  })

  const SAID: [ProviderName, number, string, string][] = [
    ['acme', 401, 'invalid_client', 'invalid_client'],
    ['acme', 400, 'canary@example.com', 'OAUTH_RESPONSE_BODY_ERROR'],
    ['github', 200, 'incorrect_client_credentials', 'incorrect_client_credentials'],
    ['github', 200, 'canary@example.com', 'OAUTH_INVALID_RESPONSE'],
  ]
  test.each(SAID)('of %s (%i, %s) is logged as a code from a closed list', async (provider, status, error, reason) => {
    const { text, lines } = listenToConsole()
    const answer = { error, error_description: 'canary', id_token: 'canary' }
    providers.replace(provider === 'acme' ? '/token' : '/access_token', () => json(answer, status))
    const { handed } = await dance(providers, provider, newAccount(), options)
    expect(handed.get('error')).toBe('provider_rejected')
    expect(text()).not.toContain('canary')
    expect(lines('provider_failed')).toMatchObject([{ level: 'warn', provider, failure: 'rejected', reason }])
  })

  test('GitHub’s error with status 200 is a refusal', async () => {
    const begun = await begin('github', options)
    const state = new URL(begun.location).searchParams.get('state') ?? ''
    const back = await comeBack('github', begun, new URLSearchParams({ code: 'unknown', state }), options)
    expect(errorOf(back)).toBe('provider_rejected')
    expect(await countPeople()).toEqual([0, 0])
  })

  test.each([
    ['/user', () => json({ message: 'Bad credentials' }, 401)],
    ['/user', () => json({ login: 'ada' })],
    ['/user', () => json({ id: '1' })],
    ['/user', () => json({ id: 0 })],
    ['/user/emails?per_page=100', () => json({ message: 'Resource not accessible by integration' }, 403)],
    ['/user/emails?per_page=100', () => json({ email: 'x@example.com' })],
    ['/user/emails?per_page=100', () => json([{ email: 'x@example.com', primary: 'true', verified: true }])],
  ])('a wrong answer of GitHub’s %s is a refusal (%#)', async (endpoint, answer) => {
    providers.replace(endpoint, answer)
    const { handed } = await dance(providers, 'github', newAccount(), options)
    expect(handed.get('error')).toBe('provider_rejected')
    expect(await countPeople()).toEqual([0, 0])
  })

  test.each<[ProviderName, string]>([
    ['acme', '/token'],
    ['acme', '/userinfo'],
    ['acme', '/keys'],
    ['github', '/user'],
    ['github', '/user/emails?per_page=100'],
  ])('an answer that is not UTF-8 is one: %s, %s', async (provider, endpoint) => {
    // With keys that the isolate has kept, no request would be made.
    if (endpoint === '/keys') vi.setSystemTime(Date.now() + 2 * 3_600_000)
    const { lines } = listenToConsole()
    const account = { ...newAccount(), email_verified: undefined, name: 'Zo' }
    providers.replace(endpoint, () => {
      const bytes = Uint8Array.from(JSON.stringify({ ...account, id: 1, name: 'Zo\u00eb' }), (c) => c.charCodeAt(0))
      return new Response(bytes, { headers: { 'content-type': 'application/json' } })
    })
    const { handed } = await dance(providers, provider, account, options)
    expect(handed.get('error')).toBe('provider_rejected')
    expect(lines('provider_failed')).toMatchObject([{ reason: 'not_utf_8' }])
    expect(await countPeople()).toEqual([0, 0])
  })

  test('the client secret is sent to the token endpoint only, and no redirect is followed', async () => {
    providers.replace('/token', () => new Response(null, { status: 302, headers: { location: 'https://evil.test/' } }))
    const { handed } = await dance(providers, 'acme', newAccount(), options)
    expect(handed.get('error')).toBe('provider_rejected')
    expect(providers.asked.filter((url) => url.includes('evil'))).toEqual([])
  })
})

describe('S2 an ID token', () => {
  const now = () => Math.floor(Date.now() / 1000)
  const BENT: [string, Record<string, unknown>][] = [
    ['of another issuer', { iss: 'https://accounts.google.com' }],
    ['of an issuer with an extra slash', { iss: `${ACME}/` }],
    ['without an issuer', { iss: undefined }],
    ['for another audience', { aud: 'google-client' }],
    ['for others as well, without azp', { aud: ['acme-client', 'other'] }],
    ['for others as well, with another azp', { aud: ['acme-client', 'other'], azp: 'other' }],
    ['with another azp', { azp: 'other' }],
    ['with another nonce', { nonce: 'x'.repeat(43) }],
    ['without a nonce', { nonce: undefined }],
    ['without a subject', { sub: undefined }],
    ['with an empty subject', { sub: '' }],
    ['with a subject that is not a text', { sub: 7 }],
    ['with a subject of 256 characters', { sub: 'x'.repeat(256) }],
    // In UTF-8, all lone surrogates become the same character.
    ['with a subject that is not well-formed', { sub: 'x\ud800' }],
    ['that has expired', { exp: now() - 3600 }],
    ['without an end', { exp: undefined }],
  ]
  test('is refused if its claims are not for this sign-in', async () => {
    for (const [name, claims] of BENT) {
      providers.bend((good) => ({ ...good, ...claims }))
      const { handed } = await dance(providers, 'acme', newAccount(), options)
      expect([name, handed.get('error')]).toEqual([name, 'provider_rejected'])
    }
    expect(await countPeople()).toEqual([0, 0])
    providers.bend((good) => ({ ...good, aud: ['acme-client', 'other'], azp: 'acme-client' }))
    expect((await signInWith(providers, 'acme', newAccount(), options)).status).toBe(200)
  })

  test.each(['none', 'HS256', 'ES256', 'another key', 'no kid'])(
    'is refused if its signature is not the provider’s: %s',
    async (kind) => {
      const begun = await begin('acme', options)
      const parameters = providers.consent(begun.location, newAccount())
      const nonce = new URL(begun.location).searchParams.get('nonce')
      const claims = {
        iss: ACME,
        aud: 'acme-client',
        sub: '1',
        nonce,
        iat: now(),
        exp: now() + 300,
        email: 'a@example.com',
        email_verified: true,
      }
      const token = await forge(kind, claims)
      providers.replace('/token', () => json({ access_token: 'x', token_type: 'Bearer', id_token: token }))
      expect(errorOf(await comeBack('acme', begun, parameters, options))).toBe('provider_rejected')
      expect(await countPeople()).toEqual([0, 0])
    },
  )

  async function forge(kind: string, claims: object): Promise<string> {
    const part = (value: object) =>
      btoa(JSON.stringify(value)).replaceAll('=', '').replaceAll('+', '-').replaceAll('/', '_')
    if (kind === 'none') return `${part({ alg: 'none' })}.${part(claims)}.`
    const secret = new TextEncoder().encode('acme-secret-acme-secret-acme-secret')
    const sign = (header: { alg: string; kid?: string }, key: CryptoKey | Uint8Array) =>
      new SignJWT({ ...claims }).setProtectedHeader(header).sign(key)
    if (kind === 'HS256') return sign({ alg: 'HS256', kid: 'key-1' }, secret)
    const isEs = kind === 'ES256'
    const algorithm = isEs
      ? { name: 'ECDSA', namedCurve: 'P-256' }
      : { name: 'RSASSA-PKCS1-v1_5', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' }
    const pair = (await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as CryptoKeyPair
    return sign({ alg: isEs ? 'ES256' : 'RS256', ...(kind !== 'no kid' && { kid: 'key-1' }) }, pair.privateKey)
  }

  test('is accepted with a key that the provider has just begun to use', async () => {
    const using = { env: socialEnv() }
    expect((await signInWith(providers, 'acme', newAccount(), using)).status).toBe(200)
    await providers.rotateKeys()
    vi.setSystemTime(Date.now() + 61_000)
    expect((await signInWith(providers, 'acme', newAccount(), using)).status).toBe(200)
    const keySets = providers.asked.filter((url) => url.endsWith('/keys'))
    expect(keySets).toHaveLength(2)
  })

  test('metadata and keys are read once, not for each sign-in', async () => {
    const using = { env: socialEnv() }
    for (let i = 0; i < 3; i++) await signInWith(providers, 'acme', newAccount(), using)
    expect(providers.asked.filter((url) => /openid-configuration|keys/.test(url))).toHaveLength(2)
    vi.setSystemTime(Date.now() + 3_600_001)
    await signInWith(providers, 'acme', newAccount(), using)
    expect(providers.asked.filter((url) => /openid-configuration|keys/.test(url))).toHaveLength(4)
  })
})

describe('S6 a provider that does not answer well', () => {
  const hang = () => new Promise<Response>(() => undefined)
  const trickle = () => new Response(new ReadableStream({ pull: () => new Promise(() => undefined) }))
  const huge = () => {
    const chunk = new Uint8Array(64 * 1024).fill(32)
    return new Response(new ReadableStream({ pull: (controller) => controller.enqueue(chunk) }))
  }
  const BAD: [string, () => Response | Promise<Response>, string][] = [
    ['sends a fast body without end', huge, 'provider_unavailable'],
    ['sends 300 KiB of JSON', () => json({ padding: 'x'.repeat(300 * 1024) }), 'provider_unavailable'],
    ['breaks off', () => Promise.reject(new TypeError('network')), 'provider_unavailable'],
    ['answers 503', () => json({ error: 'x' }, 503), 'provider_unavailable'],
    ['answers 429', () => json({ error: 'x' }, 429), 'provider_unavailable'],
    ['sends broken JSON', () => new Response('{"access_token":'), 'provider_rejected'],
    ['sends HTML', () => new Response('<html>', { headers: { 'content-type': 'text/html' } }), 'provider_rejected'],
    ['sends a list', () => json([]), 'provider_rejected'],
    ['sends nothing', () => new Response(null, { status: 204 }), 'provider_rejected'],
  ]

  test.each(['/token', '/openid-configuration', '/keys', '/userinfo'])('at %s ends the sign-in', async (endpoint) => {
    if (endpoint === '/userinfo') providers.bend(({ email: _, ...claims }) => claims)
    for (const [name, stand, code] of BAD) {
      providers.replace(endpoint, stand)
      // A new isolate, which has kept neither metadata nor keys.
      const using = { env: socialEnv() }
      const begun = await begin('acme', using)
      // Without metadata there is no address to redirect to, so the browser returns to the application at
      // once.
      const isStart = endpoint === '/openid-configuration'
      const back = isStart
        ? begun.answer
        : await comeBack('acme', begun, providers.consent(begun.location, newAccount()), using)
      expect([name, errorOf(back)]).toEqual([name, code])
    }
    expect(await countPeople()).toEqual([0, 0])
  })

  // Run concurrently, because each takes the three seconds of the time limit.
  test('ends the sign-in within the time limit if it hangs or sends its body slowly without end', async () => {
    providers.replace('accounts.google.com/token', hang)
    providers.replace('id.acme.test/token', trickle)
    providers.replace('api.github.com/user', hang)
    const names = ['google', 'acme', 'github'] as const
    const dances = await Promise.all(names.map((name) => dance(providers, name, newAccount(), options)))
    expect(dances.map(({ handed }) => handed.get('error'))).toEqual(names.map(() => 'provider_unavailable'))
    expect(await countPeople()).toEqual([0, 0])
  })

  test('metadata of another issuer, or with an endpoint without TLS, is refused', async () => {
    const metadata = {
      issuer: ACME,
      authorization_endpoint: `${ACME}/authorize`,
      token_endpoint: `${ACME}/token`,
      jwks_uri: `${ACME}/keys`,
    }
    for (const spoiled of [
      { issuer: 'https://evil.test' },
      { issuer: undefined },
      { authorization_endpoint: 'http://id.acme.test/authorize' },
      { authorization_endpoint: undefined },
      { authorization_endpoint: 'javascript:alert(1)' },
      { authorization_endpoint: 'javascript://localhost/%0aalert(1)' },
    ]) {
      providers.replace('/openid-configuration', () => json({ ...metadata, ...spoiled }))
      const { answer } = await begin('acme', { env: socialEnv() })
      expect([spoiled, errorOf(answer)]).toEqual([spoiled, 'provider_rejected'])
      expect(answer.headers.has('set-cookie')).toBe(false)
    }
    for (const spoiled of [{ token_endpoint: 'http://id.acme.test/token' }, { jwks_uri: 'http://id.acme.test/keys' }]) {
      providers.replace('/openid-configuration', () => json({ ...metadata, ...spoiled }))
      const { handed } = await dance(providers, 'acme', newAccount(), { env: socialEnv() })
      expect(handed.get('error')).toBe('provider_rejected')
    }
  })

  test.each([
    ['token_endpoint', 'https://127.0.0.1/token'],
    ['token_endpoint', 'https://169.254.169.254/token'],
    ['token_endpoint', 'https://metadata.google.internal/token'],
    ['jwks_uri', 'https://localhost/keys'],
    ['jwks_uri', 'https://[::ffff:10.0.0.1]/keys'],
    ['userinfo_endpoint', 'https://192.168.1.1/userinfo'],
    ['userinfo_endpoint', 'https://id.acme.test@localhost./userinfo'],
  ])('metadata whose %s is %s sends no request there, and the log says why (H8)', async (endpoint, url) => {
    const metadata = {
      issuer: ACME,
      authorization_endpoint: `${ACME}/authorize`,
      token_endpoint: `${ACME}/token`,
      userinfo_endpoint: `${ACME}/userinfo`,
      jwks_uri: `${ACME}/keys`,
      [endpoint]: url,
    }
    providers.replace('/openid-configuration', () => json(metadata))
    if (endpoint === 'userinfo_endpoint') providers.bend(({ email: _, ...claims }) => claims)
    const { lines, text } = listenToConsole()
    const { handed } = await dance(providers, 'acme', newAccount(), { env: socialEnv() })
    expect(handed.get('error')).toBe('provider_rejected')
    expect(lines('provider_failed')).toMatchObject([{ failure: 'rejected', reason: 'address_forbidden' }])
    expect(text()).not.toContain(new URL(url).hostname)
    expect(providers.asked.every((asked) => asked.startsWith(`${ACME}/`))).toBe(true)
    expect(await countPeople()).toEqual([0, 0])
  })

  test.each(['/openid-configuration', '/token', '/keys', '/userinfo'])(
    'a redirect from %s is not followed (H8)',
    async (end) => {
      providers.bend(({ email: _, ...claims }) => claims)
      for (const status of [301, 302, 303, 307, 308]) {
        providers.replace(end, () => new Response(null, { status, headers: { location: 'https://elsewhere.test/' } }))
        const using = { env: socialEnv() }
        const begun = await begin('acme', using)
        const back = end.startsWith('/openid')
          ? begun.answer
          : await comeBack('acme', begun, providers.consent(begun.location, newAccount()), using)
        expect([status, errorOf(back)]).toEqual([status, 'provider_rejected'])
      }
      expect(providers.asked.filter((asked) => !asked.startsWith(`${ACME}/`))).toEqual([])
    },
  )
})
