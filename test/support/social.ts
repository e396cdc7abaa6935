import { env } from 'cloudflare:workers'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterEach, beforeEach, expect, vi } from 'vitest'
import { type Answer, type Call, call, post } from './api.ts'
import { countOf } from './stores.ts'

export const APP = 'https://app.example/callback'
export const ACME = 'https://id.acme.test'

/** The issuer in every answer of GitHub's authorization endpoint (RFC 9207). */
const GITHUB_ISSUER = 'https://github.com/login/oauth'

const PROVIDERS = {
  google: { kind: 'google', client_id: 'google-client' },
  github: { kind: 'github', client_id: 'github-client' },
  acme: { kind: 'oidc', issuer: ACME, client_id: 'acme-client' },
}
export type ProviderName = keyof typeof PROVIDERS

export const socialSettings = {
  OAUTH_PROVIDERS: JSON.stringify(PROVIDERS),
  OAUTH_GOOGLE_CLIENT_SECRET: 'google-secret',
  OAUTH_GITHUB_CLIENT_SECRET: 'github-secret',
  OAUTH_ACME_CLIENT_SECRET: 'acme-secret',
  OAUTH_REDIRECT_URIS: `${APP} http://127.0.0.1/native com.example.app:/signed-in https://app.example/?page=in`,
}

/** A Worker with three providers. It keeps their metadata between tests, as an isolate does. */
export const socialEnv = (settings: object = {}): Env => ({ ...env, ...socialSettings, ...settings }) as unknown as Env

/** A user with an account at a provider. For GitHub the subject is a number. */
export interface Account {
  readonly sub: string
  readonly email?: unknown
  readonly email_verified?: unknown
  readonly name?: string
  readonly picture?: string
}

interface Grant {
  readonly account: Account
  readonly nonce: string | null
  readonly challenge: string | null
}

type Guard = (headers: Headers, form: URLSearchParams) => Response | undefined

/** Answers requests for one path in place of the providers. */
type Stand = (request: Request) => Response | Promise<Response>

export interface Providers {
  /** Consents at the provider to which this address leads. @returns the request of the callback */
  consent(location: string, account: Account): URLSearchParams
  /** Changes the claims of all later ID tokens, or the key that signs them. */
  bend(change: (claims: Record<string, unknown>) => Record<string, unknown>): void
  rotateKeys(): Promise<void>
  /** Checks the client of every token request. A returned answer is a refusal. */
  guard(guard: Guard): void
  /** Replaces an endpoint, selected by the end of its address. */
  replace(endpoint: string, stand: Stand): void
  /** The addresses that were requested, in order. */
  readonly asked: string[]
}

let counter = 0
export const newAccount = (extra: Partial<Account> = {}): Account => {
  const number = ++counter
  return { sub: String(90_000 + number), email: `social${number}@example.com`, email_verified: true, ...extra }
}

const ISSUERS: Record<string, { issuer: string; client: string }> = {
  'accounts.google.com': { issuer: 'https://accounts.google.com', client: 'google-client' },
  'id.acme.test': { issuer: ACME, client: 'acme-client' },
}

export const json = (body: unknown, status = 200): Response =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } })

const keyPair = async (kid: string) => {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true })
  return { kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' } }
}

/** One for all tests, because the Worker keeps keys between them. */
let firstKey: ReturnType<typeof keyPair> | undefined

/** Replaces everything beyond this machine: Google, GitHub and one more OpenID provider. */
export async function openProviders(): Promise<Providers> {
  const grants = new Map<string, Grant>()
  const stands = new Map<string, Stand>()
  const asked: string[] = []
  let bend = (claims: Record<string, unknown>) => claims
  let guard: Guard = () => undefined
  firstKey ??= keyPair('key-1')
  let key = await firstKey

  async function issue(request: Request, host: string): Promise<Response> {
    const form = new URLSearchParams(new TextDecoder().decode(await request.arrayBuffer()))
    const refusal = guard(request.headers, form)
    if (refusal !== undefined) return refusal
    const grant = grants.get(form.get('code') ?? '')
    grants.delete(form.get('code') ?? '')
    const isGitHub = host === 'github.com'
    if (grant === undefined || (await s256(form.get('code_verifier') ?? '')) !== grant.challenge)
      return json({ error: isGitHub ? 'bad_verification_code' : 'invalid_grant' }, isGitHub ? 200 : 400)
    if (isGitHub) return json({ access_token: tokenFor(grant.account), token_type: 'bearer', scope: 'read:user' })
    const place = ISSUERS[host]
    const now = Math.floor(Date.now() / 1000)
    const claims = bend({
      iss: place?.issuer,
      aud: place?.client,
      iat: now,
      exp: now + 300,
      nonce: grant.nonce,
      ...grant.account,
    })
    const idToken = await new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: key.kid }).sign(key.privateKey)
    return json({ access_token: tokenFor(grant.account), token_type: 'Bearer', expires_in: 300, id_token: idToken })
  }

  async function answer(request: Request): Promise<Response> {
    const { host, pathname, origin } = new URL(request.url)
    const stand = [...stands].find(([end]) => request.url.endsWith(end))?.[1]
    if (stand !== undefined) return stand(request)
    if (pathname === '/.well-known/openid-configuration') return json(metadata(origin))
    if (pathname === '/keys') return json({ keys: [key.jwk] })
    if (pathname === '/token' || pathname === '/login/oauth/access_token') return issue(request, host)
    const account = accountOf(request)
    if (pathname === '/userinfo') return json(account)
    if (pathname === '/user')
      return json({ id: Number(account.sub), login: 'x', email: null, ...githubProfile(account) })
    if (pathname === '/user/emails') return json(githubEmails(account))
    return new Response('nothing here', { status: 404 })
  }

  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    // As the one place for outgoing requests sends them. A library left to itself would follow redirects.
    expect(init).toMatchObject({ redirect: 'manual', cache: 'no-store' })
    const request = new Request(input as string, init)
    asked.push(request.url)
    return answer(request)
  })

  return {
    asked,
    consent(location, account) {
      const { hostname, searchParams: query } = new URL(location)
      const code = crypto.randomUUID()
      grants.set(code, { account, nonce: query.get('nonce'), challenge: query.get('code_challenge') })
      const iss = hostname === 'github.com' && { iss: GITHUB_ISSUER }
      return new URLSearchParams({ code, state: query.get('state') ?? '', ...iss })
    },
    bend(change) {
      bend = change
    },
    guard(next) {
      guard = next
    },
    async rotateKeys() {
      key = await keyPair(`key-${crypto.randomUUID()}`)
    },
    replace: (endpoint, stand) => void stands.set(endpoint, stand),
  }
}

