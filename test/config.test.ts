import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest'
import { routes } from '../src/app/all-routes.ts'
import { ConfigError, parseConfig } from '../src/runtime/config.ts'
import { call } from './support/api.ts'
import { secretOf } from './support/keys.ts'

const KEY = 'cQn1Zr5mPq7sVt0uWx2yZa4bCd6eFg8hIj0kLm2nOp4'
const OTHER_KEY = 'u3Jx0PpQnC1d8Jb5mGm4hJ2Vb7Zk9wTt6LqYfRaXsEo'
const VALID = { ROOT_KEYS: `1:${KEY}`, ISSUER: 'https://id.example.com', AUDIENCE: 'latchkey' }

const encode = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url')
const filled = (byteAt: (i: number) => number) => encode(Uint8Array.from({ length: 32 }, (_, i) => byteAt(i)))
const repeated = (word: string) => word.repeat(43).slice(0, 42).concat('A')

/** The settings that the error names; undefined if all settings were accepted. */
function refusedSettings(settings: object): readonly string[] | undefined {
  try {
    parseConfig(settings)
    return undefined
  } catch (error) {
    if (error instanceof ConfigError) return error.settings
    throw error
  }
}

describe('the root keys', () => {
  it('are read in the given order, newest first', () => {
    const { rootKeys } = parseConfig({ ...VALID, ROOT_KEYS: `2:${OTHER_KEY}, 1:${KEY}` })
    expect(rootKeys.map(({ version }) => version)).toEqual([2, 1])
    expect(rootKeys.map(({ secret }) => encode(secret))).toEqual([OTHER_KEY, KEY])
  })

  it('are accepted when they are random', () => {
    for (let round = 0; round < 2000; round++) {
      const key = encode(crypto.getRandomValues(new Uint8Array(32)))
      expect(refusedSettings({ ...VALID, ROOT_KEYS: `1:${key}` })).toBeUndefined()
    }
  })

  it.each([
    ['missing', undefined],
    ['empty', ''],
    ['no text', 1],
    ['without a version', KEY],
    ['of version 0', `0:${KEY}`],
    ['of a version with a leading zero', `01:${KEY}`],
    ['of a negative version', `-1:${KEY}`],
    ['one character short', `1:${KEY.slice(1)}`],
    ['16 bytes long', `1:${encode(secretOf(1).slice(16))}`],
    ['33 bytes long', `1:${KEY}A`],
    ['padded', `1:${KEY}=`],
    ['in base64', `1:${KEY.replace('c', '+')}`],
    ['in hexadecimal', `1:${'0123456789abcdef'.repeat(4)}`],
    ['in a spelling with spare bits', `1:${KEY.slice(0, -1)}5`],
    ['followed by a comma', `1:${KEY},`],
    ['the same secret under two versions', `2:${KEY},1:${KEY}`],
    ['the same version twice', `1:${KEY},1:${OTHER_KEY}`],
    ['nine', Array.from({ length: 9 }, (_, i) => `${i + 1}:${filled((j) => (i * 31 + j * j * 7) & 255)}`).join()],
    ['valid, followed by an invalid one', `2:${KEY},1:${filled(() => 0)}`],
  ])('are refused when %s (H4)', (_, rootKeys) => {
    expect(refusedSettings({ ...VALID, ROOT_KEYS: rootKeys })).toEqual(['ROOT_KEYS'])
  })

  it.each([
    ['zeros', filled(() => 0)],
    ['ones', filled(() => 255)],
    ['one letter', repeated('a')],
    ['counting bytes', filled((i) => i)],
    ['counting bytes from 200, backwards', filled((i) => 200 - i)],
    ['bytes that count by seven', filled((i) => (i * 7) & 255)],
    ['a repeated pair', filled((i) => i % 2)],
    ['eight bytes four times', filled((i) => (i % 8) * 37)],
    ['16 bytes twice', filled((i) => secretOf(1)[i % 16] ?? 0)],
    ['the word "secret"', repeated('secret')],
    ['the word "changeme"', repeated('changeme')],
    ['the word "change-me"', repeated('change-me')],
    ['the word "placeholder"', repeated('placeholder')],
    ['the word "replace_me"', repeated('replace_me')],
    ['the digits', repeated('0123456789')],
    ['the alphabet', repeated('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz')],
    ['a sentence', encode(new TextEncoder().encode('this is a very secret root key!!'))],
    ['hexadecimal digits as bytes', encode(new TextEncoder().encode('9f86d081884c7d659a2feaa0c55ad015'))],
  ])('are refused as placeholders: %s (H4)', (_, key) => {
    expect(key).toHaveLength(43)
    expect(refusedSettings({ ...VALID, ROOT_KEYS: `1:${key}` })).toEqual(['ROOT_KEYS'])
  })
})

