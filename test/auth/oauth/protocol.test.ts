import { SignJWT } from 'jose'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Answer, burst, call, statuses } from '../../support/api.ts'
import { listenToConsole } from '../../support/console.ts'
import {
  ACME,
  APP,
  begin,
  comeBack,
  dance,
  handedBack,
  newAccount,
  openProviders,
  type ProviderName,
  type Providers,
  redeem,
  signInWith,
  socialEnv,
  socialSettings,
} from '../../support/social.ts'
import { countOf, events, rows } from '../../support/stores.ts'

const env = socialEnv()
const options = { env }
let providers: Providers

beforeEach(async () => {
  providers = await openProviders()
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const errorOf = (answer: Answer) => handedBack(answer).get('error')
const nobody = async () => [await countOf('users'), await countOf('social_logins')]
const json = (body: unknown, status = 200) =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } })

describe('S1 the state', () => {
  test('is used up by a burst of 100 once, and the provider asked once', async () => {
    const begun = await begin('acme', options)
    const parameters = providers.consent(begun.location, newAccount())
    const answers = await burst(100, () => comeBack('acme', begun, parameters, options))
    expect(statuses(answers)).toEqual({ 302: 1, 400: 99 })
    expect(answers.filter(({ body }) => body.code === 'invalid_state')).toHaveLength(99)
    expect(providers.asked.filter((url) => url.endsWith('/token'))).toHaveLength(1)
    expect([await countOf('users'), await countOf('oauth_flows')]).toEqual([1, 1])
  })

  test.each<[string, (good: URLSearchParams) => URLSearchParams]>([
    ['is missing', (good) => new URLSearchParams({ code: good.get('code') ?? '' })],
    ['is another', (good) => new URLSearchParams({ code: good.get('code') ?? '', state: 'x'.repeat(43) })],
    ['is empty', (good) => new URLSearchParams({ code: good.get('code') ?? '', state: '' })],
    ['is there twice', (good) => new URLSearchParams([...good, ['state', good.get('state') ?? '']])],
  ])('that %s leads nowhere, and the right one still works', async (_, spoil) => {
    const begun = await begin('acme', options)
    const good = providers.consent(begun.location, newAccount())
    const refused = await comeBack('acme', begun, spoil(good), options)
    expect([refused.status, refused.body.code, refused.headers.get('location')]).toEqual([400, 'invalid_state', null])
    expect(refused.headers.has('set-cookie')).toBe(false)
    expect(await countOf('oauth_flows')).toBe(0)
    expect((await comeBack('acme', begun, good, options)).status).toBe(302)
  })

  test('belongs to the browser: without its cookie, with another’s, or with an altered one it is nothing', async () => {
    const [mine, other] = [await begin('acme', options), await begin('acme', options)]
    const parameters = providers.consent(mine.location, newAccount())
    const altered = `${mine.cookie.slice(0, -2)}AA`
    for (const cookie of ['', 'lk_oauth=x', '__Host-lk_oauth=', '__Host-lk_oauth=v1.x.y', other.cookie, altered]) {
      const refused = await comeBack('acme', { cookie }, parameters, options)
      expect([cookie, refused.body.code]).toEqual([cookie, 'invalid_state'])
    }
    expect(providers.asked.filter((url) => url.endsWith('/token'))).toEqual([])
  })

  test('ends after ten minutes', async () => {
    const begun = await begin('acme', options)
    const parameters = providers.consent(begun.location, newAccount())
    vi.setSystemTime(Date.now() + 600_001)
    expect((await comeBack('acme', begun, parameters, options)).body.code).toBe('invalid_state')
  })

  test('belongs to the provider: an answer at another’s callback fails (mix-up)', async () => {
    for (const [from, to] of [
      ['google', 'github'],
      ['github', 'acme'],
      ['acme', 'google'],
    ] as const) {
      const begun = await begin(from, options)
      const mixed = await comeBack(to, begun, providers.consent(begun.location, newAccount()), options)
      expect(mixed.body.code).toBe('invalid_state')
    }
    expect(await nobody()).toEqual([0, 0])
  })

  test.each(['acme', 'github'] as const)(
    'with another issuer’s name beside it fails at %s, with none it does not (RFC 9207)',
    async (provider) => {
      const come = async (iss: string | undefined) => {
        const begun = await begin(provider, options)
        const parameters = providers.consent(begun.location, newAccount())
        parameters.delete('iss')
        if (iss !== undefined) parameters.set('iss', iss)
        return errorOf(await comeBack(provider, begun, parameters, options))
      }
      expect(await come('https://accounts.google.com')).toBe('provider_rejected')
      expect(await nobody()).toEqual([0, 0])
      expect(await come(undefined)).toBeNull()
    },
  )

  test('of a root key that is rotated out meanwhile is nothing, and of one that is still there works', async () => {
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
    // Linked under the old key, found under both.
    expect((await rows('SELECT provider_id_index FROM social_logins'))[0]?.provider_id_index).toMatch(/^2\./)
  })

  test('an identity linked under an old key is found beside a new one, and not linked twice', async () => {
    const OLD = '1:cQn1Zr5mPq7sVt0uWx2yZa4bCd6eFg8hIj0kLm2nOp4'
    const NEW = '2:u3Jx0PpQnC1d8Jb5mGm4hJ2Vb7Zk9wTt6LqYfRaXsEo'
    const account = newAccount()
    const first = await signInWith(providers, 'acme', account, { env: socialEnv({ ROOT_KEYS: OLD }) })
    const second = await signInWith(providers, 'acme', account, { env: socialEnv({ ROOT_KEYS: `${NEW},${OLD}` }) })
    expect(second.body.user.id).toBe(first.body.user.id)
    expect(await nobody()).toEqual([1, 1])
  })
})