/** Prepares the same mocks for every test of a file. Clocks and spies are restored after each. */
export function providersForEachTest(): Providers {
  let current: Providers
  beforeEach(async () => {
    current = await openProviders()
  })
  afterEach(() => {
    vi.restoreAllMocks()
    vi.useRealTimers()
  })
  return {
    get asked() {
      return current.asked
    },
    consent: (location, account) => current.consent(location, account),
    bend: (change) => current.bend(change),
    guard: (next) => current.guard(next),
    rotateKeys: () => current.rotateKeys(),
    replace: (endpoint, stand) => current.replace(endpoint, stand),
  }
}

const metadata = (origin: string) => ({
  issuer: origin,
  authorization_endpoint: `${origin}/authorize`,
  token_endpoint: `${origin}/token`,
  userinfo_endpoint: `${origin}/userinfo`,
  jwks_uri: `${origin}/keys`,
  id_token_signing_alg_values_supported: ['RS256'],
})

const tokenFor = (account: Account): string => `token.${btoa(JSON.stringify(account))}`
const accountOf = (request: Request): Account =>
  JSON.parse(atob((request.headers.get('authorization') ?? '').replace(/^Bearer token\./, '') || btoa('{}')))
const githubProfile = ({ name, picture }: Account) => ({ name: name ?? null, avatar_url: picture ?? null })
const githubEmails = ({ email, email_verified }: Account) => [
  { email: 'other@example.com', primary: false, verified: true, visibility: null },
  ...(email === undefined ? [] : [{ email, primary: true, verified: email_verified, visibility: 'private' }]),
]

export async function s256(verifier: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))
  return btoa(String.fromCharCode(...new Uint8Array(digest)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}

/** A sign-in after the redirect to its provider. */
export interface Begun {
  readonly answer: Answer
  readonly location: string
  /** The callback as the browser sends it. */
  readonly cookie: string
  readonly verifier: string
}

interface Beginning {
  readonly env: Env
  readonly query?: Record<string, string>
}

export async function begin(provider: string, { env: using, query }: Beginning): Promise<Begun> {
  const verifier = crypto.randomUUID() + crypto.randomUUID()
  const parameters = new URLSearchParams({ redirect_uri: APP, code_challenge: await s256(verifier), ...query })
  const answer = await call(`/api/v1/auth/oauth/${provider}/start?${parameters}`, { env: using })
  const [cookie = ''] = (answer.headers.get('set-cookie') ?? '').split(';')
  return { answer, location: answer.headers.get('location') ?? '', cookie, verifier }
}

export const comeBack = (
  provider: string,
  { cookie }: Pick<Begun, 'cookie'>,
  parameters: URLSearchParams,
  options: Call,
): Promise<Answer> =>
  call(`/api/v1/auth/oauth/${provider}/callback?${parameters}`, {
    ...options,
    headers: { cookie, ...options.headers },
  })

/** The parameters in the address to which the browser returns in the application. */
export const handedBack = (answer: Answer): URLSearchParams =>
  new URL(answer.headers.get('location') ?? '').searchParams

export const redeem = (code: string | null, verifier: string, using: Env, extra: object = {}): Promise<Answer> =>
  post('/auth/oauth/token', { code, code_verifier: verifier, ...extra }, { env: using })

export interface Dance {
  readonly env: Env
  readonly query?: Record<string, string>
  readonly headers?: Record<string, string>
}

/** Goes to the provider and back. @returns the parameters that the application received, and its verifier */
export async function dance(providers: Providers, provider: ProviderName, account: Account, options: Dance) {
  const begun = await begin(provider, options)
  const back = await comeBack(provider, begun, providers.consent(begun.location, account), options)
  return { begun, back, handed: handedBack(back), verifier: begun.verifier }
}

/** The complete sign-in. */
export async function signInWith(providers: Providers, provider: ProviderName, account: Account, options: Dance) {
  const { handed, verifier } = await dance(providers, provider, account, options)
  return redeem(handed.get('code'), verifier, options.env)
}

/** The error that the application received, or null. */
export const errorOf = (answer: Answer) => handedBack(answer).get('error')

/** Counts users and identities. */
export const countPeople = async () => [await countOf('users'), await countOf('social_logins')]