describe('the settings', () => {
  it('have defaults', () => {
    expect(parseConfig(VALID).settings).toMatchObject({ PASSWORD_MIN_LENGTH: 8, SIGN_IN_MAX_FAILURES: 10 })
  })

  it.each([
    ['ISSUER', undefined],
    ['ISSUER', 'canary'],
    ['ISSUER', 'http://canary.example.com'],
    ['ISSUER', 'https://canary.example.com/'],
    ['ISSUER', 'https://canary.example.com/path'],
    ['ISSUER', 'https://user:canary@example.com'],
    ['ISSUER', 'http://localhost.canary.com'],
    ['AUDIENCE', undefined],
    ['AUDIENCE', ''],
    ['AUDIENCE', 'canary'.repeat(34)],
    ['PASSWORD_MIN_LENGTH', '7'],
    ['PASSWORD_MIN_LENGTH', '65'],
    ['PASSWORD_MIN_LENGTH', 'canary'],
    ['PASSWORD_MIN_LENGTH', ''],
    ['PASSWORD_MIN_LENGTH', '8.5'],
    ['ARGON2_MEMORY_KIB', '19455'],
    ['ARGON2_MEMORY_KIB', '65537'],
    ['ARGON2_ITERATIONS', '1'],
    ['ARGON2_ITERATIONS', '11'],
    ['SESSION_DAYS', '0'],
    ['SESSION_IDLE_DAYS', '366'],
    ['ACCESS_TOKEN_MINUTES', '61'],
    ['SIGN_IN_MAX_FAILURES', '101'],
    ['SIGN_IN_MAX_FAILURES', 'Infinity'],
    ['SIGN_IN_WINDOW_MINUTES', '-1'],
    ['REQUIRE_VERIFIED_EMAIL', 'canary'],
    ['REQUIRE_VERIFIED_EMAIL', 'TRUE'],
    ['TWO_STEP_REQUIRED', 'canary'],
    ['TWO_STEP_ROLES', 'admin,Canary'],
    ['TWO_STEP_ROLES', 'admin,admin'],
    ['TWO_STEP_ROLES', 'support'],
    ['TWO_STEP_ROLES', ''],
    ['TWO_STEP_GRACE_DAYS', '-1'],
    ['TWO_STEP_GRACE_DAYS', '366'],
    ['KEYS_PER_RUN', '9'],
    ['KEYS_PER_RUN', '1501'],
    ['REVOKED_SIGNING_KEYS', 'canary'],
    ['REVOKED_SIGNING_KEYS', '1.2026-11,1'],
    ['DISTRUSTED_ROOT_KEYS', 'canary'],
    ['DISTRUSTED_ROOT_KEYS', '01'],
    ['DISTRUSTED_ROOT_KEYS', '7@'],
    ['DISTRUSTED_ROOT_KEYS', '7@-1'],
    ['DISTRUSTED_ROOT_KEYS', '7@01'],
    ['DISTRUSTED_ROOT_KEYS', '7@1e3'],
    ['DISTRUSTED_ROOT_KEYS', '@5'],
    ['DISTRUSTED_ROOT_KEYS', '7,7@5'],
    ['DISTRUSTED_ROOT_KEYS', '1@5'],
    ['DISTRUSTED_ROOT_KEYS', '1'],
  ])('name %s when it is %j, and no value (H4)', (name, value) => {
    expect(refusedSettings({ ...VALID, [name]: value })).toEqual([name])
    expect(() => parseConfig({ ...VALID, [name]: value })).toThrow(new ConfigError([name]))
  })

  const GITHUB = { kind: 'github', client_id: 'canary' }
  const withProviders = (providers: unknown, secrets: object = {}) => ({
    ...VALID,
    OAUTH_PROVIDERS: typeof providers === 'string' ? providers : JSON.stringify(providers),
    ...secrets,
  })

  it.each([
    ['broken JSON', '{"canary"'],
    ['a list', []],
    ['an unknown kind', { canary: { kind: 'saml', client_id: 'x' } }],
    ['no client id', { canary: { kind: 'google' } }],
    ['an unknown member', { canary: { ...GITHUB, client_secret: 'canary' } }],
    ['a name with a slash', { 'a/b': GITHUB }],
    ['a name in capitals', { GitHub: GITHUB }],
    ['a name with two hyphens in a row', { 'a--b': GITHUB }],
    ['an issuer without TLS', { a: { kind: 'oidc', client_id: 'x', issuer: 'http://canary.example.com' } }],
    ['an issuer with a query', { a: { kind: 'oidc', client_id: 'x', issuer: 'https://canary.example.com?x' } }],
    ['no issuer', { a: { kind: 'oidc', client_id: 'x' } }],
    ['an issuer for Google', { a: { kind: 'google', client_id: 'x', issuer: 'https://canary.example.com' } }],
    ['a scope of two words', { a: { ...GITHUB, scopes: ['user repo'] } }],
    ['an unknown authentication method', { a: { ...GITHUB, token_endpoint_auth_method: 'private_key_jwt' } }],
    ['21 providers', Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`p${i}`, GITHUB]))],
  ])('are refused with %s among the providers (H4)', (_, providers) => {
    expect(refusedSettings(withProviders(providers))).toEqual(['OAUTH_PROVIDERS'])
  })

  it('are refused with the name of a client secret that is missing or too short (H4)', () => {
    const providers = {
      github: GITHUB,
      'my-idp': { kind: 'oidc', client_id: 'x', issuer: 'https://idp.example.com:8443/a' },
    }
    const [one, two] = ['OAUTH_GITHUB_CLIENT_SECRET', 'OAUTH_MY_IDP_CLIENT_SECRET']
    expect(refusedSettings(withProviders(providers))).toEqual([one, two])
    expect(refusedSettings(withProviders(providers, { [one]: 'canary', [two]: 'long enough' }))).toEqual([one])
    const config = parseConfig(withProviders(providers, { [one]: 'a long secret', [two]: 'long enough' }))
    expect(config.clientSecrets).toEqual({ github: 'a long secret', 'my-idp': 'long enough' })
    expect(JSON.stringify(config.settings)).not.toContain('long')
    expect(parseConfig({ ...VALID, OAUTH_PROVIDERS: { github: GITHUB }, [one]: 'a long secret' })).toBeDefined()
  })

  const TERMS = { version: '2026-11', title: 'Terms', url: 'https://canary.example.com/terms', required: true }

  it.each([
    ['broken JSON', '{"canary"'],
    ['a list', [TERMS]],
    ['a number', 7],
    ['a name in capitals', { Canary: TERMS }],
    ['the document of the browser’s signal', { 'sale-or-sharing': TERMS }],
    ['an unknown member', { terms: { ...TERMS, canary: 1 } }],
    ['no version', { terms: { ...TERMS, version: undefined } }],
    ['a version of two words', { terms: { ...TERMS, version: 'of canary' } }],
    ['no title', { terms: { ...TERMS, title: '' } }],
    ['a title of two lines', { terms: { ...TERMS, title: 'a\ncanary' } }],
    ['a title without English', { terms: { ...TERMS, title: { de: 'canary' } } }],
    ['a title in an unknown language', { terms: { ...TERMS, title: { en: 'canary', xx: 'canary' } } }],
    ['an address without TLS', { terms: { ...TERMS, url: 'http://canary.example.com' } }],
    ['a script as address', { terms: { ...TERMS, url: { en: TERMS.url, de: 'javascript://localhost/%0Acanary' } } }],
    ['a required that is text', { terms: { ...TERMS, required: 'canary' } }],
    ['nine', Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`p${i}`, TERMS]))],
  ])('are refused with %s among the documents (H4)', (_, documents) => {
    const CONSENT_DOCUMENTS = typeof documents === 'string' ? documents : JSON.stringify(documents)
    expect(refusedSettings({ ...VALID, CONSENT_DOCUMENTS })).toEqual(['CONSENT_DOCUMENTS'])
  })

  it('have no documents by default, and up to eight, as a table or as text', () => {
    expect(parseConfig(VALID).settings.CONSENT_DOCUMENTS).toEqual([])
    const { required, ...terms } = TERMS
    const title = { en: 'Terms', de: 'Bedingungen' }
    const eight = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`p${i}`, { ...TERMS, title }]))
    for (const CONSENT_DOCUMENTS of [eight, JSON.stringify(eight)])
      expect(parseConfig({ ...VALID, CONSENT_DOCUMENTS }).settings.CONSENT_DOCUMENTS).toEqual(
        Object.keys(eight).map((name) => ({ ...terms, name, title, isRequired: required })),
      )
  })

  const OIDC = (issuer: string) => ({ a: { kind: 'oidc', client_id: 'x', issuer } })
  const SECRET = { OAUTH_A_CLIENT_SECRET: 'a long secret' }
  const MAIL_API = { MAIL_TRANSPORT: 'http', MAIL_HTTP_TOKEN: 'a token' }

  it.each([
    ...['https://localhost', 'https://127.0.0.1:8443', 'https://10.0.0.1/x', 'https://[::ffff:a00:1]', 'https://sso'],
    ...['https://2130706433', 'https://sso.internal', 'https://sso.local./x'],
  ])('that send requests are refused when they could never go out: %s (H4)', (url) => {
    for (const issuer of ['https://id.example.com', 'http://localhost:8787']) {
      const isLocal = issuer !== VALID.ISSUER && /localhost|127.0.0.1:8443|2130706433/.test(url)
      const refused = (name: string) => (isLocal ? undefined : [name])
      const using = { ...VALID, ISSUER: issuer }
      expect(refusedSettings({ ...using, ...SECRET, OAUTH_PROVIDERS: OIDC(url) })).toEqual(refused('OAUTH_PROVIDERS'))
      expect(refusedSettings({ ...using, ...MAIL_API, MAIL_HTTP_URL: url })).toEqual(refused('MAIL_HTTP_URL'))
      const base = url.replace(/\/x$/, '')
      const breaches = { BREACH_CHECK: 'true', BREACH_CHECK_URL: base }
      expect(refusedSettings({ ...using, ...breaches })).toEqual(refused('BREACH_CHECK_URL'))
    }
  })

  it.each(['http://localhost:8080', 'http://127.0.0.1:8080/realms/x', 'http://[::1]:8080'])(
    'send requests to %s from this machine alone',
    (url) => {
      const local = { ...VALID, ISSUER: 'http://localhost:8787' }
      const provider = { ...SECRET, OAUTH_PROVIDERS: OIDC(url) }
      expect(refusedSettings({ ...local, ...provider })).toBeUndefined()
      expect(refusedSettings({ ...VALID, ...provider })).toEqual(['OAUTH_PROVIDERS'])
      expect(refusedSettings({ ...local, ...MAIL_API, MAIL_HTTP_URL: url })).toBeUndefined()
      expect(refusedSettings({ ...VALID, ...MAIL_API, MAIL_HTTP_URL: url })).toEqual(['MAIL_HTTP_URL'])
    },
  )

  it('refuses a shorter LOG_PUBLISH_SECONDS than five minutes, except on this machine (K31)', () => {
    const often = { LOG_PUBLISH_SECONDS: '299' }
    expect(refusedSettings({ ...VALID, ...often })).toEqual(['LOG_PUBLISH_SECONDS'])
    expect(refusedSettings({ ...VALID, LOG_PUBLISH_SECONDS: '300' })).toBeUndefined()
    expect(refusedSettings({ ...VALID, ...often, ISSUER: 'http://localhost:8787' })).toBeUndefined()
    const never = { LOG_PUBLISH_SECONDS: '0', ISSUER: 'http://localhost:8787' }
    expect(refusedSettings({ ...VALID, ...never })).toEqual(['LOG_PUBLISH_SECONDS'])
  })

  it('M11 require two factors of everyone only where a mailed code can help to set them up (H4)', () => {
    const everyone = { ...VALID, TWO_STEP_REQUIRED: 'everyone' }
    expect(refusedSettings(everyone)).toBeUndefined()
    expect(refusedSettings({ ...everyone, MAIL_TRANSPORT: 'off' })).toEqual(['TWO_STEP_REQUIRED'])
    expect(refusedSettings({ ...VALID, MAIL_TRANSPORT: 'off' })).toBeUndefined()
  })

  it('M11 name no role where the policy needs none', () => {
    expect(refusedSettings({ ...VALID, TWO_STEP_REQUIRED: 'everyone', TWO_STEP_ROLES: '' })).toBeUndefined()
    const { settings } = parseConfig({ ...VALID, TWO_STEP_ROLES: ' admin, support ' })
    expect(settings).toMatchObject({ TWO_STEP_REQUIRED: 'roles', TWO_STEP_ROLES: ['admin', 'support'] })
  })

  describe('WITNESSES', () => {
    const KEY = 'auditor.example/w1+fa6e294a+BOfhJEE/4/ybBFnfV6BaWDT5hVCE83EDsFEoP7XigAbM'
    const at = (url: string) => `witness w ${KEY} ${url}\nquorum w\n`

    it.each([
      at('https://witness.example'),
      at('https://witness.example/prefix/'),
      `# nobody\nquorum none\n`,
      '',
      ' \n ',
    ])('may be %j (K12)', (text) => {
      expect(refusedSettings({ ...VALID, WITNESSES: text })).toBeUndefined()
    })

    it.each([
      'quorum w',
      `witness w ${KEY}\nquorum w`,
      `witness w ${KEY} https://witness.example`,
      `witness w ${KEY.replace('fa6e294a', '0a6e294a')} https://witness.example\nquorum w`,
      at('http://witness.example'),
      at('https://witness.internal'),
      at('https://10.0.0.1'),
      at('https://witness.example/?a=b'),
      at('https://witness.example/#a'),
      at('witness.example'),
      at('http://localhost:8788'),
      `${'#'.repeat(40_000)}\nquorum none`,
    ])('are refused by their name: %j (K12, H4)', (text) => {
      expect(refusedSettings({ ...VALID, WITNESSES: text })).toEqual(['WITNESSES'])
    })

    it('may be on this machine if the service is', () => {
      const local = { ...VALID, ISSUER: 'http://localhost:8787' }
      expect(refusedSettings({ ...local, WITNESSES: at('http://localhost:8788') })).toBeUndefined()
    })
  })

  it('that nothing uses may name any address, as before', () => {
    const unused = { MAIL_HTTP_URL: 'http://localhost:3000', BREACH_CHECK_URL: 'https://localhost' }
    expect(refusedSettings({ ...VALID, ...unused })).toBeUndefined()
  })

  it.each([
    ['OAUTH_REDIRECT_URIS', 'http://canary.example.com/'],
    ['OAUTH_REDIRECT_URIS', 'https://canary.example.com'],
    ['OAUTH_REDIRECT_URIS', 'https://CANARY.example.com/'],
    ['OAUTH_REDIRECT_URIS', 'https://canary.example.com/#fragment'],
    ['OAUTH_REDIRECT_URIS', 'https://user@canary.example.com/'],
    ['OAUTH_REDIRECT_URIS', 'https://canary.example.com/*/ ftp://canary.example.com/'],
    ['OAUTH_REDIRECT_URIS', 'canary:/signed-in'],
    ['OAUTH_REDIRECT_URIS', 'javascript:alert(1)'],
    ['RETURN_ADDRESSES', 'http://canary.example.com/'],
    ['RETURN_ADDRESSES', 'https://canary.example.com'],
    ['RETURN_ADDRESSES', 'https://canary.example.com/#fragment'],
    ['RETURN_ADDRESSES', 'https://user@canary.example.com/'],
    ['RETURN_ADDRESSES', 'https://canary.example.com/?code=x'],
    ['RETURN_ADDRESSES', 'https://canary.example.com/* com.example.canary:/signed-in'],
    ['RETURN_ADDRESSES', Array.from({ length: 101 }, (_, n) => `https://canary.example.com/${n}`).join()],
    ['OAUTH_PROFILE_FIELDS', 'full_name canary'],
  ])('are refused with the name %s when it is %j (H4)', (name, value) => {
    expect(refusedSettings({ ...VALID, [name]: value })).toEqual([name])
  })

  it('accept lists with spaces, and versions that are no longer in ROOT_KEYS', () => {
    const { settings } = parseConfig({
      ...VALID,
      REVOKED_SIGNING_KEYS: ' 1.2026-11, 1.2026-11.2,',
      DISTRUSTED_ROOT_KEYS: '7 ,8, 9@12,10@0',
    })
    expect(settings.REVOKED_SIGNING_KEYS).toEqual(['1.2026-11', '1.2026-11.2'])
    expect(settings.DISTRUSTED_ROOT_KEYS).toEqual([
      { version: 7 },
      { version: 8 },
      { version: 9, sequence: 12 },
      { version: 10, sequence: 0 },
    ])
  })

  it('are refused with the names of all that are wrong, each once (H4)', () => {
    expect(refusedSettings({ ROOT_KEYS: '1:canary,2:canary', PASSWORD_MIN_LENGTH: 'canary' })).toEqual([
      ...['ISSUER', 'AUDIENCE', 'PASSWORD_MIN_LENGTH', 'ROOT_KEYS'],
    ])
  })

  it.each(['http://localhost:8787', 'http://127.0.0.1', 'http://[::1]:80', 'https://id.example.com:8443'])(
    'accept the issuer %s unless it has the default port',
    (issuer) => {
      const expected = issuer.endsWith(':80') ? ['ISSUER'] : undefined
      expect(refusedSettings({ ...VALID, ISSUER: issuer })).toEqual(expected)
    },
  )
})