describe('the code', () => {
  test('is exchanged by a burst of 100 once', async () => {
    const { handed, verifier } = await dance(providers, 'acme', newAccount(), options)
    const answers = await burst(100, () => redeem(handed.get('code'), verifier, env))
    expect(statuses(answers)).toEqual({ 200: 1, 400: 99 })
    expect(answers.filter(({ body }) => body.code === 'invalid_token')).toHaveLength(99)
    expect([await countOf('sessions'), (await events('user.signed_in')).length]).toEqual([1, 1])
  })

  test('needs the verifier of whoever began, and a wrong one does not use it up', async () => {
    const { handed, verifier } = await dance(providers, 'acme', newAccount(), options)
    const other = (await begin('acme', options)).verifier
    for (const wrong of [other, verifier.toUpperCase(), `${verifier}a`])
      expect((await redeem(handed.get('code'), wrong, env)).body.code).toBe('invalid_token')
    expect((await redeem(handed.get('code'), 'short', env)).status).toBe(422)
    expect((await redeem(handed.get('code'), verifier, env)).status).toBe(200)
  })

  test('ends after 60 s', async () => {
    const { handed, verifier } = await dance(providers, 'acme', newAccount(), options)
    const later = await dance(providers, 'acme', newAccount(), options)
    const now = Date.now()
    vi.setSystemTime(now + 58_000)
    expect((await redeem(later.handed.get('code'), later.verifier, env)).status).toBe(200)
    vi.setSystemTime(now + 60_001)
    expect((await redeem(handed.get('code'), verifier, env)).body.code).toBe('invalid_token')
  })

  test('is bound to its own MAC and purpose, and the database alone makes none', async () => {
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

  test('dies with the link that it stands for', async () => {
    const account = newAccount()
    await signInWith(providers, 'acme', account, options)
    const { handed, verifier } = await dance(providers, 'acme', account, options)
    await env.DB.prepare('DELETE FROM social_logins').run()
    expect((await redeem(handed.get('code'), verifier, env)).body.code).toBe('invalid_token')
  })
})

describe('a provider’s refusal', () => {
  test.each([
    ['access_denied', 'access_denied', 'provider_denied'],
    ['server_error', 'provider_unavailable', 'provider_unavailable'],
    ['temporarily_unavailable', 'provider_unavailable', 'provider_unavailable'],
    ['invalid_scope', 'provider_rejected', 'provider_rejected'],
    ['<script>', 'provider_rejected', 'provider_rejected'],
  ])('%s leads back to the application as %s', async (error, code, reason) => {
    const begun = await begin('acme', { env, query: { state: 'app-state' } })
    const state = new URL(begun.location).searchParams.get('state') ?? ''
    const parameters = new URLSearchParams({ error, state, error_description: 'canary' })
    const back = await comeBack('acme', begun, parameters, options)
    expect(back.headers.get('location')).toBe(`${APP}?error=${code}&state=app-state`)
    expect(await events('user.sign_in_failed')).toMatchObject([
      { subject_id: null, detail: { reason }, pii_enc: expect.stringMatching(/^v1\./) },
    ])
    expect((await comeBack('acme', begun, parameters, options)).body.code).toBe('invalid_state')
  })

  const SAID: [ProviderName, number, string, string][] = [
    ['acme', 401, 'invalid_client', 'invalid_client'],
    ['acme', 400, 'canary@example.com', 'OAUTH_RESPONSE_BODY_ERROR'],
    ['github', 200, 'incorrect_client_credentials', 'incorrect_client_credentials'],
    ['github', 200, 'canary@example.com', 'OAUTH_INVALID_RESPONSE'],
  ]
  test.each(SAID)(
    'of %s (%i, %s) is said in the log as a word from a list',
    async (provider, status, error, reason) => {
      const { text } = listenToConsole()
      const answer = { error, error_description: 'canary', id_token: 'canary' }
      providers.replace(provider === 'acme' ? '/token' : '/access_token', () => json(answer, status))
      const { handed } = await dance(providers, provider, newAccount(), options)
      expect(handed.get('error')).toBe('provider_rejected')
      expect(JSON.parse(text())).toEqual({
        ...{ level: 'warn', event: 'provider_failed' },
        ...{ provider, failure: 'rejected', reason },
      })
    },
  )

  test('GitHub’s error in an answer with status 200 is one', async () => {
    const begun = await begin('github', options)
    const state = new URL(begun.location).searchParams.get('state') ?? ''
    const back = await comeBack('github', begun, new URLSearchParams({ code: 'unknown', state }), options)
    expect(errorOf(back)).toBe('provider_rejected')
    expect(await nobody()).toEqual([0, 0])
  })

  test.each([
    ['/user', () => json({ message: 'Bad credentials' }, 401)],
    ['/user', () => json({ login: 'ada' })],
    ['/user', () => json({ id: '1' })],
    ['/user', () => json({ id: 0 })],
    ['/user/emails?per_page=100', () => json({ message: 'Resource not accessible by integration' }, 403)],
    ['/user/emails?per_page=100', () => json({ email: 'x@example.com' })],
    ['/user/emails?per_page=100', () => json([{ email: 'x@example.com', primary: 'true', verified: true }])],
  ])('a wrong answer of GitHub’s %s is one (%#)', async (endpoint, answer) => {
    providers.replace(endpoint, answer)
    const { handed } = await dance(providers, 'github', newAccount(), options)
    expect(handed.get('error')).toBe('provider_rejected')
    expect(await nobody()).toEqual([0, 0])
  })

  test('the client’s secret goes to the token endpoint alone, and no answer is followed elsewhere', async () => {
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
    ['of an issuer with a slash more', { iss: `${ACME}/` }],
    ['without an issuer', { iss: undefined }],
    ['for another audience', { aud: 'google-client' }],
    ['for others as well, without azp', { aud: ['acme-client', 'other'] }],
    ['for others as well, with another azp', { aud: ['acme-client', 'other'], azp: 'other' }],
    ['with another azp', { azp: 'other' }],
    ['with another nonce', { nonce: 'x'.repeat(43) }],
    ['without a nonce', { nonce: undefined }],
    ['without a subject', { sub: undefined }],
    ['with an empty subject', { sub: '' }],
    ['with a subject that is no text', { sub: 7 }],
    ['with a subject of 256 characters', { sub: 'x'.repeat(256) }],
    // Encoded as UTF-8 all lone surrogates are one and the same character.
    ['with a subject that is no Unicode', { sub: 'x\ud800' }],
    ['that has expired', { exp: now() - 3600 }],
    ['without an end', { exp: undefined }],
  ]
  test('whose claims are not for this sign-in is refused', async () => {
    for (const [name, claims] of BENT) {
      providers.bend((good) => ({ ...good, ...claims }))
      const { handed } = await dance(providers, 'acme', newAccount(), options)
      expect([name, handed.get('error')]).toEqual([name, 'provider_rejected'])
    }
    expect(await nobody()).toEqual([0, 0])
    providers.bend((good) => ({ ...good, aud: ['acme-client', 'other'], azp: 'acme-client' }))
    expect((await signInWith(providers, 'acme', newAccount(), options)).status).toBe(200)
  })

  test.each(['none', 'HS256', 'ES256', 'another key', 'no kid'])(
    'whose signature is not the provider’s is refused: %s',
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
      expect(await nobody()).toEqual([0, 0])
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

  test('of a key that the provider has just begun to use is accepted', async () => {
    const using = { env: socialEnv() }
    expect((await signInWith(providers, 'acme', newAccount(), using)).status).toBe(200)
    await providers.rotateKeys()
    vi.setSystemTime(Date.now() + 61_000)
    expect((await signInWith(providers, 'acme', newAccount(), using)).status).toBe(200)
    const keySets = providers.asked.filter((url) => url.endsWith('/keys'))
    expect(keySets).toHaveLength(2)
  })

  test('metadata and keys are asked for once, not for each sign-in', async () => {
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
    ['hangs', hang, 'provider_unavailable'],
    ['sends its body for ever slowly', trickle, 'provider_unavailable'],
    ['sends its body for ever fast', huge, 'provider_unavailable'],
    ['sends 300 KiB of JSON', () => json({ padding: 'x'.repeat(300 * 1024) }), 'provider_unavailable'],
    ['breaks off', () => Promise.reject(new TypeError('network')), 'provider_unavailable'],
    ['is in trouble', () => json({ error: 'x' }, 503), 'provider_unavailable'],
    ['has had enough', () => json({ error: 'x' }, 429), 'provider_unavailable'],
    ['sends broken JSON', () => new Response('{"access_token":'), 'provider_rejected'],
    ['sends HTML', () => new Response('<html>', { headers: { 'content-type': 'text/html' } }), 'provider_rejected'],
    ['sends a list', () => json([]), 'provider_rejected'],
    ['sends nothing', () => new Response(null, { status: 204 }), 'provider_rejected'],
  ]

  test.each(['/token', '/openid-configuration', '/keys', '/userinfo'])(
    'at %s ends the sign-in within its time',
    async (endpoint) => {
      // All at once: those that hang take three seconds each.
      vi.restoreAllMocks()
      for (const [name, stand, code] of await Promise.all(BAD.map(async (bad) => bad))) {
        if (name === 'sends its body for ever slowly' && endpoint !== '/token') continue
        if (name === 'hangs' && endpoint !== '/userinfo') continue
        const standing = await openProviders()
        if (endpoint === '/userinfo') standing.bend(({ email: _, ...claims }) => claims)
        standing.replace(endpoint, stand)
        const begun = await begin('acme', { env: socialEnv() })
        // Without metadata there is nowhere to go: the browser is sent straight back.
        const isStart = endpoint === '/openid-configuration'
        const back = isStart
          ? begun.answer
          : await comeBack('acme', begun, standing.consent(begun.location, newAccount()), { env: socialEnv() })
        expect([name, errorOf(back)]).toEqual([name, code])
        vi.restoreAllMocks()
      }
      expect(await nobody()).toEqual([0, 0])
    },
  )

  test('metadata of another issuer, or with an endpoint in the clear, is refused', async () => {
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
})

describe('S4 the redirect address', () => {
  test('is compared as a whole: 200 payloads are refused, and none is redirected to', async () => {
    const payloads = redirectPayloads()
    expect(payloads.length).toBeGreaterThanOrEqual(200)
    const accepted: string[] = []
    for (const payload of payloads) {
      const { answer } = await begin('acme', { env, query: { redirect_uri: payload } })
      if (answer.status !== 422 || answer.headers.has('location')) accepted.push(payload)
    }
    expect(accepted).toEqual([])
    const { answer } = await begin('acme', { env, query: { redirect_uri: 'https://evil.test/' } })
    expect(answer.body.errors).toEqual([{ pointer: '/redirect_uri', detail: 'is not on the list' }])
  })

  test('is needed once, with a challenge, and nothing else beside it', async () => {
    const good = new URLSearchParams({ redirect_uri: APP, code_challenge: 'x'.repeat(43) })
    const start = (query: URLSearchParams) => call(`/api/v1/auth/oauth/acme/start?${query}`, { env })
    expect((await start(good)).status).toBe(302)
    for (const spoil of [
      (query: URLSearchParams) => query.delete('redirect_uri'),
      (query: URLSearchParams) => query.append('redirect_uri', 'https://evil.test/'),
      (query: URLSearchParams) => query.delete('code_challenge'),
      (query: URLSearchParams) => query.set('code_challenge', 'short'),
      (query: URLSearchParams) => query.set('code_challenge_method', 'plain'),
      (query: URLSearchParams) => query.set('state', 'x'.repeat(513)),
      (query: URLSearchParams) => query.set('state', 'line\nfeed'),
      (query: URLSearchParams) => query.set('scope', 'admin'),
    ]) {
      const query = new URLSearchParams(good)
      spoil(query)
      expect([String(query), (await start(query)).status]).toEqual([String(query), 422])
    }
  })

  test('an unknown provider is not found, at start and callback', async () => {
    for (const name of ['nobody', 'constructor', '__proto__', 'ACME', 'acme%2f..'])
      for (const step of ['start', 'callback']) {
        const query = new URLSearchParams({ redirect_uri: APP, code_challenge: 'x'.repeat(43) })
        expect((await call(`/api/v1/auth/oauth/${name}/${step}?${query}`, { env })).body.code).toBe('not_found')
      }
  })
})

/** What open redirects have been made of, around addresses that are on the list. */
function redirectPayloads(): string[] {
  const evil = ['evil.test', 'evil.test:443', '127.0.0.1.evil.test', '[::1].evil.test']
  const hosts = evil.flatMap((host) => [
    ...[`https://${host}/callback`, `https://${host}`, `//${host}/callback`, `/\\${host}`, `https:${host}`],
    ...[`https:/${host}`, `https:///${host}`, `https:\\\\${host}`, `\thttps://${host}/`, `https://${host}/?${APP}`],
    ...[`https://${host}#${APP}`, `https://app.example@${host}/callback`, `https://app.example:443@${host}/callback`],
    ...[`https://app.example%40${host}/callback`, `https://app.example%2f@${host}/callback`],
    ...[
      `https://app.example\\@${host}/callback`,
      `https://app.example/callback@${host}`,
      `https://${host}\\.app.example/callback`,
    ],
    ...[`https://${host}%00.app.example/callback`, `https://${host}%23.app.example/callback`],
    ...[`https://${host};https://app.example/callback`, `https://${host},${APP}`, `${APP},https://${host}`],
    ...[`${APP} https://${host}`, `${APP}\nhttps://${host}`, `http://127.0.0.1@${host}/native`],
    ...[
      `http://127.0.0.1:80@${host}/native`,
      `http://127.0.0.1:1.${host}/native`,
      `com.example.app://${host}/signed-in`,
    ],
    ...[`com.example.app:@${host}`, `javascript:location='https://${host}'`, `data:text/html,<a href=https://${host}>`],
  ])
  const near = [APP, 'https://app.example/?page=in', 'http://127.0.0.1/native', 'com.example.app:/signed-in'].flatMap(
    (good) => [
      ...[`${good}/`, `${good}?`, `${good}#`, `${good}#x`, `${good}.evil`, `${good}%2e`, ` ${good}`, `${good} `],
      ...[
        `${good}%00`,
        `${good}/..`,
        `${good}/../evil`,
        `${good};x`,
        `${good}?next=https://evil.test`,
        good.toUpperCase(),
      ],
      ...[good.replace(':', '://evil.test/'), good.slice(0, -1), `${good}\u0000`, `${good}\u202e`, `x${good}`],
    ],
  )
  const spelt = [
    ...['http://app.example/callback', 'https://APP.example/callback', 'HTTPS://app.example/callback'],
    ...['https://app.example:443/callback', 'https://app.example:8443/callback', 'https://app.example./callback'],
    ...['https://app.example//callback', 'https://app.example/./callback', 'https://app.example/x/../callback'],
    ...['https://app.example/Callback', 'https://app.example/call%62ack', 'https://sub.app.example/callback'],
    ...['https://app.example.evil.test/callback', 'https://app-example/callback', 'https://аpp.example/callback'],
    ...['http://localhost/native', 'http://localhost:8000/native', 'https://127.0.0.1/native', 'http://[::1]/native'],
    ...[
      'http://127.0.0.1:0/native',
      'http://127.0.0.1:65536/native',
      'http://127.0.0.1:080/native',
      'http://127.0.0.1:/native',
    ],
    ...[
      'http://127.0.0.1:8000/other',
      'http://127.0.0.1:8000/native/',
      'http://127.0.0.1:8000/native?x',
      'http://127.0.0.1:8000',
    ],
    ...[
      'http://127.1:8000/native',
      'http://2130706433:8000/native',
      'http://0x7f.0.0.1/native',
      'http://127.0.0.2:8000/native',
    ],
    ...[
      'http://user@127.0.0.1:8000/native',
      'com.example.app:signed-in',
      'com.example.app:///signed-in',
      'urn:ietf:wg:oauth:2.0:oob',
    ],
    ...['', 'null', 'undefined', '*', 'about:blank', 'file:///etc/passwd', 'https://', 'https://*', 'x'.repeat(513)],
  ]
  const all = new Set([...hosts, ...near, ...spelt])
  for (const good of socialSettings.OAUTH_REDIRECT_URIS.split(' ')) all.delete(good)
  return [...all]
}