describe('a Worker that is not configured', () => {
  const secret = repeated('canary')
  const unconfigured = { ...env, ROOT_KEYS: `1:${secret}` } as Env
  let logged: MockInstance<typeof console.error>

  beforeEach(() => {
    logged = vi.spyOn(console, 'error').mockImplementation(() => undefined)
  })

  afterEach(() => logged.mockRestore())

  it.each([
    ...routes.map(({ method, path }) => [method, path.replaceAll(/:[a-z_]+/g, 'x')] as const),
    ['GET', '/'] as const,
    ['GET', '/nowhere'] as const,
    ['OPTIONS', '/api/v1/auth/login'] as const,
  ])('answers 503 to %s %s and logs the name of the setting, not its value (H4)', async (method, path) => {
    const answer = await call(path, { method, env: unconfigured, ...(method === 'POST' && { body: {} }) })
    expect(answer.status).toBe(503)
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8')
    expect(answer.headers.get('retry-after')).toMatch(/^\d+$/)
    expect(answer.body).toMatchObject({ code: 'misconfigured', status: 503 })
    expect(JSON.stringify(answer.body)).not.toMatch(/ROOT_KEYS|canary/)
    expect(logged).toHaveBeenCalledOnce()
    const line = String(logged.mock.calls[0]?.[0])
    expect(JSON.parse(line)).toMatchObject({ level: 'error', event: 'misconfigured', settings: ['ROOT_KEYS'] })
    expect(line).not.toContain(secret)
  })

  it('still answers /livez with 200 (H4)', async () => {
    expect((await call('/livez', { env: unconfigured })).status).toBe(200)
    expect(logged).not.toHaveBeenCalled()
  })

  it('answers the same when the secret is missing (H4)', async () => {
    const { ROOT_KEYS: _, ...rest } = env as Env & { ROOT_KEYS: string }
    expect((await call('/readyz', { env: rest as Env })).body.code).toBe('misconfigured')
  })
})
